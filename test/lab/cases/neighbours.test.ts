/** A host on one of the server's LANs sends packets for the server's other addresses to the server itself, and Linux takes them. */
import { expect, test } from "vitest";
import { seen, verdicts, verifyFiles } from "./verify-files.ts";

const network = `network:
  server:
    - { interface: eth0, address: [198.51.100.10/24, "2001:db8:100::10/64"] }
    - { interface: back0, address: [10.30.0.1/30], ipv6: false }
`;
const policy = (firewall: string) => `server: { sshd_config: sshd_config${firewall} }
${network}forwards:
  rdp: { ssh: "-R 10.30.0.1:43234:localhost:3389", reachable_from: [{ vantage: server-lan-back0, address: 10.30.0.1 }] }
  db: { ssh: "-R 10.30.0.1:43235:localhost:5432", reachable_from: [] }
`;
const sshd_config = "GatewayPorts clientspecified\n";
const throughServer = { forward: "rdp", vantage: "campus", target: "10.30.0.1:43234", via: "198.51.100.10" };

/** Whom the lab adds on the back network, where the policy places nobody and no router has room. */
const behind = { vantage: "server-lan-back0", target: "10.30.0.1:43235" };

test("a bind address on the back network protects nothing from a neighbour in front, nor from one there", async () => {
  const result = await verifyFiles({ sshd_config, "policy.yaml": policy("") });
  expect(verdicts(result, throughServer)).toEqual(["reached"]);
  expect(verdicts(result, { vantage: "internet" })).not.toContain("reached");
  expect(result.outcome).toBe("fail");
  expect(result.cells.filter(({ vantage }) => vantage === behind.vantage)).toMatchObject([
    { ...behind, expected: "blocked", observed: "reached", status: "violated" },
    { vantage: behind.vantage, target: "198.51.100.10:43235", status: "held" },
    { vantage: behind.vantage, target: "198.51.100.10:43235", via: "10.30.0.1", status: "held" },
    { vantage: behind.vantage, target: "[2001:db8:100::10]:43235", status: "held" },
    { ...behind, target: "10.30.0.1:43234", expected: "reachable", observed: "reached", status: "held" },
    ...[{}, { via: "10.30.0.1" }].map((way) => ({ ...way, target: "198.51.100.10:43234", status: "held" })),
    { target: "[2001:db8:100::10]:43234", status: "held" },
  ]);
});

test("the control: rules that tie the address to its interface, and close a port there, do", async () => {
  const rules = `table inet edge {
  chain input {
    type filter hook input priority 0; policy accept;
    iifname != "back0" ip daddr 10.30.0.1 drop
    iifname "back0" tcp dport 43235 drop
  }
}
`;
  const result = await verifyFiles({ sshd_config, "policy.yaml": policy(", firewall: edge.nft"), "edge.nft": rules });
  expect(seen(result, throughServer)).toEqual(["filtered edge.nft:4"]);
  expect(seen(result, behind)).toEqual(["filtered edge.nft:5"]);
  expect(result.outcome).toBe("pass");
});

test("without an IPv6 address, the link-local one is a way in past rules for IPv4 alone; rules for both families close it", async () => {
  const rules = (family: string) => `table ${family} edge {
  chain input {
    type filter hook input priority 0; policy drop;
    iifname "lo" accept
    ct state established,related accept
    meta l4proto { icmp, ipv6-icmp } accept
    tcp dport 22 accept
  }
}
`;
  const only4 = `server: { sshd_config: sshd_config, firewall: edge.nft }
network: { server: { address: [198.51.100.10/24], ipv6: false } }
forwards:
  rdp: { ssh: "-R :43234:localhost:3389", reachable_from: [] }
  named: { ssh: "-R :43235:localhost:3389", reachable_from: [{ vantage: campus, address: link-local }] }
  v6: { ssh: "-R [::]:43236:localhost:3389", reachable_from: [] }
`;
  const open = await verifyFiles({ sshd_config, "policy.yaml": only4, "edge.nft": rules("ip") });
  expect(open.cells.filter(({ observed, vantage }) => observed === "reached" && vantage !== "server")).toMatchObject([
    { forward: "named", vantage: "campus", target: "[fe80::fd:1%eth0]:43235", expected: "reachable", status: "held" },
    { forward: "rdp", vantage: "campus", target: "[fe80::fd:1%eth0]:43234", expected: "blocked", status: "violated" },
    { forward: "v6", vantage: "campus", target: "[fe80::fd:1%eth0]:43236", expected: "blocked", status: "violated" },
  ]);
  expect(open.outcome).toBe("fail");
  const closed = await verifyFiles({ sshd_config, "policy.yaml": only4, "edge.nft": rules("inet") });
  // Where rules make no difference, it is looked for because the policy names it.
  expect(closed.cells.filter(({ target }) => target.includes("%"))).toMatchObject([
    { forward: "named", observed: "filtered", status: "violated" },
    { forward: "v6", observed: "filtered", status: "held" },
  ]);
  expect(closed.outcome).toBe("fail");
});

/** Home's own probe of the forward goes to the port that ssh dials at home: what became of it tells nothing of another probe's dial. */
test.for([
  ["neighbour discovery is dropped", ""],
  ["the control: neighbour discovery is accepted", "    meta l4proto ipv6-icmp accept\n"],
] as const)("a listener on the port of its own target, kept from everybody: %s", async ([, more]) => {
  const rules = `table inet edge {
  chain input {
    type filter hook input priority 0; policy drop;
    iifname "lo" accept
    tcp dport 22 accept
${more}  }
}
`;
  const policy = `server: { sshd_config: sshd_config, firewall: edge.nft }
forwards:
  rdp: { ssh: "-R :43234:localhost:3389", reachable_from: [] }
  sip: { ssh: "-R :5062:localhost:5062", reachable_from: [] }
`;
  const result = await verifyFiles({ sshd_config, "policy.yaml": policy, "edge.nft": rules });
  expect(seen(result, { vantage: "campus" })).toEqual(["filtered edge.nft:3"]);
  expect(result.outcome).toBe("pass");
});
