/** What a rule does to a packet that it matches. Pure. */
import { extensionsOf, field, type Json, statementsOf } from "./expressions.ts";
import { chainKey } from "./firewall-files.ts";
import type { ListedRule, NftListing } from "./rule-lines.ts";

/** Does the rule stop every packet that it matches? */
export function closes(rule: ListedRule): boolean {
  if (extensionsOf(rule).some((extension) => /^target (DROP|REJECT)$/.test(extension))) return true;
  return statementsOf(rule).some((statement) => field(statement, "drop") !== undefined || field(statement, "reject") !== undefined);
}

const away = new Set(["fwd", "dnat", "redirect", "queue", "tproxy"]);

/** Does the rule send every packet that it matches elsewhere: to another port or host, out of an interface, to a program? */
export function leadsAway(rule: ListedRule): boolean {
  if (extensionsOf(rule).some((extension) => /^target (DNAT|REDIRECT|NETMAP|TPROXY|NFQUEUE|QUEUE)$/.test(extension))) return true;
  return statementsOf(rule).some((statement) => Object.keys((statement ?? {}) as object).some((name) => away.has(name)));
}

/**
 * Can the rule affect the packet? Not if it only logs, counts or remembers.
 * @param silent chains through which a packet only passes: see `silentChains`
 */
export function decides(rule: ListedRule, silent: ReadonlySet<string>): boolean {
  return effectsOf(rule, silent).some((effect) => effect !== "none");
}

/** The same, except for rules that only change headers, such as clamping the MSS or setting a DSCP. */
export function steers(rule: ListedRule): boolean {
  return steering(rule).length > 0;
}

/** The statements, and targets of iptables, that make it so. */
export function steering(rule: ListedRule): Json[] {
  return statementsOf(rule).filter((statement) => {
    const xt = field(statement, "xt");
    return (xt === undefined ? ofStatement(statement) : ofExtension(`${field(xt, "type")} ${field(xt, "name")}`)) === "way";
  });
}

/** `header`: the packet is changed, but takes the same way. */
type Effect = "none" | "header" | "way";

function effectsOf(rule: ListedRule, silent: ReadonlySet<string>): Effect[] {
  const statements = statementsOf(rule).map((each) => (onlyPasses(each, rule, silent) ? "none" : ofStatement(each)));
  return [...extensionsOf(rule).map(ofExtension), ...statements];
}

function onlyPasses(statement: Json, rule: ListedRule, silent: ReadonlySet<string>): boolean {
  const [jump, goto] = [field(statement, "jump"), field(statement, "goto")].map((way) => field(way, "target"));
  if (typeof jump === "string") return silent.has(chainKey({ ...rule, chain: jump }));
  // The packet reaches the end of such a chain anyway.
  if (!silent.has(chainKey(rule))) return false;
  return typeof goto === "string" ? silent.has(chainKey({ ...rule, chain: goto })) : field(statement, "return") !== undefined;
}

const known = new WeakMap<NftListing["nftables"], ReadonlySet<string>>();

/** Chains that a packet only passes through, such as ufw's logging chains: no rule there, or in a chain it leads to, has a verdict. */
export function silentChains({ nftables }: NftListing): ReadonlySet<string> {
  const found = known.get(nftables) ?? findSilent(nftables);
  known.set(nftables, found);
  return found;
}

/** Starts with all chains and removes those with a rule that decides, until no more have one: a removed chain makes rules that jump to it decide. */
function findSilent(nftables: NftListing["nftables"]): ReadonlySet<string> {
  const rules = Map.groupBy(
    nftables.flatMap(({ rule }) => (rule ? [rule] : [])),
    chainKey,
  );
  let silent: ReadonlySet<string> = new Set(
    nftables.flatMap(({ chain }) => (chain && !chain.hook ? [chainKey({ ...chain, chain: chain.name })] : [])),
  );
  for (let before = -1; before !== silent.size; ) {
    before = silent.size;
    silent = new Set([...silent].filter((chain) => !rules.get(chain)?.some((rule) => decides(rule, silent))));
  }
  return silent;
}

const passiveTargets = new Set(["LOG", "NFLOG", "ULOG", "SET", "AUDIT", "TRACE"]);
const headerTargets = new Set(["TCPMSS", "TCPOPTSTRIP", "DSCP", "TOS", "TTL", "HL", "ECN", "CHECKSUM"]);

function ofExtension(extension: string): Effect {
  const [kind, name = ""] = extension.split(" ");
  if (kind !== "target" || passiveTargets.has(name)) return "none";
  return headerTargets.has(name) ? "header" : "way";
}

const passive = new Set(["match", "limit", "quota", "ct count", "counter", "log", "set", "map", "meter", "last", "comment", "continue"]);
const passiveText = /^(counter|log|limit|quota|meter)\b/;
const headers = ["tcp option", "exthdr", "ip option"];
/** Fields that say where a packet goes, and where its answer does. */
const ends = new Set(["saddr", "daddr", "sport", "dport"]);

function ofStatement(statement: Json): Effect {
  if (typeof statement === "string") return passiveText.test(statement) ? "none" : "way";
  const [name = ""] = Object.keys((statement ?? {}) as object);
  if (name === "xt" || passive.has(name)) return "none";
  const written = field(field(statement, "mangle"), "key");
  const payload = field(written, "payload");
  // Raw bits may be those of a port.
  if (payload !== undefined) return ends.has(String(field(payload, "field") ?? "dport")) ? "way" : "header";
  return headers.some((each) => field(written, each) !== undefined) ? "header" : "way";
}
