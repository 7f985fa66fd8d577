/** A policy of the model as the dumps of iptables-save that a person's rules would give, and the ipsets that they name. */
import { bits, type Family, fromNumber, type Interface, parseInterface, range } from "../../../harness/core/address.ts";
import type {
  FirewallAction,
  FirewallPolicy,
  FirewallRule,
  Redirection,
  RuleMatch,
} from "../../../harness/openssh/model/firewall-policy.ts";
import type { RuleLimit } from "../../../harness/openssh/model/rule-limit.ts";

export interface IptablesText {
  v4: string;
  v6: string;
  /** As `ipset save` prints them. */
  ipsets: string;
}

/** Has iptables words for all of it? A quota for each source it has not, and to `hashlimit` five packets a day are too few. */
export function fitsIptables({ rules, output = [], redirections = [] }: FirewallPolicy): boolean {
  return [...rules, ...output, ...redirections].every(
    ({ limit }) =>
      limit === undefined ||
      (limit.of === "quota" ? !limit.bySource : !(limit.of === "rate" && limit.per === "day" && (limit.over || limit.bySource))),
  );
}

/** The same policy as iptables applies it: each family has rules of its own, and they count on their own. */
export function countingByFamily(policy: FirewallPolicy): FirewallPolicy {
  return {
    ...policy,
    rules: policy.rules.flatMap(ofEachFamily),
    ...(policy.output ? { output: policy.output.flatMap(ofEachFamily) } : {}),
    ...(policy.redirections ? { redirections: policy.redirections.flatMap(ofEachFamily) } : {}),
  };
}

function ofEachFamily<Rule extends RuleMatch>(rule: Rule): Rule[] {
  if (!rule.limit || rule.family !== undefined) return [rule];
  return ([4, 6] as const).map((family) => ({ ...rule, family, limit: { ...(rule.limit as RuleLimit) } }));
}

/** @param writing which of the ways to write the same comes first */
export function iptablesOf(policy: FirewallPolicy, writing = 0): IptablesText {
  const [v4, v6] = [new Dump(4, writing), new Dump(6, writing)];
  return { v4: v4.text(policy), v6: v6.text(policy), ipsets: [...v4.ipsets, ...v6.ipsets].map((line) => `${line}\n`).join("") };
}

type Hook = "PREROUTING" | "INPUT" | "OUTPUT";

/** Of several ways to write the same, each in turn. */
class Dump {
  readonly ipsets: string[] = [];
  readonly #family: Family;
  readonly #writing: number;
  readonly #chains: string[][] = [];
  readonly #marks: string[] = [];
  readonly #turns = new Map<readonly unknown[], number>();
  #names = 0;
  #moves = false;

  constructor(family: Family, writing: number) {
    this.#family = family;
    this.#writing = writing;
  }

