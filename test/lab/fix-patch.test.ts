/** What `verify` tells to change was tried: `patch -p1` with what `--fix-patch` writes makes the same policy pass. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Result } from "../../harness/core/result.ts";
import { cli } from "../quick/cli/run-cli.ts";

const files = {
  "policy.yaml": `server: { sshd_config: sshd_config, firewall: nftables.conf }
forwards:
  rdp: { ssh: "-R :43234:localhost:3389", reachable_from: [campus] }
  web: { ssh: "-R :43235:localhost:8080", reachable_from: [campus] }
`,
  sshd_config: "GatewayPorts no\n",
  "nftables.conf": `table inet filter {
  chain input {
    type filter hook input priority filter; policy drop;
    iif lo accept
    ct state established,related accept
    meta l4proto { icmp, ipv6-icmp } accept
    tcp dport 22 accept
    ip saddr 198.51.100.20 tcp dport { 43234, 43235 } accept
    ip6 saddr 2001:db8:100::20 tcp dport { 43234, 43235 } accept
  }
}
`,
};

test("the patch mends it, and nothing is tried where that is not wanted", async () => {
  const folder = mkdtempSync(join(tmpdir(), "forwardlab-fix-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  const [patch, report] = [join(folder, "fix.patch"), join(folder, "result.json")];
  const result = () => JSON.parse(readFileSync(report, "utf8")) as Result;

  const untried = await cli(["verify", folder, "--no-remedies", "--report", `json=${report}`, "--quiet"]);
  expect(untried).toMatchObject({ code: 1 });
  expect([...result().cells, ...result().forwards].filter(({ remedy }) => remedy)).toEqual([]);

  const tried = await cli(["verify", folder, "--fix-patch", patch, "--report", `json=${report}`, "--quiet"]);
  expect(tried).toMatchObject({ code: 1 });
  const remedies = result().cells.flatMap(({ remedy }) => remedy ?? []);
  expect(remedies.length).toBeGreaterThan(0);
  for (const { patch: own } of remedies) expect(own).toContain("+GatewayPorts clientspecified");

  expect(readFileSync(patch, "utf8").split("\n")[0]).toBe(`# Remedies that work together; run \`patch -p1\` in ${folder}`);
  execFileSync("patch", ["-p1", "-i", patch], { cwd: folder });
  expect(await cli(["verify", folder, "--quiet"])).toMatchObject({ code: 0 });
});
