/** The image with a firewall's own tool and a folder for copies of its files, for the tests of one file. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { type Engine, ensureEngine, ensureImages, imageKey } from "../../harness/engine/index.ts";

const progress = () => undefined;

export interface FirewallTool {
  engine: Engine;
  /** Reference of the image. */
  image: string;
  folder: string;
}

/** Its fields are there when the tests begin. */
export function firewallTool(target: "ufw" | "firewalld"): FirewallTool {
  const tool = {} as FirewallTool;
  beforeAll(async () => {
    tool.engine = await ensureEngine({ progress });
    const request = { target };
    tool.image = (await ensureImages(tool.engine, [request], { progress }))[imageKey(request)]?.reference ?? "";
    tool.folder = await mkdtemp(join(tmpdir(), `forwardlab-${target}-`));
  });
  afterAll(() => rm(tool.folder, { recursive: true }));
  return tool;
}
