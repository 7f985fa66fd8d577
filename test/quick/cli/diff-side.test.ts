import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readSide } from "../../../harness/pipelines/diff-side.ts";

const examples = join(import.meta.dirname, "..", "..", "..", "examples");
const ufw = join(examples, "ufw", "etc");

test("a copy of /etc/ufw is a firewall, and the folder around it is none", async () => {
  expect(await readSide({ name: "ufw", path: join(ufw, "ufw") })).toMatchObject({ kind: "config", replaces: "firewall" });
  await expect(readSide({ name: "etc", path: ufw })).rejects.toMatchObject({ code: "diff-side" });
});

test("a fleet is compared server by server: the error says how, for its folder and for its results", async () => {
  const folder = mkdtempSync(join(tmpdir(), "forwardlab-side-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const results = join(folder, "fleet.json");
  writeFileSync(results, JSON.stringify({ schemaVersion: 1, kind: "fleet", servers: [] }));
  for (const [path, message] of [
    [join(examples, "fleet"), "it holds the policies (5) of several servers"],
    [results, "it holds the results of several servers"],
  ] as const)
    await expect(readSide({ name: "it", path })).rejects.toMatchObject({
      code: "diff-side",
      message,
      todo: expect.stringContaining("server by server: `forwardlab diff REVISION..REVISION -- SERVER/policy.yaml`"),
    });
  expect(await readSide({ name: "one", path: join(examples, "fleet", "cloud") })).toMatchObject({ kind: "policy" });
});
