/** A policy of the model as the ruleset that a person would write for it. */
import type { Family } from "../../../harness/core/address.ts";
import type { NftFirewall } from "../../../harness/firewall/firewall-files.ts";
import type {
  FirewallAction,
  FirewallPolicy,
  FirewallRule,
  Redirection,
  RuleMatch,
} from "../../../harness/openssh/model/firewall-policy.ts";
import type { RuleLimit } from "../../../harness/openssh/model/rule-limit.ts";

const words: Record<FirewallAction, string> = { accept: "accept", drop: "drop", reject: "reject with tcp reset" };

/** Loopback, answers and neighbour discovery pass, as in every ruleset that works. */
export function nftOf({ redirections = [], rules, default: fallback, output = [] }: FirewallPolicy): NftFirewall {
  const sets: string[] = [];
  const lines = (each: RuleMatch, statement: (family: Family | undefined) => string) =>
    familiesOf(each).map((family) => [...matches({ ...each, ...(family ? { family } : {}) }, sets), statement(family)].join(" "));
  const filter = ({ action, ...match }: FirewallRule) => lines(match, () => words[action]);
  const nat = redirections.flatMap(({ to, ...match }) => lines(match, () => destination(to)));
  const chains = [
    chain("prerouting", "type nat hook prerouting priority dstnat; policy accept;", nat),
    chain("input", `type filter hook input priority filter; policy ${fallback === "accept" ? "accept" : "drop"};`, [
      "iif lo accept",
      "ct state established,related accept",
      "meta l4proto { icmp, ipv6-icmp } accept",
      ...rules.flatMap(filter),
      ...(fallback === "reject" ? [`meta l4proto tcp ${words.reject}`] : []),
    ]),
    chain("output", "type filter hook output priority filter; policy accept;", [
      "ct state established,related accept",
      ...output.flatMap(filter),
    ]),
  ];
  const used = chains.filter((_, index) => [nat.length > 0, true, output.length > 0][index]);
  return file(`table inet filter {\n${[...sets, ...used].join("\n")}}\n`);
}

/** A rule that counts by source address needs one line for each family. */
function familiesOf({ family, source, destination, limit }: RuleMatch): (Family | undefined)[] {
  const network = source ?? destination;
  const own = family ?? (network === undefined ? undefined : familyOf(network));
  return limit?.bySource && own === undefined ? [4, 6] : [own];
}

function matches({ family, source, destination, port, account, limit }: RuleMatch, sets: string[]): string[] {
  return [
    ...(family === undefined || source !== undefined || destination !== undefined ? [] : [`meta nfproto ipv${family}`]),
    ...(account === undefined ? [] : [`meta skuid ${account}`]),
    ...(source === undefined ? [] : [`${protocol(familyOf(source))} saddr ${source}`]),
    ...(destination === undefined ? [] : [`${protocol(familyOf(destination))} daddr ${destination}`]),
    port === undefined ? "meta l4proto tcp" : `tcp dport ${port}`,
    ...(limit === undefined ? [] : [condition(limit, family ?? 4, sets)]),
  ];
}

/** Of the three ways to count by source address, each in turn. */
function condition(limit: RuleLimit, family: Family, sets: string[]): string {
  const counted = amount(limit);
  if (!limit.bySource) return counted;
  const name = `seen${sets.length}`;
  const element = `{ ${protocol(family)} saddr ${counted} }`;
  const way = sets.length % 3;
  sets.push(way === 2 ? "" : `  set ${name} {\n    type ipv${family}_addr; size 65535; flags dynamic;\n  }\n`);
  return way === 2 ? `meter ${name} size 65535 ${element}` : `${way === 0 ? "add" : "update"} @${name} ${element}`;
}

function amount(limit: RuleLimit): string {
  const over = limit.over ? "over " : "";
  switch (limit.of) {
    case "rate":
      return `limit rate ${over}${limit.packets}/${limit.per}`;
    case "connections":
      return `ct count ${over}${limit.count}`;
    case "quota":
      return `quota ${over || "until "}${limit.bytes} bytes`;
  }
}

function destination({ address, port }: Redirection["to"]): string {
  if (address === undefined) return `redirect to :${port}`;
  return address.includes(":") ? `dnat ip6 to [${address}]:${port}` : `dnat ip to ${address}:${port}`;
}

function chain(name: string, head: string, rules: readonly string[]): string {
  return `  chain ${name} {\n${[head, ...rules].map((line) => `    ${line}\n`).join("")}  }\n`;
}

function protocol(family: Family): string {
  return family === 4 ? "ip" : "ip6";
}

function familyOf(network: string): Family {
  return network.includes(":") ? 6 : 4;
}

function file(text: string): NftFirewall {
  const main = "/etc/nftables.conf";
  return { kind: "nft", main, files: { [main]: { content: text, display: "nftables.conf" } }, warnings: [], rules: [], objects: [] };
}
