/** `forwardlab merge`: parts that ran apart give the result of one run. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { comparable, type Result } from "../../../harness/core/result.ts";
import { cli, folderOf } from "../../quick/cli/run-cli.ts";

const files = {
  "policy.yaml": `server: { sshd_config: sshd_config }
forwards:
  rdp: { ssh: "-R :43234:localhost:3389", reachable_from: [anyone] }
  web: { ssh: "-R 43235:localhost:8080", reachable_from: [] }
  db: { ssh: "-R :43236:localhost:5432", reachable_from: [campus] }
`,
  sshd_config: "GatewayPorts clientspecified\n",
};

/** Without what differs from run to run: times, logs, ports of clients; and what the lab adds for the forwards of one part. */
function settled({ provenance, forwards, cells, ...result }: Result) {
  const { startedAt: _, durationMs: __, adaptations: ___, adaptationDetails: ____, ...rest } = provenance;
  return {
    ...result,
    provenance: rest,
    forwards: forwards.map(({ clientLog: _, serverLog: __, ...forward }) => forward),
    cells: cells.map(({ evidence: _, ...cell }) => cell),
  };
}

test("all parts give the undivided result, its reports and its exit code; a missing part is an error", async () => {
  await using folder = await folderOf(files);
  const at = (name: string) => join(folder.path, name);
  const read = (name: string) => JSON.parse(readFileSync(at(name), "utf8")) as Result;
  const verify = (name: string, ...args: string[]) =>
    cli(["verify", folder.path, "--quiet", "--no-remedies", "--report", `json=${at(name)}`, ...args]);
  const whole = await verify("whole.json");
  expect(whole.code, whole.stderr).toBe(1);
  for (const index of [1, 2]) await verify(`${index}.json`, "--shard", `${index}/2`);
  expect(read("2.json").provenance).toMatchObject({ shard: { index: 2, count: 2 }, forwards: ["rdp", "web", "db"] });

  const merged = await cli([
    "merge",
    at("2.json"),
    at("1.json"),
    "--report",
    `json=${at("merged.json")}`,
    "--report",
    `junit=${at("m.xml")}`,
  ]);
  expect(merged.code, merged.stderr).toBe(1);
  expect(merged.stdout).toMatch(/^✘ FAIL/);
  expect(settled(read("merged.json"))).toEqual(settled(read("whole.json")));
  expect(comparable(read("merged.json"))).toEqual(comparable(read("whole.json")));
  expect(readFileSync(at("m.xml"), "utf8")).toContain("<testsuites");
  expect((await cli(["diff", at("whole.json"), at("merged.json")])).stdout).toContain("Nothing changed: ");
  // Of a part alone, what it left out is no removal.
  expect((await cli(["diff", at("whole.json"), at("1.json")])).code).toBe(2);

  const lacking = await cli(["merge", at("1.json"), "--quiet"]);
  expect([lacking.code, lacking.stdout]).toEqual([2, ""]);
  expect(lacking.stderr).toContain("part 2/2 missing");
});
