/** Each kind of state that a ruleset can hold is used up by one visit, and is fresh again after a reset. */
import { describe } from "vitest";
import { readRules } from "../../harness/lab/read-rules.ts";
import { expect, type Forward, type TestLab, type Verdict } from "../../harness/vitest/index.ts";
import { test } from "./clientspecified.ts";

const port = 43234;
const nft = (rules: string, declared = "") => `table inet filter {
  ${declared}
  chain input {
    type filter hook input priority 0; policy drop;
    iifname lo accept
    ct state established,related accept
    tcp dport 22 accept
    meta l4proto ipv6-icmp accept
    ${rules}
  }
}
`;
const dump = (...rules: string[]) => `*filter
:INPUT DROP [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -p icmp -j ACCEPT
${rules.join("\n")}
COMMIT
`;

/** Each lets one visitor in, once. */
const used: Record<string, string> = {
  limit: nft(`tcp dport ${port} limit rate 1/hour burst 1 packets accept`),
  "a named limit": nft(`tcp dport ${port} limit name once accept`, "limit once { rate 1/hour burst 1 packets; }"),
  "a quota": nft(`tcp dport ${port} tcp flags syn quota 80 bytes accept`),
  "a set that packets add to": nft(
    `tcp dport ${port} ip saddr @seen drop\n tcp dport ${port} add @seen { ip saddr } accept`,
    "set seen { type ipv4_addr; flags dynamic; timeout 1h; }",
  ),
  "a limit of each address": nft(
    `tcp dport ${port} ct state new update @rate { ip saddr limit rate 1/hour burst 1 packets } accept`,
    "set rate { type ipv4_addr; flags dynamic; timeout 1h; }",
  ),
  "a table with an owner": `${nft(`tcp dport ${port} limit rate 1/hour burst 1 packets accept`, "flags owner;")}`,
  "iptables's limit": dump(`-A INPUT -p tcp --dport ${port} -m limit --limit 1/hour --limit-burst 1 -j ACCEPT`),
  "iptables's hashlimit": dump(
    `-A INPUT -p tcp --dport ${port} -m hashlimit --hashlimit-upto 1/hour --hashlimit-burst 1 --hashlimit-mode srcip --hashlimit-name once -j ACCEPT`,
  ),
  "iptables's recent": dump(
    `-A INPUT -p tcp --dport ${port} -m recent --name seen --rcheck --seconds 3600 -j DROP`,
    `-A INPUT -p tcp --dport ${port} -m recent --name seen --set -j ACCEPT`,
  ),
  "iptables's quota": dump(`-A INPUT -p tcp --dport ${port} --syn -m quota --quota 80 -j ACCEPT`),
  "iptables's turns": dump(`-A INPUT -p tcp --dport ${port} -m statistic --mode nth --every 1000 --packet 0 -j ACCEPT`),
};

/** A visitor who takes the rules as they are now. */
async function visit({ forwardLab }: TestLab, { probed: { service } }: Forward): Promise<Verdict> {
  const to = { address: "198.51.100.10", port, targetHost: "server", identity: service.identity };
  return (await forwardLab.prober.probe({ vantage: "internet", ...to })).verdict;
}

describe("used up by one visit, fresh after a reset", () => {
  for (const [name, firewall] of Object.entries(used))
    test(name, async ({ lab }) => {
      await lab.use({ firewall });
      await using forward = await lab.home.ssh("-R", `0.0.0.0:${port}:localhost:3389`);
      const { rules, lab: running } = lab.forwardLab;
      expect(rules.stateful).toBe(true);
      expect(rules.statefulFor({ port: 22, family: 4 })).toEqual([]);
      expect(rules.statefulFor({ port, family: 4 }).length).toBeGreaterThan(0);
      const listed = async () => (await readRules(running, "server")).listing.nftables.flatMap(({ rule }) => rule?.handle ?? []);
      const handles = await listed();

      expect([await visit(lab, forward), await visit(lab, forward)]).toEqual(["reached", "filtered"]);
      await rules.resetState();
      expect([await visit(lab, forward), await visit(lab, forward)]).toEqual(["reached", "filtered"]);
      // A test's own assertions are first visits, each of them.
      await expect(lab.internet).toReach(forward, { family: 4 });
      await expect(lab.internet).toReach(forward, { family: 4 });
      expect(await listed()).toEqual(handles);
    });
});

test("a count of connections starts again, and the session of the forward stays", async ({ lab }) => {
  await lab.use({ firewall: nft(`tcp dport ${port} ct count over 1 drop\n tcp dport ${port} accept`) });
  await using forward = await lab.home.ssh("-R", `0.0.0.0:${port}:localhost:3389`);
  const { rules } = lab.forwardLab;
  await expect(lab.internet).toReach(forward, { family: 4 });
  await rules.resetState();
  await expect(lab.campus).toReach(forward, { family: 4 });
});

test("rules without memory are not stateful", async ({ lab }) => {
  await lab.use({ firewall: nft(`tcp dport ${port} accept\n udp dport 53 limit rate 1/second accept`) });
  expect(lab.forwardLab.rules.stateful).toBe(false);
  await lab.use({ firewall: null });
  expect(lab.forwardLab.rules.stateful).toBe(false);
});
