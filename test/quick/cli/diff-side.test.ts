import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readSide } from "../../../harness/pipelines/diff-side.ts";
import { fleetWith } from "../report/fleet-sample.ts";

const examples = join(import.meta.dirname, "..", "..", "..", "examples");
const ufw = join(examples, "ufw", "etc");

test("a copy of /etc/ufw is a firewall, and the folder around it is none", async () => {
  expect(await readSide({ name: "ufw", path: join(ufw, "ufw") })).toMatchObject({ kind: "config", replaces: "firewall" });
  await expect(readSide({ name: "etc", path: ufw })).rejects.toMatchObject({ code: "diff-side" });
});

test("several policies: a folder of them, a pattern, the result of a fleet", async () => {
  const folder = mkdtempSync(join(tmpdir(), "forwardlab-side-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const results = join(folder, "fleet.json");
  writeFileSync(results, JSON.stringify(fleetWith([])));
  const fleet = join(examples, "fleet");
  const below = async (path: string) => {
    const side = await readSide({ name: path, path });
    return side.kind === "policies" ? side.policies.map(({ keys }) => keys.below) : side.kind;
  };
  const all = ["bastion", "cloud", "docker-host", "firewalld-host", "ufw-vps"];
  expect(await below(fleet)).toEqual(all);
  expect(await below(join(fleet, "*/policy.yaml"))).toEqual(all);
  expect(await below(join(fleet, "*-host"))).toEqual(["docker-host", "firewalld-host"]);
  expect(await below(results)).toBe("fleet");
  // One that is named by itself is one.
  expect(await below(join(fleet, "cloud"))).toBe("policy");
});
