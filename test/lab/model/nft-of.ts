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

/** Loopback, answers and neighbour discovery pass, as in every ruleset that works. */
export function nftOf(policy: FirewallPolicy): NftFirewall {
  const main = "/etc/nftables.conf";
  const content = new Ruleset().text(policy);
  return { kind: "nft", main, files: { [main]: { content, display: "nftables.conf" } }, warnings: [], rules: [], objects: [] };
}

/** Of several ways to write the same, each in turn. */
class Ruleset {
  readonly #sets: string[] = [];
  readonly #chains: string[] = [];
  readonly #turns = new Map<readonly unknown[], number>();

  text({ redirections = [], rules, default: fallback, judgesLoopback = false, output = [] }: FirewallPolicy): string {
    const answers = "ct state established,related accept";
    const closed = fallback === "reject" ? [`meta l4proto tcp ${this.#action(fallback)}`] : [];
    const input = [
      ...(judgesLoopback ? [] : ["iif lo accept"]),
      answers,
      "meta l4proto { icmp, ipv6-icmp } accept",
      ...this.#filter(rules),
      ...closed,
    ];
    const chains = [
      ...(redirections.length > 0
        ? [chain("prerouting", "type nat hook prerouting priority dstnat", "accept", this.#nat(redirections))]
        : []),
      chain("input", "type filter hook input priority filter", fallback === "accept" ? "accept" : "drop", input),
      ...(output.length > 0
        ? [chain("output", "type filter hook output priority filter", "accept", [answers, ...this.#filter(output)])]
        : []),
    ];
    return `table inet filter {\n${[...this.#sets, ...this.#chains, ...chains].join("\n")}}\n`;
  }

  #filter(rules: readonly FirewallRule[]): string[] {
    return rules.flatMap((rule) => this.#lines(rule, this.#verdict(rule.action), portForms));
  }

  #nat(redirections: readonly Redirection[]): string[] {
    return redirections.flatMap((each) => this.#lines(each, this.#destination(each), onePortForms));
  }

  /** A rule that counts by source address needs one line for each family. */
  #lines({ limit, ...match }: RuleMatch, statement: string, forms: readonly string[]): string[] {
    if (limit === undefined) return [[...this.#packet(match, forms), statement].join(" ")];
    if (!limit.bySource) return [[...this.#packet(match, forms), amount(limit), statement].join(" ")];
    const network = match.source ?? match.destination;
    const own = match.family ?? (network === undefined ? undefined : familyOf(network));
    return (own ? [own] : ([4, 6] as const)).map((family) =>
      [...this.#packet(match, forms), this.#bySource(family, limit), statement].join(" "),
    );
  }

  #packet({ family, source, destination, port, ports, by, account }: RuleMatch, forms: readonly string[]): string[] {
    const range = ports && `${ports.first}-${ports.last}`;
    return [
      ...(family === undefined ? [] : [this.#inTurn(family === 4 ? familyForms4 : familyForms6)]),
      ...(by === undefined ? [] : [this.#inTurn(interfaceForms).replace("NAME", by)]),
      ...(account === undefined ? [] : [this.#inTurn(accountForms).replace("NAME", account)]),
      ...(source === undefined ? [] : [this.#network("saddr", source)]),
      ...(destination === undefined ? [] : [this.#network("daddr", destination)]),
      ...(range === undefined ? [] : [this.#inTurn(rangeForms).replace("RANGE", range)]),
      ...(range === undefined && port === undefined ? [this.#inTurn(anyPortForms)] : []),
      ...(port === undefined ? [] : [this.#inTurn(forms).replaceAll("PORT", String(port))]),
    ];
  }

  #network(field: "saddr" | "daddr", network: string): string {
    const family = familyOf(network);
    const form = this.#inTurn(networkForms);
    if (!form.includes("@")) return form.replace("FIELD", `${protocol(family)} ${field}`).replace("NETWORK", network);
    const name = `net${this.#sets.length}`;
    this.#sets.push(`  set ${name} {\n    type ipv${family}_addr; flags interval; elements = { ${network} }\n  }\n`);
    return `${protocol(family)} ${field} @${name}`;
  }

  #bySource(family: Family, limit: RuleLimit): string {
    const name = `seen${this.#sets.length}`;
    const form = this.#inTurn(sourceForms).replace("NAME", name);
    if (form.startsWith("meter")) this.#sets.push("");
    else this.#sets.push(`  set ${name} {\n    type ipv${family}_addr; size 65535; flags dynamic;\n  }\n`);
    return `${form} { ${protocol(family)} saddr ${amount(limit)} }`;
  }

  #action(action: FirewallAction): string {
    return action === "reject" ? this.#inTurn(rejectForms) : action;
  }

  /** Said at once, or by a chain of its own that a packet is sent to. */
  #verdict(action: FirewallAction): string {
    const said = this.#action(action);
    const form = this.#inTurn(verdictForms);
    if (!form.includes("CHAIN")) return form.replace("VERDICT", said);
    const name = `c${this.#chains.length}`;
    this.#chains.push(`  chain ${name} {\n    ${said}\n  }\n`);
    return form.replace("CHAIN", name);
  }

  #destination({ to: { address, port }, port: from }: Redirection): string {
    const form = address === undefined ? this.#inTurn(redirectForms) : this.#inTurn(dnatForms);
    const own = address ?? "";
    return form
      .replace("VERSION", own.includes(":") ? "ip6" : "ip")
      .replace("BRACKETED", own.includes(":") ? `[${own}]` : own)
      .replace("ADDRESS", own)
      .replaceAll("FROM", String(from))
      .replaceAll("TO", String(port));
  }

  #inTurn(forms: readonly string[]): string {
    const turn = this.#turns.get(forms) ?? 0;
    this.#turns.set(forms, turn + 1);
    return forms[turn % forms.length] as string;
  }
}

const onePortForms = [
  "tcp dport PORT",
  "tcp dport { PORT }",
  "meta l4proto tcp th dport PORT",
  "ct state new tcp dport PORT",
  "tcp flags & (fin | syn | rst | ack) == syn tcp dport PORT",
  "tcp dport PORT counter",
];
/** Of the other ports no forward is asked; a port that leads to one would be. */
const portForms = [...onePortForms, "tcp dport { PORT, 4444, 5000-5010 }"];
const rangeForms = ["tcp dport RANGE", "tcp dport { RANGE }", "meta l4proto tcp th dport RANGE", "tcp dport { RANGE, 4444 }"];
const anyPortForms = ["meta l4proto tcp", "tcp sport 1-65535", "ct state { new, untracked } meta l4proto tcp"];
const familyForms4 = ["meta nfproto ipv4", "meta protocol ip", "ip saddr 0.0.0.0/0", "ip version 4"];
const familyForms6 = ["meta nfproto ipv6", "meta protocol ip6", "ip6 saddr ::/0", "ip6 version 6"];
const interfaceForms = ['iifname "NAME"', "iif NAME", 'iifname { "NAME", "wg0" }', 'meta iifname "NAME"'];
const accountForms = ["meta skuid NAME", "meta skgid NAME", "meta skuid { NAME }"];
const networkForms = ["FIELD NETWORK", "FIELD { NETWORK }", "@"];
const verdictForms = ["VERDICT", "counter VERDICT", "goto CHAIN", "jump CHAIN", "VERDICT", 'log prefix "drawn " VERDICT'];
const redirectForms = ["redirect to :TO", "redirect to :tcp dport map { FROM : TO, 9999 : 22 }"];
const dnatForms = ["dnat VERSION to BRACKETED:TO", "dnat VERSION addr . port to tcp dport map { FROM : ADDRESS . TO }"];
const sourceForms = ["add @NAME", "update @NAME", "meter NAME size 65535"];
const rejectForms = ["reject with tcp reset", "reject"];

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

function chain(name: string, hook: string, policy: string, rules: readonly string[]): string {
  return `  chain ${name} {\n${[`${hook}; policy ${policy};`, ...rules].map((line) => `    ${line}\n`).join("")}  }\n`;
}

function protocol(family: Family): string {
  return family === 4 ? "ip" : "ip6";
}

function familyOf(network: string): Family {
  return network.includes(":") ? 6 : 4;
}
