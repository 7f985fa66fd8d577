/** `forwardlab verify` with several policies, and with `--watch`: real servers, right and wrong. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Fleet } from "../../../harness/core/fleet.ts";
import { cli, endOf, folderOf, startCli } from "../../quick/cli/run-cli.ts";

const policy = (more: string) => `server: { sshd_config: sshd_config }
${more}forwards:
  rdp: { ssh: "-R :43234:localhost:3389", reachable_from: [anyone] }
  own: { ssh: "-R localhost:43235:localhost:3389", reachable_from: [] }
`;
const own = 'network: { server: { address: ["203.0.113.130/25"], ipv6: false } }\n';

const files = {
  "right/policy.yaml": policy(""),
  "right/sshd_config": "GatewayPorts clientspecified\n",
  "wrong/policy.yaml": policy(""),
  "wrong/sshd_config": "GatewayPorts no\n",
  "typo/policy.yaml": policy(""),
  "typo/sshd_config": "GatewayPort yes\n",
  "elsewhere/policy.yaml": policy(own),
  "elsewhere/sshd_config": "GatewayPorts clientspecified\n",
};

test("one result for all: labs are shared, a server that cannot be verified keeps nobody else from a verdict", async () => {
  await using folder = await folderOf(files);
  const at = (name: string) => join(folder.path, name);
  const read = (name: string) => JSON.parse(readFileSync(at(name), "utf8")) as Fleet;
  const whole = await cli(["verify", folder.path, "--labs", "1", "--report", `json=${at("fleet.json")}`, "--report", "text=-"]);
  expect(whole.code, whole.stderr).toBe(1);
  expect(whole.stdout).toMatch(/^✘ FAIL {2}1 of 4 servers violates its policy; 1 has no trustworthy verdict\n/);
  const fleet = read("fleet.json");
  expect(fleet.servers.map(({ name, result, error }) => [name.slice(folder.path.length + 1), result?.outcome ?? error?.code])).toEqual([
    ["elsewhere", "pass"],
    ["right", "pass"],
    ["typo", "sshd-config"],
    ["wrong", "fail"],
  ]);
  // Three of one network, of which one breaks the lab that it is in; one of another.
  expect(fleet.labs).toBeLessThanOrEqual(3);
  const [violated] = fleet.servers[3]?.result?.cells.filter(({ status }) => status === "violated") ?? [];
  expect(violated).toMatchObject({ observed: "refused", decidedBy: { layer: "bind-address", file: "sshd_config", line: 1 } });
  expect(violated?.remedy?.patch).toContain("+GatewayPorts clientspecified");

  // In parts, and joined.
  for (const index of [1, 2])
    await cli(["verify", folder.path, "--quiet", "--no-remedies", "--shard", `${index}/2`, "--report", `json=${at(`${index}.json`)}`]);
  const merged = await cli(["merge", at("1.json"), at("2.json"), "--report", `json=${at("merged.json")}`, "--quiet"]);
  expect(merged.code, merged.stderr).toBe(1);
  const told = ({ servers }: Fleet) => servers.map(({ name, result, error }) => [name, result?.counts, error?.code]);
  expect(told(read("merged.json"))).toEqual(told(fleet));
});

test("--watch: judged again in the same lab whenever a file is saved; a file that is wrong ends nothing", async () => {
  await using folder = await folderOf(Object.fromEntries(Object.entries(files).filter(([name]) => name.startsWith("right/"))));
  const config = join(folder.path, "right/sshd_config");
  const child = startCli(["verify", join(folder.path, "right"), "--watch"]);
  const end = endOf(child);
  let told = "";
  const said = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!pattern.test(told)) return;
        child.stdout?.off("data", look);
        told = "";
        resolve();
      };
      child.stdout?.on("data", look);
      child.on("exit", () => reject(new Error(`it ended: ${told}`)));
    });
  child.stdout?.on("data", (chunk) => {
    told += chunk;
  });
  await said(/✔ PASS[\s\S]*self-check/);
  for (const [text, verdict] of [
    ["GatewayPorts no\n", /✘ FAIL[\s\S]*GatewayPorts no[\s\S]*self-check/],
    ["GatewayPort yes\n", /error\[sshd-config\][\s\S]*sshd_config:1/],
    ["GatewayPorts clientspecified\n", /✔ PASS[\s\S]*self-check/],
  ] as const) {
    const seen = said(verdict);
    writeFileSync(config, text);
    await seen;
  }
  child.kill("SIGINT");
  expect((await end).code).toBe(130);
});
