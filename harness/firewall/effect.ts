/** What a rule does to a packet that it matches. Pure. */
import { extensionsOf, field, type Json, statementsOf } from "./expressions.ts";
import type { ListedRule } from "./rule-lines.ts";

/** Does the rule let nothing on that it matches? */
export function closes(rule: ListedRule): boolean {
  if (extensionsOf(rule).some((extension) => /^target (DROP|REJECT)$/.test(extension))) return true;
  return statementsOf(rule).some((statement) => field(statement, "drop") !== undefined || field(statement, "reject") !== undefined);
}

/** Can it have a part in what becomes of the packet? Not if it only logs, counts or remembers. */
export function decides(rule: ListedRule): boolean {
  return effectsOf(rule).some((effect) => effect !== "none");
}

/** The same, without what clamps an MSS or sets a DSCP. */
export function steers(rule: ListedRule): boolean {
  return effectsOf(rule).includes("way");
}

/** `header`: the packet is changed, and goes its way. */
type Effect = "none" | "header" | "way";

function effectsOf(rule: ListedRule): Effect[] {
  return [...extensionsOf(rule).map(ofExtension), ...statementsOf(rule).map(ofStatement)];
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
const headers = ["payload", "tcp option", "exthdr", "ip option"];

function ofStatement(statement: Json): Effect {
  if (typeof statement === "string") return passiveText.test(statement) ? "none" : "way";
  const [name = ""] = Object.keys((statement ?? {}) as object);
  if (name === "xt" || passive.has(name)) return "none";
  const written = field(field(statement, "mangle"), "key");
  return headers.some((each) => field(written, each) !== undefined) ? "header" : "way";
}
