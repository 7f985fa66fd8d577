/** Packet fields that a rule looks at and a client can choose: the source port, a TTL, a length, an option. Pure. */
import { steers } from "./effect.ts";
import { entriesBelow, extensionsOf, field, type Json, statementsOf, valuesIn } from "./expressions.ts";
import { iptablesWords } from "./iptables-words.ts";
import type { ListedRule } from "./rule-lines.ts";
import { everyPacket, isFlags, matchesFlags, wordsMatchFlags } from "./syn-flags.ts";

/** Does the statement look at the source port? */
export function looksAtSourcePort(statement: Json): boolean {
  return entriesBelow(read(statement)).some(([key, content]) => isSourcePort({ [key]: content }));
}

/** In the packet, or as connection tracking has it: answers go to it. */
export function isSourcePort(expression: Json): boolean {
  const ct = field(expression, "ct");
  const ofConnection = { original: "proto-src", reply: "proto-dst" }[String(field(ct, "dir"))];
  return field(field(expression, "payload"), "field") === "sport" || (ofConnection !== undefined && field(ct, "key") === ofConnection);
}

/** The part of a statement that reads the packet. A statement that sets a DSCP names a field, but does not read it. */
function read(statement: Json): Json {
  const written = field(statement, "mangle");
  return written === undefined ? statement : field(written, "value");
}

/**
 * Does the outcome of the statement depend on another field that the client chooses?
 * @param packets TCP flags of the packets that may meet it
 */
export function looksAtOtherChoice(statement: Json, family: string, packets: readonly (readonly string[])[]): boolean {
  const match = field(statement, "match");
  const about = match === undefined ? read(statement) : field(match, "left");
  return entriesBelow(about).some(([key, content]) => {
    if (key !== "payload") return isOption(key) || (key === "meta" && field(content, "key") === "length");
    if (isFlags(content)) return match === undefined || packets.some((packet) => matchesFlags(match, packet) === "depends");
    if (isNextHeader(content)) return match === undefined || mayBeExtension(field(match, "right"));
    return isChosen(content, family);
  });
}

function isOption(key: string): boolean {
  return key === "tcp option" || key === "ip option" || key === "exthdr" || key === "osf";
}

/** Fields that the client cannot choose, in the headers that every packet to the port has. A MAC address identifies a source, as an IP address does. */
const given: Record<string, readonly string[]> = {
  ip: ["version", "saddr", "daddr", "protocol"],
  ip6: ["version", "saddr", "daddr"],
  tcp: ["sport", "dport"],
  th: ["sport", "dport"],
};

function isChosen(payload: Json, family: string): boolean {
  const base = field(payload, "base");
  if (base !== undefined) return isChosenRange(String(base), Number(field(payload, "offset")), Number(field(payload, "len")), family);
  const fields = given[String(field(payload, "protocol"))];
  return fields !== undefined && !fields.includes(String(field(payload, "field")));
}

/** The same for raw payload expressions: first and last bit (RFC 791, 3.1; RFC 8200, 3; RFC 9293, 3.1). In an inet table, either IP version may be meant. */
const givenBits: Record<string, readonly (readonly [first: number, last: number])[]> = {
  "nh ip": [
    [0, 3],
    [72, 79],
    [96, 159],
  ],
  "nh ip6": [
    [0, 3],
    [64, 319],
  ],
  "nh inet": [
    [0, 3],
    [96, 159],
  ],
  th: [[0, 31]],
};

function isChosenRange(base: string, offset: number, length: number, family: string): boolean {
  if (base === "ll") return false;
  const known = givenBits[base] ?? givenBits[`${base} ${family}`] ?? givenBits[`${base} inet`] ?? [];
  return !known.some(([first, last]) => first <= offset && offset + length - 1 <= last);
}

/** IPv6's Next Header field. */
export function isNextHeader(payload: Json): boolean {
  return field(payload, "protocol") === "ip6" && field(payload, "field") === "nexthdr";
}

/** Protocols that carry no TCP, by the names and numbers that nft shows. */
const otherProtocols = new Set<Json>(["udp", "udplite", "sctp", "dccp", "icmp", "ipv6-icmp", "icmpv6", "igmp", "gre", "ipv6-nonxt", 59]);

/** A sender may put an IPv6 extension header before the TCP header; this field then names the extension header (RFC 8200, 4). */
export function mayBeExtension(right: Json): boolean {
  return !valuesIn(right).every((value) => otherProtocols.has(value));
}

/** iptables options that match source ports, and extensions that match other fields; those that match arbitrary bytes may match these. */
export const sourcePortOptions = new Set([
  "--sport",
  "--source-port",
  "--sports",
  "--source-ports",
  "--ports",
  "--ctorigsrcport",
  "--ctrepldstport",
]);
const fields = ["ttl", "hl", "dscp", "tos", "ecn", "length", "tcpmss"];
const options = ["ipv6header", "frag", "dst", "hbh", "rt", "ah", "ipv4options", "osf"];
const otherExtensions = new Set([...fields, ...options, "u32", "bpf", "string"]);

/** The same for iptables options. */
export function wordsNameOtherChoice(words: readonly string[], packets: readonly (readonly string[])[]): boolean {
  return words.some((word, at) => {
    if (word === "-m" || word === "--match") return otherExtensions.has(words[at + 1] ?? "");
    if (word === "--tcp-flags") return packets.some((packet) => wordsMatchFlags([words[at + 1], words[at + 2]], packet) === "depends");
    return word === "--tcp-option";
  });
}

/** The words of an iptables rule, if it has extensions that nft cannot show; otherwise empty. */
export function wordsOf(rule: ListedRule, written: string | undefined): string[] {
  return iptablesWords((extensionsOf(rule).length > 0 ? written : undefined) ?? "");
}

/** `port`: only the source port. */
export type SenderChoice = "port" | "other";

/** What a rule that affects the outcome matches. Undefined: nothing that the sender chooses. */
export function senderChoice(rule: ListedRule, written: string | undefined): SenderChoice | undefined {
  if (!steers(rule)) return undefined;
  const words = wordsOf(rule, written);
  const statements = statementsOf(rule);
  if (statements.some((each) => looksAtOtherChoice(each, rule.family, everyPacket)) || wordsNameOtherChoice(words, everyPacket))
    return "other";
  return statements.some(looksAtSourcePort) || words.some((word) => sourcePortOptions.has(word)) ? "port" : undefined;
}
