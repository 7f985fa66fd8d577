/** `--world`: who gets in besides the policy's vantage points, as prefixes. */
import { expect, test } from "vitest";
import { renderReport } from "../../../harness/report/render.ts";
import { verifyFiles } from "./verify-files.ts";

const policy = `server: { sshd_config: sshd_config, firewall: edge.nft }
forwards:
  rdp: { ssh: "-R :43234:localhost:3389", reachable_from: [other-lan] }
`;
const sshd_config = "GatewayPorts clientspecified\n";
const ruleset = (...rules: string[]) => `table inet filter {
  set partners { type ipv4_addr; flags interval; elements = { 203.0.113.48/29, 45.13.0.0/16 } }
  chain input {
    type filter hook input priority filter; policy drop;
    iif lo accept
    ct state established,related accept
    meta l4proto { icmp, ipv6-icmp } accept
    tcp dport 22 accept
    ip6 saddr 2001:db8:50::/64 tcp dport 43234 accept
    ${rules.join("\n    ")}
  }
}
`;
const verify = (...rules: string[]) => verifyFiles({ sshd_config, "edge.nft": ruleset(...rules), "policy.yaml": policy }, { world: true });
const partners = "ip saddr @partners tcp dport 43234 accept";
const office = "ip saddr 203.0.113.48/29 tcp dport 43234 accept";

const violated = (result: Awaited<ReturnType<typeof verify>>) =>
  result.cells
    .filter(({ status }) => status === "violated")
    .map(({ vantage, decidedBy }) => `${vantage} ${decidedBy?.file}:${decidedBy?.line}`);

test("what other-lan stands for may come in, and nobody else does", async () => {
  const result = await verify(office);
  expect(result.outcome).toBe("pass");
  const own = result.sources?.classes.find(({ prefixes }) => prefixes.includes("203.0.113.48/29"));
  expect(own).toMatchObject({ vantage: "other-lan", address: "203.0.113.50" });
});

test("one address is forgotten in the firewall: it is found, and named with its rule", async () => {
  const result = await verify(office, "ip saddr 91.7.7.7 tcp dport 43234 accept");
  expect(violated(result)).toEqual(["91.7.7.7 edge.nft:11"]);
  expect(renderReport("text", result)).toContain("rdp: 91.7.7.7 reaches it over IPv4 and must not");
});

test("a neighbour's address on the server's LAN", async () => {
  expect(violated(await verify(office, "ip saddr 198.51.100.77 tcp dport 43234 accept"))).toEqual(["198.51.100.77 edge.nft:11"]);
});

test("an exception from the exception", async () => {
  const result = await verify(office, "ip saddr 45.13.7.9 drop", "ip saddr 45.13.7.0/24 tcp dport 43234 accept");
  expect(violated(result)).toEqual(["45.13.7.1 edge.nft:12"]);
  expect(renderReport("text", result)).toContain("rdp: 45.13.7.0/24 except 45.13.7.9 reaches it over IPv4 and must not");
});

test("a set is one class: whoever stands for some of its members stands for all", async () => {
  const result = await verify(partners);
  expect(result.outcome).toBe("pass");
  expect(renderReport("text", result)).toMatch(/^ +IPv4 .*45\.13\.0\.0\/16, 203\.0\.113\.48\/29 +other-lan +✔ reached$/m);
});

test("a rule that looks at bits of the address: no verdict, and the rule is named", async () => {
  const result = await verify(office, "ip saddr & 0.0.0.255 == 0.0.0.99 tcp dport 43234 accept");
  expect(result.outcome).toBe("inconclusive");
  expect(result.reasons.map(({ code, params }) => [code, params.place])).toEqual([["sources-inexact", "edge.nft:11"]]);
});

test("without --world the sample of vantage points says nothing of them", async () => {
  const files = { sshd_config, "edge.nft": ruleset(office, "ip saddr 91.7.7.7 tcp dport 43234 accept"), "policy.yaml": policy };
  expect((await verifyFiles(files)).outcome).toBe("pass");
});
