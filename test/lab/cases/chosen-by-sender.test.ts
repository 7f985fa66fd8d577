/** Whoever connects can choose the port that he comes from, and more of his packets: a rule that goes by it leaves nobody proven blocked. */
import { expect, test } from "vitest";
import type { Result } from "../../../harness/core/result.ts";
import { verifyFiles } from "./verify-files.ts";

const policy = (firewall: string) => `server: { sshd_config: sshd_config, firewall: ${firewall} }
forwards:
  rdp: { ssh: "-R :43234:localhost:3389", reachable_from: [] }
`;
const sshd_config = "GatewayPorts clientspecified\n";
const rules = ({ reasons }: Result) => reasons.map(({ code, params }) => [code, params.place]);

test("nft: a rule for the answers of DNS servers, and rules that a new connection cannot use", async () => {
  const ruleset = `table inet filter {
  chain input {
    type filter hook input priority filter; policy drop;
    iif lo accept
    ct state established,related accept
    meta l4proto { icmp, ipv6-icmp } accept
    tcp dport 22 accept
    udp sport 53 accept
    udp sport . udp dport { 68 . 67, 67 . 68 } accept
    tcp sport 80 ct state established accept
    tcp sport 25 drop
    tcp sport 22 tcp dport 22 accept
    tcp flags & (fin | syn | rst | ack) != syn tcp sport 443 accept
    tcp sport 1024-65535 tcp dport 43234 ip saddr 203.0.113.99 accept
    tcp sport 53 accept
    tcp sport != 1024-65535 accept
    ip ttl 3 accept
    meta length 99 accept
    tcp option sack-perm missing accept
    tcp flags & (fin | syn | rst | ack) == syn tcp dport 43235 accept
    ip dscp ef drop
  }
  chain output {
    type filter hook output priority filter; policy accept;
    tcp sport 43234 accept
  }
  chain moving {
    type nat hook prerouting priority dstnat; policy accept;
    tcp sport 67 tcp dport 8080 redirect to :43234
    tcp sport 67 tcp dport 8081 redirect to :22
  }
}
`;
  const result = await verifyFiles({ sshd_config, "edge.nft": ruleset, "policy.yaml": policy("edge.nft") });
  expect(result.outcome).toBe("inconclusive");
  expect(rules(result)).toEqual([...[15, 16, 17, 18, 19, 29].map((line) => ["sender-chooses", `edge.nft:${line}`])]);
  expect(result.reasons[0]?.text).toContain("tcp sport 53 accept");
});

test("iptables: one port, a list of them, and the old rules for answers", async () => {
  const dump = `*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -p tcp -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -p udp -m udp --sport 53 -j ACCEPT
-A INPUT -p tcp -m tcp --sport 80 -m state --state ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m tcp --sport 443 ! --syn -j ACCEPT
-A INPUT -p tcp -m tcp --sport 1024:65535 --dport 8080 -j ACCEPT
-A INPUT -p tcp -m tcp --sport 1024:65535 -s 203.0.113.99/32 -j ACCEPT
-A INPUT -p tcp -m multiport --sports 20,21 -j ACCEPT
-A INPUT -p tcp -m multiport --ports 5900,5901 -j ACCEPT
-A INPUT -p tcp -m tcp --sport 53 -j ACCEPT
-A INPUT -m ttl --ttl-eq 3 -j ACCEPT
-A INPUT -p tcp -m length --length 99 -j ACCEPT
COMMIT
`;
  const result = await verifyFiles({ sshd_config, "rules.v4": dump, "policy.yaml": policy("[rules.v4, rules.v6]"), "rules.v6": dump6 });
  expect(result.outcome).toBe("inconclusive");
  expect(rules(result)).toEqual([...[13, 14, 15, 16, 17].map((line) => ["sender-chooses", `rules.v4:${line}`])]);
});

const dump6 = `*filter
:INPUT DROP [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -p ipv6-icmp -j ACCEPT
COMMIT
`;
