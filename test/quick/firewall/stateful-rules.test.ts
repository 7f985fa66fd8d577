import { expect, test } from "vitest";
import type { NftListing } from "../../../harness/firewall/rule-lines.ts";
import { statefulRules } from "../../../harness/firewall/stateful-rules.ts";

const where = { family: "inet", table: "f", chain: "in" };
const listing: NftListing = {
  nftables: [
    { set: { family: "inet", table: "f", name: "lately", flags: ["dynamic", "timeout"] } },
    { set: { family: "inet", table: "f", name: "friends", flags: ["interval"] } },
    { rule: { ...where, handle: 1 } },
  ],
};

function why(text: string): string | undefined {
  return statefulRules(listing, () => text)[0]?.why;
}

test.each([
  ["tcp dport 22 limit rate 3/minute accept", "a rate limit"],
  ['limit name "ssh" drop', "a rate limit"],
  ["quota over 10 mbytes drop", "a quota"],
  ["numgen random mod 10 < 3 drop", "chance or turns"],
  ['meta hour "08:00"-"18:00" accept', "the clock"],
  ['meta day "Sunday" drop', "the clock"],
  ["ct count over 3 reject", "a count of connections"],
  ["ct original bytes > 1000 drop", "the bytes or packets so far"],
  ["add @lately { ip saddr } drop", "addresses seen lately"],
  ["ip saddr @lately drop", "a set whose elements come and go"],
  ["-p tcp -m recent --update --seconds 30 --hitcount 6 -j DROP", "addresses seen lately"],
  ["-p tcp -m connlimit --connlimit-above 2 -j REJECT", "a count of connections"],
  ["limit rate over 5/second reject with icmp port-unreachable", "a rate limit"],
  ["-m statistic --mode random --probability 0.5 -j DROP", "chance or turns"],
  ["-m hashlimit --hashlimit-upto 1/min --hashlimit-name x -j ACCEPT", "a rate limit"],
])("%s depends on %s", (text, expected) => {
  expect(why(text)).toBe(expected);
});

test.each([
  "ip saddr @friends tcp dport 43234 accept",
  "ct state established,related accept",
  'tcp dport 22 accept comment "limit rate is not here"',
  'log prefix "quota: " drop',
  "limit rate 3/minute counter",
  '-m limit --limit 3/min -j LOG --log-prefix "[BLOCK] "',
  "-m recent --set --name DEFAULT --rsource",
  "icmp type echo-request limit rate 5/second accept",
  '-p tcp -m comment --comment "-m recent" -j ACCEPT',
])("%s answers the same packet always the same", (text) => {
  expect(why(text)).toBeUndefined();
});
