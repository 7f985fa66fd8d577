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
  readonly #turns = new Map<readonly unknown[], number>();

  text({ redirections = [], rules, default: fallback, output = [] }: FirewallPolicy): string {
    const answers = "ct state established,related accept";
    const closed = fallback === "reject" ? [`meta l4proto tcp ${this.#action(fallback)}`] : [];
    const input = ["iif lo accept", answers, "meta l4proto { icmp, ipv6-icmp } accept", ...this.#filter(rules), ...closed];
    const chains = [
      ...(redirections.length > 0
        ? [chain("prerouting", "type nat hook prerouting priority dstnat", "accept", this.#nat(redirections))]
        : []),
      chain("input", "type filter hook input priority filter", fallback === "accept" ? "accept" : "drop", input),
      ...(output.length > 0
        ? [chain("output", "type filter hook output priority filter", "accept", [answers, ...this.#filter(output)])]
        : []),
    ];
    return `table inet filter {\n${[...this.#sets, ...chains].join("\n")}}\n`;
  }

  #filter(rules: readonly FirewallRule[]): string[] {
    return rules.flatMap((rule) => this.#lines(rule, this.#action(rule.action)));
  }

  #nat(redirections: readonly Redirection[]): string[] {
    return redirections.flatMap((each) => this.#lines(each, destination(each.to)));
  }

  /** A rule that counts by source address needs one line for each family. */
  #lines({ limit, ...match }: RuleMatch, statement: string): string[] {
    if (limit === undefined) return [[...this.#packet(match), statement].join(" ")];
    if (!limit.bySource) return [[...this.#packet(match), amount(limit), statement].join(" ")];
    const network = match.source ?? match.destination;
    const own = match.family ?? (network === undefined ? undefined : familyOf(network));
    return (own ? [own] : ([4, 6] as const)).map((family) => [...this.#packet(match), this.#bySource(family, limit), statement].join(" "));
  }

  #packet({ family, source, destination, port, account }: RuleMatch): string[] {
    return [
      ...(family === undefined ? [] : [`meta nfproto ipv${family}`]),
      ...(account === undefined ? [] : [`meta skuid ${account}`]),
      ...(source === undefined ? [] : [`${protocol(familyOf(source))} saddr ${source}`]),
      ...(destination === undefined ? [] : [`${protocol(familyOf(destination))} daddr ${destination}`]),
      port === undefined ? "meta l4proto tcp" : this.#inTurn(portForms).replace("PORT", String(port)),
    ];
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

  #inTurn(forms: readonly string[]): string {
    const turn = this.#turns.get(forms) ?? 0;
    this.#turns.set(forms, turn + 1);
    return forms[turn % forms.length] as string;
  }
}

const portForms = ["tcp dport PORT", "tcp dport { PORT }", "meta l4proto tcp th dport PORT"];
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

function destination({ address, port }: Redirection["to"]): string {
  if (address === undefined) return `redirect to :${port}`;
  return address.includes(":") ? `dnat ip6 to [${address}]:${port}` : `dnat ip to ${address}:${port}`;
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
