/**
 * Rulesets of the simple kind, as the model's packet filter: one chain of rules for packets that come in, each a condition on ports, addresses and
 * interfaces. Whatever else stands in a ruleset is a doubt, with its line: the model then says nothing that depends on it. Pure.
 */
import type { Family } from "../../core/address.ts";
import type { FirewallPolicy, FirewallRule } from "../../openssh/model/firewall-policy.ts";
import { detectKind } from "../detect-kind.ts";
import type { DoubtCode, SimpleChain, SimpleRule } from "./chain.ts";
import { readSimpleDump } from "./iptables.ts";
import { readSimpleNft } from "./nft.ts";

export interface Doubt {
  code: DoubtCode;
  /** 1-based. */
  line: number;
  /** The line as written. */
  text: string;
  /** Only about connections of this family from other hosts. Left out: about everything. */
  family?: Family;
}

export interface SimpleRuleset {
  /** Left out: a doubt about everything. */
  policy?: FirewallPolicy;
  doubts: Doubt[];
  kind: "nft" | "iptables" | undefined;
  /** Rules that name an interface other than `lo`. */
  interfaces: { name: string; line: number; text: string }[];
}

/** @param display name of the file, for reasons */
export function readSimpleRuleset(given: string, display: string): SimpleRuleset {
  const text = given.replaceAll("\r\n", "\n");
  const kind = detectKind(text);
  if (kind !== "nft" && kind !== "iptables") {
    const [first = "", line] = firstLine(text);
    return { doubts: [{ code: kind === "nothing" ? "empty" : "format", line, text: first }], kind: undefined, interfaces: [] };
  }
  const { chains, doubts } = kind === "nft" ? readSimpleNft(text, display) : readSimpleDump(text);
  const lines = text.split("\n");
  const found: Doubt[] = doubts.map(({ code, line }) => ({ code, line, text: lines[line - 1]?.trim() ?? "" }));
  for (const family of [4, 6] as const) {
    const own = chains.filter((chain) => chain.family === family);
    // Of two chains both must let a packet in.
    const [first, second] = own;
    if (second) found.push({ code: "unknown", line: second.line, text: lines[second.line - 1]?.trim() ?? "" });
    // What a line that is not understood does to the rest nobody knows.
    else if (first && doubts.length === 0) found.push(...answerDoubts(first, lines), ...neighbourDoubts(first, lines));
  }
  if (found.some(({ family }) => family === undefined)) return { doubts: eachOnce(found), kind, interfaces: [] };
  return { policy: policyOf(chains, display), doubts: found, kind, interfaces: interfacesOf(chains) };
}

function firstLine(text: string): [string | undefined, number] {
  const lines = text.split("\n");
  const at = lines.findIndex((line) => line.trim() !== "" && !line.trim().startsWith("#"));
  return [lines[at]?.trim(), Math.max(at, 0) + 1];
}

function eachOnce(doubts: readonly Doubt[]): Doubt[] {
  const all = doubts.filter(({ family }) => family === undefined);
  return [...new Map(all.map((doubt) => [`${doubt.code} ${doubt.line}`, doubt])).values()].sort((one, other) => one.line - other.line);
}

function interfacesOf(chains: readonly SimpleChain[]): SimpleRuleset["interfaces"] {
  const rules = chains.flatMap((chain) => chain.rules);
  const named = rules.flatMap(({ interfaces, line, text }) =>
    interfaces.filter((name) => name !== "lo").map((name) => ({ name, line, text })),
  );
  return [...new Map(named.toReversed().map((each) => [each.name, each])).values()].sort((one, other) => one.line - other.line);
}

/** A packet of one family meets the rules of that family's chain alone. */
function policyOf(chains: readonly SimpleChain[], display: string): FirewallPolicy {
  return {
    rules: chains.flatMap((chain) => [
      ...chain.rules.flatMap((rule) => modelRules(rule, chain.family, display)),
      { family: chain.family, action: chain.default, written: `${display}:${chain.defaultLine}: policy ${chain.default}` },
    ]),
    default: "accept",
    judgesLoopback: true,
  };
}