  text({ redirections = [], rules, default: fallback, judgesLoopback = false, output = [] }: FirewallPolicy): string {
    this.#moves = redirections.length > 0;
    const answers = "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT";
    const icmp = this.#family === 4 ? "-p icmp -j ACCEPT" : "-p ipv6-icmp -j ACCEPT";
    const closed = fallback === "reject" ? [`-p tcp -j ${this.#target("reject")}`] : [];
    const input = [...(judgesLoopback ? [] : ["-i lo -j ACCEPT"]), answers, icmp, ...this.#filter(rules, "INPUT"), ...closed];
    const out = this.#filter(output, "OUTPUT");
    const nat = redirections.flatMap((each) => this.#line(each, this.#destination(each), "PREROUTING"));
    const filter = [
      "*filter",
      `:INPUT ${fallback === "accept" ? "ACCEPT" : "DROP"} [0:0]`,
      ":FORWARD DROP [0:0]",
      ":OUTPUT ACCEPT [0:0]",
      ...this.#chains.map((_, at) => `:own${at} - [0:0]`),
      ...input.map((rule) => `-A INPUT ${rule}`),
      ...(out.length > 0 ? [answers, ...out] : []).map((rule) => `-A OUTPUT ${rule}`),
      ...this.#chains.flatMap((lines, at) => lines.map((rule) => `-A own${at} ${rule}`)),
      "COMMIT",
    ];
    const lines = [...this.#table("mangle", this.#marks), ...this.#table("nat", nat), ...filter];
    return `${lines.join("\n")}\n`;
  }

  #table(name: string, rules: readonly string[]): string[] {
    if (rules.length === 0) return [];
    return [`*${name}`, ":PREROUTING ACCEPT [0:0]", ":OUTPUT ACCEPT [0:0]", ...rules.map((rule) => `-A PREROUTING ${rule}`), "COMMIT"];
  }

  #filter(rules: readonly FirewallRule[], hook: Hook): string[] {
    return rules.flatMap((rule) => this.#line(rule, () => this.#verdict(rule.action), hook));
  }

  /** Nothing where the rule is for the other family. */
  #line({ limit, ...match }: RuleMatch, target: () => string, hook: Hook): string[] {
    const named = [match.source, match.destination].filter((each) => each !== undefined).map(familyOf);
    if ([...named, match.family ?? this.#family].some((family) => family !== this.#family)) return [];
    return [["-p tcp", ...this.#packet(match, hook), ...(limit ? [this.#amount(limit)] : []), target()].join(" ")];
  }

  #packet({ source, destination, port, ports, by, account }: RuleMatch, hook: Hook): string[] {
    const asked = ports ?? (port === undefined ? undefined : { first: port, last: port });
    return [
      ...(by === undefined ? [] : [this.#inTurn(interfaceForms).replaceAll("NAME", by)]),
      ...(account === undefined ? [] : [this.#inTurn(accountForms).replaceAll("NAME", account)]),
      ...(source === undefined ? [] : [this.#network("src", source)]),
      ...(destination === undefined ? [] : [this.#network("dst", destination)]),
      ...(asked === undefined ? [this.#inTurn(hook === "INPUT" ? anyPortOfInput : anyPortForms)] : [this.#ports(asked, hook)]),
    ];
  }

  #network(end: "src" | "dst", network: string): string {
    const form = this.#inTurn(networkForms);
    const { first, last } = range(parseInterface(network) as Interface);
    // No set holds a network of everything.
    const written = form.includes("SET") && network.endsWith("/0") ? "FLAG NETWORK" : form;
    return written
      .replace("SET", () => this.#set(`hash:net family ${this.#family === 4 ? "inet" : "inet6"}`, network))
      .replaceAll("END", end)
      .replace("FLAG", end === "src" ? "-s" : "-d")
      .replace("NETWORK", network)
      .replace("FIRST", fromNumber(first, this.#family).text)
      .replace("LAST", fromNumber(last, this.#family).text);
  }

  #ports({ first, last }: { first: number; last: number }, hook: Hook): string {
    const form = this.#inTurn(hook === "PREROUTING" ? namedPortForms : portForms);
    const range = first === last ? String(first) : `${first}:${last}`;
    if (!form.includes("MARK"))
      return form.replace("RANGE", range).replace("SET", () => this.#set("bitmap:port range 0-65535", range.replace(":", "-")));
    // Marks are set before a redirection, whose new port rules see.
    if (hook !== "INPUT" || this.#moves) return `-m tcp --dport ${range}`;
    const bit = `0x${(1 << this.#marks.length).toString(16)}/0x${(1 << this.#marks.length).toString(16)}`;
    this.#marks.push(`-p tcp -m tcp --dport ${range} -j ${form === "MARK" ? "MARK" : "CONNMARK"} --set-xmark ${bit}`);
    return form === "MARK" ? `-m mark --mark ${bit}` : `-m connmark --mark ${bit}`;
  }

  #set(type: string, element: string): string {
    const name = `drawn${this.#family}-${this.#names++}`;
    this.ipsets.push(`create ${name} ${type}`, `add ${name} ${element}`);
    return name;
  }

  #amount(limit: RuleLimit): string {
    const { over = false, bySource = false } = limit;
    switch (limit.of) {
      case "rate": {
        const rate = `${limit.packets}/${limit.per}`;
        if (!over && !bySource) return `-m limit --limit ${rate}`;
        const each = bySource ? " --hashlimit-mode srcip" : "";
        return `-m hashlimit --hashlimit-${over ? "above" : "upto"} ${rate} --hashlimit-burst 5${each} --hashlimit-name h${this.#family}-${this.#names++}`;
      }
      case "connections":
        return `-m connlimit --connlimit-${over ? "above" : "upto"} ${limit.count} --connlimit-mask ${bySource ? bits(this.#family) : 0} --connlimit-saddr`;
      case "quota":
        return `-m quota ${over ? "! " : ""}--quota ${limit.bytes}`;
    }
  }

  #target(action: FirewallAction): string {
    return action === "reject" ? this.#inTurn(rejectForms) : action.toUpperCase();
  }

  /** At once, or by a chain of its own. */
  #verdict(action: FirewallAction): string {
    const target = this.#target(action);
    const form = this.#inTurn(verdictForms);
    if (!form.includes("CHAIN")) return form.replace("TARGET", target);
    const name = `own${this.#chains.length}`;
    this.#chains.push([action === "reject" ? `-p tcp -j ${target}` : `-j ${target}`]);
    return form.replace("CHAIN", name);
  }

  #destination({ to: { address, port } }: Redirection): () => string {
    const bracketed = address?.includes(":") ? `[${address}]` : address;
    return () => (address === undefined ? `-j REDIRECT --to-ports ${port}` : `-j DNAT --to-destination ${bracketed}:${port}`);
  }

  #inTurn<One>(forms: readonly One[]): One {
    const turn = this.#turns.get(forms) ?? this.#writing;
    this.#turns.set(forms, turn + 1);
    return forms[turn % forms.length] as One;
  }
}

const namedPortForms = [
  "-m tcp --dport RANGE",
  "-m multiport --dports RANGE",
  "-m conntrack --ctstate NEW -m tcp --dport RANGE",
  "-m tcp --syn --dport RANGE",
];
const portForms = [...namedPortForms, "-m multiport --dports RANGE", "MARK", "-m set --match-set SET dst", "CONNMARK"];
const anyPortForms = ["-m tcp --sport 1:65535", "-m conntrack --ctstate NEW,UNTRACKED", "-m tcp --syn", '-m comment --comment "any port"'];
const anyPortOfInput = [...anyPortForms, "-m addrtype --dst-type LOCAL"];
const interfaceForms = ["-i NAME"];
const accountForms = ["-m owner --uid-owner NAME", "-m owner --gid-owner NAME"];
const networkForms = ["FLAG NETWORK", "-m iprange --END-range FIRST-LAST", "-m set --match-set SET END"];
const verdictForms = ["-j TARGET", "-j TARGET", "-j CHAIN", "-g CHAIN"];
const rejectForms = ["REJECT --reject-with tcp-reset", "REJECT"];

function familyOf(network: string): Family {
  return network.includes(":") ? 6 : 4;
}
