/** A policy of the model as the ruleset that a person would write for it. */
import { type Family, fromNumber, type Interface, parseInterface, range } from "../../../harness/core/address.ts";
import type { NftFirewall } from "../../../harness/firewall/firewall-files.ts";
import type {
  FirewallAction,
  FirewallPolicy,
  FirewallRule,
  Redirection,
  RuleMatch,
} from "../../../harness/openssh/model/firewall-policy.ts";
import type { RuleLimit } from "../../../harness/openssh/model/rule-limit.ts";

/**
 * Loopback, answers and neighbour discovery pass, as in every ruleset that works.
 * @param writing which of the ways to write the same comes first
 */
export function nftOf(policy: FirewallPolicy, writing = 0): NftFirewall {
  const main = "/etc/nftables.conf";
  const content = new Ruleset(writing).text(policy);
  return { kind: "nft", main, files: { [main]: { content, display: "nftables.conf" } }, warnings: [], rules: [], objects: [] };
}

/** Where a rule stands: not every way to write it is meant there. */
type Hook = "prerouting" | "input" | "output";

const answers = "ct state established,related accept";

/** Of several ways to write the same, each in turn. */
class Ruleset {
  readonly #sets: string[] = [];
  readonly #chains: string[] = [];
  readonly #marks: string[] = [];
  readonly #writing: number;
  /** Ports whose packets connection tracking never sees. */
  #untracked: readonly number[] = [];
  readonly #turns = new Map<readonly unknown[], number>();

  constructor(writing: number) {
    this.#writing = writing;
  }