/** One rule of the model for each combination: all of them act alike. */
function modelRules(rule: SimpleRule, family: Family, display: string): FirewallRule[] {
  if (!about(rule, "tcp") || !inState(rule, "new") || !rule.families.includes(family)) return [];
  const written = `${display}:${rule.line}: ${rule.text}`;
  return product<Partial<FirewallRule>>(
    rule.sources.map((source) => ({ source })),
    rule.destinations.map((destination) => ({ destination })),
    rule.ports.map((ports) => (ports.first === ports.last ? { port: ports.first } : { ports })),
    rule.interfaces.map((by) => ({ by })),
  ).map((match) => ({ family, ...match, action: rule.action, written }));
}

/** An empty list is no condition. */
function product<One extends object>(...lists: readonly (readonly One[])[]): One[] {
  return lists.reduce<One[]>(
    (found, list) => (list.length === 0 ? found : found.flatMap((one) => list.map((other) => ({ ...one, ...other })))),
    [{} as One],
  );
}

function about({ protocols }: SimpleRule, protocol: string): boolean {
  return protocols === undefined || protocols.includes(protocol);
}

function inState({ states }: SimpleRule, state: string): boolean {
  return states === undefined || states.includes(state);
}

/** Ports of a rule that an outgoing connection is so unlikely to use that its answers are safe. */
const fewPorts = 16;

/**
 * Rules see every packet, and the model only a connection's first: the rest must pass. So an unconditional `ct state established accept` has to stand
 * before whatever stops packets; or, where everything passes by default, what stops packets names few ports.
 */
function answerDoubts(chain: SimpleChain, lines: readonly string[]): Doubt[] {
  const doubt = (line: number): Doubt[] => [{ code: "answers", line, text: lines[line - 1]?.trim() ?? "" }];
  for (const rule of chain.rules) {
    if (!rule.families.includes(chain.family) || !about(rule, "tcp") || !inState(rule, "established")) continue;
    if (rule.action !== "accept") {
      const ports = rule.ports.reduce((sum, { first, last }) => sum + last - first + 1, 0);
      if (ports === 0 || ports > fewPorts) return doubt(rule.line);
    } else if (isUnconditional(rule)) return [];
  }
  return chain.default === "accept" ? [] : doubt(chain.defaultLine);
}

function isUnconditional({ sources, destinations, ports, interfaces }: SimpleRule): boolean {
  return [sources, destinations, ports, interfaces].every((list) => list.length === 0);
}

const discovery = ["nd-neighbor-solicit", "nd-neighbor-advert"];

/** Without neighbour discovery no packet of IPv6 arrives, whatever else the rules say. Source: RFC 4861. */
function neighbourDoubts(chain: SimpleChain, lines: readonly string[]): Doubt[] {
  if (chain.family !== 6) return [];
  const accepted = new Set<string>();
  const doubt = (line: number): Doubt[] => [{ code: "neighbours", line, text: lines[line - 1]?.trim() ?? "", family: 6 }];
  for (const rule of chain.rules.filter(meetsDiscovery)) {
    if (rule.action !== "accept") return doubt(rule.line);
    if (rule.unread || !isUnconditional(rule)) continue;
    for (const type of rule.icmpTypes ?? discovery) accepted.add(type);
    if (discovery.every((type) => accepted.has(type))) return [];
  }
  return chain.default === "accept" ? [] : doubt(chain.defaultLine);
}

/** Connection tracking leaves neighbour discovery alone: it is `untracked`. */
function meetsDiscovery(rule: SimpleRule): boolean {
  if (!rule.families.includes(6) || !about(rule, "icmpv6") || rule.states?.includes("untracked") === false) return false;
  if (rule.interfaces.length > 0 && rule.interfaces.every((name) => name === "lo")) return false;
  return rule.icmpTypes?.some((type) => discovery.includes(type)) ?? true;
}
