import { join } from "node:path";
import { expect, test } from "vitest";
import { readSide } from "../../../harness/pipelines/diff-side.ts";

const ufw = join(import.meta.dirname, "..", "..", "..", "examples", "ufw", "etc");

test("a copy of /etc/ufw is a firewall, and the folder around it is none", async () => {
  expect(await readSide({ name: "ufw", path: join(ufw, "ufw") })).toMatchObject({ kind: "config", replaces: "firewall" });
  await expect(readSide({ name: "etc", path: ufw })).rejects.toMatchObject({ code: "diff-side" });
});
