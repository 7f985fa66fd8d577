/** Could a rule match a packet of a TCP connection to one port? Says no only when that is certain. */
import type { Family } from "../core/address.ts";
import { holdsRange } from "./address-match.ts";
import type { Connection, Way } from "./connection.ts";
import { entriesBelow, extensionsOf, field, type Json, statementsOf, valuesIn } from "./expressions.ts";
import { iptablesExcludes } from "./iptables-match.ts";
import { needsOtherBits } from "./marks.ts";
import { elementValue } from "./named-sets.ts";
import type { ListedRule } from "./rule-lines.ts";
import { isNextHeader, mayBeExtension } from "./sender-fields.ts";
import { sourceField } from "./source-fields.ts";
import { type Answer, not, type SetElements, valueMatches } from "./value-match.ts";

const families: Record<string, Family> = { ip: 4, ip6: 6, icmp: 4, icmpv6: 6, ipv4: 4, ipv6: 6, "ipv6-icmp": 6 };
const transports = new Set(["udp", "udplite", "sctp", "dccp", "icmp", "icmpv6", "igmp", "esp", "ah", "comp", "gre"]);

/**
 * @param written the user's own words, for what nft's JSON does not tell of iptables's extensions; undefined when not known
 */
export function couldMatch(rule: ListedRule, written: string | undefined, connection: Connection, way: Way, sets: SetElements): boolean {
  const { family } = connection;
  if (family !== undefined && otherFamily(families[rule.family], family)) return false;
  if (extensionsOf(rule).length > 0 && written !== undefined && iptablesExcludes(written, connection, way)) return false;
  return !statementsOf(rule).some((statement) => {
    const match = field(statement, "match");
    const tests = match === undefined ? keysIn(statement) : [match];
    return tests.some((test) => answer(test, connection, way, sets) === "no");
  });
}

/** Does every packet that comes in match it? Says so only when that is certain. */
export function certainlyMatches(rule: ListedRule, connection: Connection, sets: SetElements): boolean {
  return statementsOf(rule).every((statement) => {
    const match = field(statement, "match");
    if (match !== undefined) return answer(match, connection, "in", sets) === "yes";
    const target = field(statement, "xt");
    if (target !== undefined) return field(target, "type") === "target" || field(target, "name") === "comment";
    return typeof statement === "object" && statement !== null && Object.keys(statement).every((name) => always.has(name));
  });
}

/** Statements that end or go on alike for each packet. */
const always = new Set(["counter", "log", "drop", "reject", "jump", "goto", "comment"]);

/** Can a packet of the connection that comes in have this key of a map? */
export function couldBe(key: Json, value: Json, connection: Connection): boolean {
  return answer({ left: key, op: "==", right: value } as Json, connection, "in", () => undefined) !== "no";
}

/** What a map has no value for does not match: `dnat to tcp dport map { 443 : 10.0.0.2 }` is about port 443 alone. As comparisons with its keys. */
function keysIn(statement: Json): Json[] {
  return entriesBelow(statement).flatMap(([name, content]): Json[] => {
    const data = name === "map" || name === "vmap" ? field(content, "data") : undefined;
    if (data === undefined) return [];
    const pairs = field(data, "set");
    const keys = Array.isArray(pairs) ? { set: (pairs as Json[]).map((pair) => (Array.isArray(pair) ? (pair[0] as Json) : pair)) } : data;
    return [{ left: field(content, "key") ?? null, op: "==", right: keys } as Json];
  });
}

