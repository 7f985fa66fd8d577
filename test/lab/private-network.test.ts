/** A private network of the server's has no way out: whoever is on it uses the server's address there, or the server itself as next hop. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { verifyPolicy } from "../../harness/pipelines/verify.ts";

const policy = (network: string, reachable: string) => `server: { sshd_config: sshd_config, firewall: nftables.conf }
network:
  server: ${network}
forwards:
  rdp: { ssh: "-R :43234:localhost:3389", reachable_from: ${reachable} }
`;
const front = '{ interface: eth0, address: [198.51.100.10/24, "2001:db8:100::10/64"] }';
const vpn = "{ interface: wg0, address: [10.8.0.1/24], ipv6: false }";
const ruleset = (accept: string) => `table inet filter {
  chain input {
    type filter hook input priority filter; policy drop;
    iif lo accept
    ct state established,related accept
    meta l4proto { icmp, ipv6-icmp } accept
    tcp dport 22 accept
    ${accept}
  }
}
`;

async function verified(network: string, reachable: string, accept: string) {
  const folder = mkdtempSync(join(tmpdir(), "forwardlab-private-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "policy.yaml"), policy(network, reachable));
  writeFileSync(join(folder, "sshd_config"), "GatewayPorts clientspecified\n");
  writeFileSync(join(folder, "nftables.conf"), ruleset(accept));
  const { outcome, cells } = await verifyPolicy(join(folder, "policy.yaml"), { remedies: false });
  const seen = cells
    .filter(({ vantage, family }) => vantage === "server-lan-wg0" && family === 4)
    .map(({ target, via, expected, observed, status }) => [
      via === undefined ? target : `${target} via ${via}`,
      expected,
      observed,
      status,
    ]);
  return { outcome, seen };
}

test.each([
  ["", vpn],
  [" with a single address", vpn.replace("/24", "/32")],
])("one entry lets a VPN's peer%s in: at the address there, and with the server as next hop", async (_, wg0) => {
  const { outcome, seen } = await verified(`[${front}, ${wg0}]`, "[server-lan-wg0]", 'iifname "wg0" accept');
  expect(seen).toEqual([
    ["10.8.0.1:43234", "reachable", "reached", "held"],
    ["198.51.100.10:43234", null, "unreachable", "optional"],
    ["198.51.100.10:43234 via 10.8.0.1", null, "reached", "optional"],
  ]);
  expect(outcome).toBe("pass");
});

test("control: without an entry both ways in are violations, and there is no third one", async () => {
  const { outcome, seen } = await verified(`[${front}, ${vpn}]`, "[]", 'iifname "wg0" accept');
  expect(seen).toEqual([
    ["10.8.0.1:43234", "blocked", "reached", "violated"],
    ["198.51.100.10:43234", "blocked", "unreachable", "held"],
    ["198.51.100.10:43234 via 10.8.0.1", "blocked", "reached", "violated"],
  ]);
  expect(outcome).toBe("fail");
});

test("a server whose first interface is the private one answers the internet by the other", async () => {
  const { outcome } = await verified(
    `[${vpn}, ${front}]`,
    "[server-lan-eth0, internet, other-lan, home-lan]",
    'iifname "eth0" tcp dport 43234 accept',
  );
  expect(outcome).toBe("pass");
});
