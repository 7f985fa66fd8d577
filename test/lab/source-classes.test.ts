/** One address stands for its whole class: held against many addresses that are probed one by one. */
import { expect } from "vitest";
import { fromNumber, parseAddress, toNumber } from "../../harness/core/address.ts";
import { everyAddress, parseRange } from "../../harness/core/address-range.ts";
import { articleLab, type HostSpec, type LabSpec } from "../../harness/core/lab-spec.ts";
import type { NftFirewall } from "../../harness/firewall/firewall-files.ts";
import { namedAddresses } from "../../harness/firewall/named-addresses.ts";
import { withSourceClasses } from "../../harness/policy/source-classes.ts";
import { labTest } from "../../harness/vitest/index.ts";
import { Draw } from "./model/random.ts";

const seed = 20785;
const rulesets = 6;
const addressesOfFamily = 100;

/** What the rules are made of: overlapping, touching, one inside the other, and far from all others. */
const pool = [
  "45.0.0.0/8",
  "45.13.0.0/16",
  "45.13.7.0/24",
  "45.13.7.9",
  "45.13.7.10-45.13.8.20",
  "91.64.0.0/255.192.0.0",
  "128.0.0.0/1",
  "203.0.113.128/25",
  "1.0.0.1",
  "2a01:4f8::/32",
  "2a01:4f8:1:2::/64",
  "2a01:4f8:1:2::5",
  "2a01:4f8:1:2::6-2a01:4f8:1:3::1",
  "2400::/12",
  "3000::/5",
]; // prettier-ignore

const draw = new Draw(seed);
const sources = [4, 6].flatMap((family) => {
  const ranges = pool
    .map((text) => parseRange(text) as NonNullable<ReturnType<typeof parseRange>>)
    .filter((each) => each.family === family);
  const all = family === 4 ? everyAddress(4) : (parseRange("2000::/3") as (typeof ranges)[number]);
  const taken = new Set<string>();
  while (taken.size < addressesOfFamily) {
    const { first, last } = draw.chance(0.2) ? all : draw.one(ranges);
    const inside = first + BigInt(Math.floor(draw.next() * Number(last - first + 1n)));
    const value = draw.one([inside, inside, first - 1n, first, last, last + 1n]);
    const { text } = fromNumber(value, all.family);
    if (isPublic(text)) taken.add(text);
  }
  return [...taken];
});

/** Where a stranger may be: nowhere in the networks that the lab or no host has. */
function isPublic(text: string): boolean {
  const value = toNumber(parseAddress(text) as NonNullable<ReturnType<typeof parseAddress>>);
  const others = text.includes(":")
    ? ["::/3", "2001:db8::/32", "4000::/2", "8000::/1"]
    : [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.2.0/24",
        "192.168.0.0/16",
        "198.51.100.0/24",
        "203.0.113.0/26",
        "224.0.0.0/3",
      ]; // prettier-ignore
  return others.flatMap((each) => parseRange(each) ?? []).every(({ first, last }) => value < first || last < value);
}

const article = articleLab();
/** One host that has all the addresses: a namespace for each would cost more than all probes. */
const crowd: HostSpec = { kind: "namespace", interfaces: [{ name: "eth0", link: { router: "core" }, addresses: sources }] };
const spec: LabSpec = { ...article, hosts: { ...article.hosts, crowd } };
const test = labTest({ spec, sshd: "GatewayPorts clientspecified\n" });

function ruleset(): string {
  const saddr = (text: string) => `${text.includes(":") ? "ip6" : "ip"} saddr`;
  const written = pool.map((text) => (text.includes("255.") ? "91.64.0.0/10" : text));
  const rules = Array.from({ length: 3 + Math.floor(draw.next() * 5) }, () => {
    const text = draw.one(written);
    const many = written.filter((each) => each.includes(":") === text.includes(":") && each !== "128.0.0.0/1" && each !== "45.0.0.0/8");
    const set = `{ ${[...new Set(draw.some(many, 2, 3))].join(", ")} }`;
    const set2 = draw.chance(0.3) && !/-|\/8|\/16|\/24|4f8::|:2::\/64/.test(set);
    return `${saddr(text)} ${draw.chance(0.2) ? "!= " : ""}${set2 ? set : text} ${draw.one(["accept", "accept", "drop", "reject"])}`;
  });
  return `table inet filter {
  chain input {
    type filter hook input priority filter; policy ${draw.one(["accept", "drop"])};
    iif lo accept
    ct state established,related accept
    meta l4proto { icmp, ipv6-icmp } accept
    tcp dport 22 accept
    ${rules.join("\n    ")}
  }
}
`;
}

for (let at = 0; at < rulesets; at++) {
  const firewall = ruleset();
  test(`ruleset ${at + 1}`, async ({ lab }) => {
    await lab.use({ firewall });
    await using forward = await lab.host("home").ssh("-R", ":43234:localhost:3389");
    const { probed } = forward;
    const targets = { 4: "198.51.100.10", 6: "2001:db8:100::10" };
    const probe = (source: string) =>
      lab.forwardLab.prober.probe({
        ...{ vantage: "crowd", source, address: targets[source.includes(":") ? 6 : 4], port: 43234 },
        ...{ targetHost: "server", identity: probed.service.identity },
      });
    const verdicts = new Map(await Promise.all(sources.map(async (each) => [each, (await probe(each)).verdict] as const)));
    const files: NftFirewall = {
      kind: "nft",
      main: "/f",
      files: { "/f": { content: firewall, display: "f" } },
      warnings: [],
      rules: [],
      objects: [],
    };
    const { classes } = withSourceClasses(article, namedAddresses(files), ["home"]).sources;
    const said = classes.map(({ prefixes }) => {
      const ranges = prefixes.flatMap((text) => parseRange(text) ?? []);
      const own = sources.filter((text) => {
        const one = parseRange(text);
        return one && ranges.some(({ family, first, last }) => family === one.family && first <= one.first && one.first <= last);
      });
      return { own: own.length, verdicts: [...new Set(own.map((each) => verdicts.get(each)))] };
    });
    expect(said.reduce((sum, { own }) => sum + own, 0)).toBe(sources.length);
    expect(said.filter(({ verdicts: found }) => found.length > 1)).toEqual([]);
    expect([...new Set(verdicts.values())].filter((each) => each === "inconclusive")).toEqual([]);
  });
}
