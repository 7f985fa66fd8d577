/** The examples: policies that are right pass, one that is wrong fails and names what decided. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Fleet } from "../../../harness/core/fleet.ts";
import { exitCode } from "../../../harness/core/result.ts";
import { renderReport } from "../../../harness/report/render.ts";
import { cli, folderOf } from "../../quick/cli/run-cli.ts";

const examples = join(import.meta.dirname, "..", "..", "..", "examples");

// Those of examples/fleet are run as the README has it.
const right = readdirSync(examples).filter((name) => existsSync(join(examples, name, "policy.yaml")));

const wrong = [
  { name: "debian-default", says: ["campus and other-lan cannot reach it", "`GatewayPorts no` (the default)"] },
  { name: "cloud-vm", says: ["home-lan and internet reach it over IPv6", "60-tunnels.conf:2"] },
  { name: "bastion", says: ["internet cannot reach it over IPv4", "server-firewall  nftables.d/10-blocked.nft:4"] },
  { name: "certificates", says: ["the certificate lacks `permit-port-forwarding`", "key-options  alice-cert.pub:1"] },
  {
    name: "fleet/firewalld-host",
    says: ["home-lan and internet reach it over IPv6", "server-firewall  etc/firewalld/zones/public.xml:13"],
  },
  { name: "ufw", says: ["home-lan and internet reach it over IPv6", "server-firewall  etc/ufw/user6.rules:24"] },
  {
    name: "security-group",
    says: ["cloud-firewall  security-groups.json:56", "The cloud's firewall in front of server drops the packet", "security-groups.json:3"],
  },
  { name: "jump-host", says: ["server cannot reach it over IPv4", "10.20.0.5:8080", "server-firewall  inner/nftables.conf:5"] },
  { name: "terraform", says: ["internet reach it over IPv4", "cloud-firewall  plan.json:", "accepts the packet"] },
  { name: "two-networks", says: ["campus cannot reach it over IPv4", "133.1.17.5:43234", "server-firewall  nftables.conf:3"] },
];

// One fleet of them all: those of one example share a lab.
test("the examples: right policies hold, and of wrong ones what decided is named", { timeout: 300_000 }, async () => {
  await using folder = await folderOf({});
  const report = join(folder.path, "fleet.json");
  const policies = [...right.map((name) => join(examples, name)), ...wrong.map(({ name }) => join(examples, name, "policy.wrong.yaml"))];
  const { code, stderr } = await cli(["verify", "--no-remedies", "--quiet", "--report", `json=${report}`, ...policies]);
  expect(code, stderr).toBe(1);
  const { servers } = JSON.parse(readFileSync(report, "utf8")) as Fleet;
  const resultOf = (file: string) => {
    const result = servers.find(({ name }) => name.endsWith(file))?.result;
    if (!result) throw new Error(`no result of ${file}`);
    return result;
  };
  expect(right.length).toBeGreaterThan(7);
  expect(servers.length).toBe(policies.length);
  for (const name of right) expect.soft(exitCode(resultOf(`examples/${name}`)), name).toBe(0);
  for (const { name, says } of wrong) {
    const result = resultOf(`examples/${name}/policy.wrong.yaml`);
    expect.soft(exitCode(result), name).toBe(1);
    const text = renderReport("text", result);
    for (const part of says) expect.soft(text).toContain(part);
  }
});

test("with a policy of several servers, --world tells of every address", async () => {
  const { code, stdout } = await cli(["verify", "--no-remedies", "--world", join(examples, "jump-host", "policy.wrong.yaml")]);
  expect(stdout).toMatch(/10\.20\.0\.1 +server +✘ filtered/);
  expect(code).toBe(1);
});