function answer(match: Json, connection: Connection, way: Way, sets: SetElements): Answer {
  const { ports, family, source, marks } = connection;
  const left = field(match, "left");
  const right = field(match, "right");
  const compared = (found: Answer): Answer => {
    const op = field(match, "op");
    if (op === "==" || op === "in") return found;
    return op === "!=" ? not(found) : "unknown";
  };
  const asked = (value: number | string) => compared(valueMatches(value, right, sets));
  const parts = field(left, "concat");
  if (Array.isArray(parts)) return concatAnswer(match, parts, connection, way, sets);
  if (marks !== undefined && needsOtherBits(match, marks) === "no") return "no";
  if (source && way === "in" && sourceField(left, "") === "address") return compared(holdsRange(source, right, sets));
  const payload = field(left, "payload");
  if (isNextHeader(payload) && mayBeExtension(right)) return "unknown";
  if (payload !== undefined) return payloadAnswer(payload, { ports, family }, way, asked);
  const meta = field(field(left, "meta"), "key");
  if (meta === "l4proto") return asked("tcp");
  if ((meta === "nfproto" || meta === "protocol") && family !== undefined) return asked(nameOf(String(meta), family));
  return ctAnswer(field(left, "ct"), { ports, family }, way, { asked, right });
}

/** `ip daddr . tcp dport { 192.0.2.1 . 80 }`: an element matches where all of its parts do. */
function concatAnswer(match: Json, parts: readonly Json[], connection: Connection, way: Way, sets: SetElements): Answer {
  // `udp sport . udp dport` is about packets of UDP, whatever the values.
  if (parts.some((part) => transports.has(String(field(field(part, "payload"), "protocol"))))) return "no";
  const elements = elementsIn(field(match, "right"), sets);
  if (!elements) return "unknown";
  const excluded = elements.every((element) => {
    const values = field(element, "concat");
    return Array.isArray(values) && excludes(parts, values as Json[], connection, way, sets);
  });
  return excluded && field(match, "op") !== "!=" ? "no" : "unknown";
}

/** Is there a part that cannot have its value? */
export function excludes(parts: readonly Json[], values: readonly Json[], connection: Connection, way: Way, sets: SetElements): boolean {
  return parts.some((left, at) => answer({ left, op: "==", right: values[at] }, connection, way, sets) === "no");
}

/** Undefined for those of a set that packets change. */
export function elementsIn(value: Json, sets: SetElements): readonly Json[] | undefined {
  const found = typeof value === "string" && value.startsWith("@") ? sets(value.slice(1)) : (field(value, "set") ?? [value]);
  return Array.isArray(found) ? (found as Json[]).map(elementValue) : undefined;
}

interface Asked {
  asked: (value: number | string) => Answer;
  right: Json;
}

/**
 * What connection tracking knows of a connection that opens: its packets are new, then established, or a rule keeps them untracked, and both directions
 * have its ports.
 */
function ctAnswer(ct: Json, { ports, family }: Connection, way: Way, { asked, right }: Asked): Answer {
  const key = field(ct, "key");
  const direction = field(ct, "dir");
  if (key === "state") return valuesIn(right).every((state) => state === "invalid") ? "no" : "unknown";
  if (key === "protocol") return asked("tcp");
  if (key === "l3proto" && family !== undefined) return asked(nameOf("nfproto", family));
  const isPort = (key === "proto-dst" && direction === "original") || (key === "proto-src" && direction === "reply");
  return isPort && way === "in" && ports ? everyPort(ports, asked) : "unknown";
}

function everyPort(ports: readonly number[], asked: (value: number) => Answer): Answer {
  return ports.every((port) => asked(port) === "no") ? "no" : "unknown";
}

function payloadAnswer(payload: Json, { ports, family }: Connection, way: Way, asked: (value: number | string) => Answer): Answer {
  const protocol = String(field(payload, "protocol"));
  if (transports.has(protocol)) return "no";
  if (family !== undefined && otherFamily(families[protocol], family)) return "no";
  const name = field(payload, "field");
  if (protocol === "ip" && name === "protocol") return asked("tcp");
  if (isNextHeader(payload)) return asked("tcp");
  // What leaves this machine is the answer, whose source is the port, or a connection of its own to anywhere.
  return (protocol === "tcp" || protocol === "th") && name === "dport" && way === "in" && ports ? everyPort(ports, asked) : "unknown";
}

function nameOf(meta: string, family: Family): string {
  const [ip, nf] = family === 4 ? ["ip", "ipv4"] : ["ip6", "ipv6"];
  return meta === "nfproto" ? (nf as string) : (ip as string);
}

function otherFamily(one: Family | undefined, other: Family): boolean {
  return one !== undefined && one !== other;
}