  text({ redirections = [], rules, default: fallback, judgesLoopback = false, output = [] }: FirewallPolicy): string {
    this.#untracked = this.#writing % 5 > 1 ? portsToUntrack({ redirections, rules, default: fallback, judgesLoopback, output }) : [];
    const closed = fallback === "reject" ? [`meta l4proto tcp ${this.#action(fallback)}`] : [];
    const invalid = this.#writing % 2 === 1 ? ["ct state invalid drop"] : [];
    const head = [...(judgesLoopback ? [] : ["iif lo accept"]), answers, "meta l4proto { icmp, ipv6-icmp } accept", ...invalid];
    const { early, late } = this.#split(rules);
    const input = [...head, ...(early.length > 0 ? [`meta mark and ${letIn} == ${letIn} accept`] : []), ...late, ...closed];
    const nat = this.#nat(redirections);
    const own = this.#filter(output, "output");
    const chains = [
      ...this.#raw(),
      ...(nat.length > 0 ? [chain("prerouting", "type nat hook prerouting priority dstnat", "accept", nat)] : []),
      // Behind the redirections, whose new destination rules see.
      ...(this.#marks.length > 0
        ? [chain("marks", "type filter hook prerouting priority dstnat + 10", "accept", [...this.#marks, ...this.#saved()])]
        : []),
      ...(early.length > 0 ? [chain("early", "type filter hook input priority filter - 10", "accept", [...head, ...early])] : []),
      chain("input", "type filter hook input priority filter", fallback === "accept" ? "accept" : "drop", input),
      ...(own.length > 0
        ? [
            chain("output", "type filter hook output priority filter", "accept", [
              answers,
              ...(this.#untracked.length > 0 ? ["ct state untracked accept"] : []),
              ...own,
            ]),
          ]
        : []),
    ];
    return `table inet filter {\n${[...this.#sets, ...this.#chains, ...chains].join("\n")}}\n`;
  }

  /** What comes in and is not tracked is no answer to anything: each packet meets the rules, and so does none that leaves. */
  #raw(): string[] {
    const ports = this.#untracked.join(", ");
    if (ports === "") return [];
    return [
      chain("raw_in", "type filter hook prerouting priority raw", "accept", [`iif != lo tcp dport { ${ports} } notrack`]),
      chain("raw_out", "type filter hook output priority raw", "accept", [`oif != lo tcp sport { ${ports} } notrack`]),
    ];
  }

  /** Marks go through the connection's, which keeps them. */
  #saved(): string[] {
    return this.#marksAreSaved() ? ["ct mark set meta mark", "meta mark set 0x0", "meta mark set ct mark"] : [];
  }

  #marksAreSaved(): boolean {
    return this.#writing % 4 === 1;
  }

  /** Now and then the first rules stand in a chain of their own before the others. Both chains must let a packet in: what the first one does, the second is told. */
  #split(rules: readonly FirewallRule[]): { early: string[]; late: string[] } {
    const at = this.#writing % 3 === 2 ? Math.ceil(rules.length / 2) : 0;
    const early = rules.slice(0, at).flatMap((rule) => this.#lines(rule, this.#verdict(rule.action, markedAccept), "input"));
    return { early, late: this.#filter(rules.slice(at), "input") };
  }

  #filter(rules: readonly FirewallRule[], hook: Hook): string[] {
    return rules.flatMap((rule) => this.#lines(rule, this.#verdict(rule.action), hook));
  }

  #nat(redirections: readonly Redirection[]): string[] {
    return redirections.flatMap((each) => this.#lines(each, this.#destination(each), "prerouting"));
  }

  /** A rule that counts by source address needs one line for each family. */
  #lines({ limit, ...match }: RuleMatch, statement: string, hook: Hook): string[] {
    if (limit === undefined) return [[...this.#packet(match, hook), statement].join(" ")];
    if (!limit.bySource) return [[...this.#packet(match, hook), amount(limit), statement].join(" ")];
    const network = match.source ?? match.destination;
    const own = match.family ?? (network === undefined ? undefined : familyOf(network));
    return (own ? [own] : ([4, 6] as const)).map((family) =>
      [...this.#packet(match, hook), this.#bySource(family, limit), statement].join(" "),
    );
  }

  #packet({ family, source, destination, port, ports, by, account }: RuleMatch, hook: Hook): string[] {
    const range = ports ?? (port === undefined ? undefined : { first: port, last: port });
    return [
      ...(family === undefined ? [] : [this.#inTurn(familyForms[family])]),
      ...(by === undefined ? [] : [this.#inTurn(interfaceForms).replace("NAME", by)]),
      ...(account === undefined ? [] : [this.#inTurn(accountForms).replaceAll("NAME", account)]),
      ...this.#places(source, destination, port),
      ...(range === undefined ? [this.#inTurn(this.#everyPacket(hook === "input" ? anyPortOfInput : anyPortForms))] : []),
      ...(range === undefined ? [] : [this.#ports(range, hook)]),
    ];
  }

  /** One statement for each, or for several of them together. */
  #places(source: string | undefined, destination: string | undefined, port: number | undefined): string[] {
    const [saddr, daddr] = [source, destination].map((each) => (each === undefined ? undefined : protocol(familyOf(each))));
    if (saddr && daddr && this.#inTurn(together)) return [`${saddr} saddr . ${daddr} daddr { ${source} . ${destination} }`];
    if (saddr && !daddr && port !== undefined && this.#inTurn(together)) return [`${saddr} saddr . tcp dport { ${source} . ${port} }`];
    return [
      ...(source === undefined ? [] : [this.#network("saddr", source)]),
      ...(destination === undefined ? [] : [this.#network("daddr", destination)]),
    ];
  }

  #network(field: "saddr" | "daddr", network: string): string {
    const family = familyOf(network);
    const { first, last } = range(parseInterface(network) as Interface);
    const forms = this.#untracked.length > 0 || first === 0n ? plainNetworkForms : networkForms[field];
    const bits = maskParts(first, last, family);
    const written = this.#inTurn(forms)
      .replaceAll("VERSION", protocol(family))
      .replace("EVEN", () => bits.even)
      .replace("ODD", () => bits.odd)
      .replaceAll("FIELD", `${protocol(family)} ${field}`)
      .replace("NETWORK", network)
      .replace("FIRST", fromNumber(first, family).text)
      .replace("LAST", fromNumber(last, family).text);
    return written.replace("@SET", () => this.#set(`type ipv${family}_addr; flags interval`, network));
  }

  #ports({ first, last }: { first: number; last: number }, hook: Hook): string {
    const one = first === last;
    if (hook === "input" && one && this.#untracked.includes(first) && this.#inTurn(together))
      return `ct state untracked tcp dport ${first}`;
    const forms = hook === "prerouting" ? onePortForms : portForms;
    const form = this.#inTurn(this.#everyPacket(one ? forms : rangeForms));
    const written = form
      .replaceAll("PORT", String(first))
      .replaceAll("RANGE", `${first}-${last}`)
      .replaceAll("FIRST", String(first))
      .replaceAll("LAST", String(last));
    if (!written.includes("MARK"))
      return written.replace("@SET", () => this.#set(`type inet_service; flags interval`, one ? String(first) : `${first}-${last}`));
    // Every rule has a bit of its own: others set theirs on the same packet.
    if (hook !== "input") return `tcp dport ${first}-${last}`;
    const bit = `0x${(1 << this.#marks.length).toString(16)}`;
    const mark = written.replace("MARK", "mark");
    const setting = this.#marksAreSaved() ? "meta mark" : mark;
    this.#marks.push(`tcp dport ${first}-${last} ${setting} set ${setting} or ${bit}`);
    return `meta l4proto tcp ${mark} and ${bit} == ${bit}`;
  }

  /** Where connections are not tracked, a rule has to match each of their packets. */
  #everyPacket(forms: readonly string[]): readonly string[] {
    return this.#untracked.length > 0 ? forms.filter((form) => !/\bct\b|flags/.test(form)) : forms;
  }

  #set(type: string, element: string): string {
    const name = `set${this.#sets.length}`;
    this.#sets.push(`  set ${name} {\n    ${type}; elements = { ${element} }\n  }\n`);
    return `@${name}`;
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

  /** Said at once, or by a chain of its own that a packet is sent to, or by a map. */
  #verdict(action: FirewallAction, accept = "accept"): string {
    const said = action === "accept" ? accept : this.#action(action);
    // Of a connection that is not tracked there is no mark, and a rule that reads it matches nothing.
    const form = this.#inTurn(this.#everyPacket(verdictForms));
    const name = `c${this.#chains.length}`;
    const map = `v${this.#sets.length}`;
    if (/CHAIN|@MAP/.test(form)) this.#chains.push(`  chain ${name} {\n    ${said}\n  }\n`);
    if (form.includes("@MAP"))
      this.#sets.push(`  map ${map} {\n    type inet_proto : verdict; elements = { udp : drop, tcp : goto ${name} }\n  }\n`);
    return form.replace("VERDICT", said).replace("CHAIN", name).replace("MAP", map);
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

  #inTurn<One>(forms: readonly One[]): One {
    const turn = this.#turns.get(forms) ?? this.#writing;
    this.#turns.set(forms, turn + 1);
    return forms[turn % forms.length] as One;
  }
}

/** Of a packet that the first chain has let in. */
const letIn = "0x10000";
const markedAccept = `meta mark set meta mark or ${letIn} accept`;

/** Ports that lead elsewhere are found by what rules name. */
const onePortForms = [
  "tcp dport PORT",
  "tcp dport { PORT }",
  "meta l4proto tcp th dport PORT",
  "ct state new tcp dport PORT",
  "tcp flags & (fin | syn | rst | ack) == syn tcp dport PORT",
  "tcp dport PORT counter",
  "tcp dport @SET",
];
/** Is this one of the ports that some of the forms name beside the rule's own? What becomes of those, the policy does not say. */
export function isBystander(port: number): boolean {
  return port === 4444 || (port >= 5000 && port <= 5010);
}

const portForms = [
  ...onePortForms,
  "tcp dport { PORT, 4444, 5000-5010 }",
  "meta MARK",
  "meta l4proto . th dport { tcp . PORT, udp . 53 }",
  "ct MARK",
  "tcp dport >= PORT tcp dport <= PORT",
  "meta l4proto tcp @th,16,16 PORT",
];
const rangeForms = [
  "tcp dport RANGE",
  "tcp dport { RANGE }",
  "meta l4proto tcp th dport RANGE",
  "tcp dport { RANGE, 4444 }",
  "ct MARK",
  "tcp dport @SET",
  "meta l4proto . th dport { tcp . RANGE }",
  "tcp dport >= FIRST tcp dport <= LAST",
  "meta MARK",
];
const anyPortForms = [
  "meta l4proto tcp",
  "tcp sport 1-65535",
  "ct state { new, untracked } meta l4proto tcp",
  "meta l4proto 6",
  "ct direction original meta l4proto tcp",
];
const anyPortOfInput = [
  ...anyPortForms,
  "fib daddr type local meta l4proto tcp",
  "fib daddr type != { broadcast, multicast } meta l4proto 6",
  "ct status != snat meta l4proto tcp",
  "fib saddr type != { broadcast, multicast } meta l4proto tcp",
];
const familyForms = {
  4: ["meta nfproto ipv4", "meta protocol ip", "ip saddr 0.0.0.0/0", "ip version 4", "meta protocol . meta l4proto { ip . tcp }"],
  6: ["meta nfproto ipv6", "meta protocol ip6", "ip6 saddr ::/0", "ip6 version 6", "meta protocol . meta l4proto { ip6 . tcp }"],
};
const interfaceForms = [
  'iifname "NAME"',
  "iif NAME",
  'iifname { "NAME", "wg0" }',
  'meta iifname "NAME"',
  'iifname . meta l4proto { "NAME" . tcp, "wg0" . udp }',
];
const accountForms = ["meta skuid NAME", "meta skgid NAME", "meta skuid { NAME }", "meta skuid . meta skgid { NAME . NAME }"];
const plainNetworkForms = ["FIELD NETWORK", "FIELD { NETWORK }", "FIELD @SET", "FIELD FIRST-LAST", "FIELD >= FIRST FIELD <= LAST"];
/** A connection's tuples: what an answer goes to is where the first packet came from. */
const networkForms = {
  saddr: [...plainNetworkForms, "FIELD & EVEN FIELD & ODD", "ct original VERSION saddr NETWORK", "ct reply VERSION daddr NETWORK"],
  daddr: [...plainNetworkForms, "FIELD & EVEN FIELD & ODD", "ct reply VERSION saddr NETWORK"],
};
const together = [false, false, true];
const verdictForms = [
  "VERDICT",
  "counter VERDICT",
  "goto CHAIN",
  "jump CHAIN",
  "VERDICT",
  'log prefix "drawn " VERDICT',
  "meta l4proto vmap @MAP",
  "meta l4proto vmap { tcp : goto CHAIN }",
  "ct mark set ct mark or 0x20000 VERDICT",
];
const redirectForms = ["redirect to :TO", "redirect to :tcp dport map { FROM : TO, 9999 : 22 }", "meta mark set 0x40000 redirect to :TO"];
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

/** Two masks with gaps, every other hexadecimal digit each, that together are the network's. */
function maskParts(first: bigint, last: bigint, family: Family): { even: string; odd: string } {
  const digits = family === 4 ? 8 : 32;
  const mask = (1n << BigInt(4 * digits)) - 1n - (last - first);
  const every = (digit: string) => BigInt(`0x${digit.repeat(digits / 2)}`);
  const part = (some: bigint) => `${fromNumber(mask & some, family).text} == ${fromNumber(first & some, family).text}`;
  return { even: part(every("f0")), odd: part(every("0f")) };
}

/**
 * Those of which no packet need be tracked: none is led elsewhere, or counted, and each rule can be asked of each packet. Not the login's, and none on
 * loopback, where a packet is tracked as it leaves.
 */
function portsToUntrack({ redirections = [], rules, judgesLoopback, output = [] }: FirewallPolicy): number[] {
  if (redirections.length > 0 || judgesLoopback || [...rules, ...output].some(({ limit }) => limit)) return [];
  return [...new Set(rules.flatMap(({ port }) => (port === undefined || port === 22 ? [] : [port])))];
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
