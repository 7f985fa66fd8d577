/** Who connects chooses the port that he comes from: a rule that goes by it proves nobody blocked, unless it does so for every port. */
import { expect } from "../../harness/vitest/index.ts";
import { test } from "./clientspecified.ts";
import { oneChain } from "./one-chain.ts";

const usual = "1024-65535";

test.for([
  ["answers, dropped at the ports that clients usually have", oneChain("output", "accept", `tcp sport 43234 tcp dport ${usual} drop`)],
  [
    "a policy that drops, and an exception for web servers that this one asks",
    `table inet filter {
      chain output {
        type filter hook output priority filter; policy drop;
        meta l4proto { icmp, ipv6-icmp } accept
        tcp sport 22 accept
        tcp dport { 80, 443 } accept
      }
    }`,
  ],
  ["SYNs, dropped at those ports", oneChain("input", "accept", `tcp dport 43234 tcp sport ${usual} drop`)],
])("%s: not blocked for those who come from another", async ([, firewall], { lab }) => {
  await lab.use({ firewall });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(expect(lab.otherLan).not.toReach(forward, { family: 4 })).rejects.toThrow("reached");
  await expect(expect(lab.internet).toReach(forward, { family: 6 })).rejects.toThrow("source port");
});

test.for([
  ["answers, dropped at every port", oneChain("output", "accept", "tcp sport 43234 tcp dport 1-65535 drop"), 5],
  [
    "answers, dropped at two ranges that make all",
    oneChain("output", "accept", "tcp sport 43234 tcp dport { 1-1023, 1024-65535 } drop"),
    5,
  ],
  ["SYNs, dropped at every port", oneChain("input", "accept", "tcp dport 43234 tcp sport 1-65535 drop"), 5],
] as const)("the control: %s", async ([, firewall, line], { lab }) => {
  await lab.use({ firewall });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.otherLan).toSee(forward, "filtered", { by: { layer: "server-firewall", line } });
});

test("SYNs, dropped for something else that their sender chooses: inconclusive", async ({ lab }) => {
  await lab.use({ firewall: oneChain("input", "accept", "tcp dport 43234 ip ttl != 255 drop") });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.internet).toSee(forward, "inconclusive", { family: 4 });
  await expect(lab.internet).toReach(forward, { family: 6 });
});
