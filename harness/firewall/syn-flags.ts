/** Whether a match of TCP flags holds for the first packet of a connection, whose sender may set ECE, CWR, PSH and URG as well (RFC 3168, 6.1.1). Pure. */
import { entriesBelow, field, type Json } from "./expressions.ts";

const bits: Record<string, number> = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ecn: 64, cwr: 128 };
const allBits = 0xff;

/** Flags that a Linux listener accepts beside SYN: it drops a SYN with FIN, and opens no connection for one with RST or ACK. */
const free = [bits.psh, bits.urg, bits.ecn, bits.cwr] as number[];

export type FlagsAnswer = "always" | "never" | "depends";

/** Flags of the packet that opens a connection. */
export const firstPacket: readonly string[] = ["syn"];

/** Flags of the first packets in both directions, and of the packets after them. */
export const everyPacket: readonly (readonly string[])[] = [firstPacket, ["syn", "ack"], ["ack"]];

export function looksAtFlags(expression: Json): boolean {
  return entriesBelow(expression).some(([key, content]) => key === "payload" && isFlags(content));
}

export function isFlags(payload: Json): boolean {
  return field(payload, "protocol") === "tcp" && field(payload, "field") === "flags";
}

/**
 * @param match a match of flags, with or without a mask
 * @param packet flags that the packet always has
 */
export function matchesFlags(match: Json, packet: readonly string[]): FlagsAnswer {
  const visible = maskOf(field(match, "left"));
  if (visible === undefined) return "depends";
  const own = bitsOf([...packet]) ?? 0;
  const answers = new Set(choices().map((chosen) => holds((own | chosen) & visible, String(field(match, "op")), field(match, "right"))));
  if (answers.size > 1 || answers.has(undefined)) return "depends";
  return answers.has(true) ? "always" : "never";
}

/** The same for iptables's `--tcp-flags`, which knows six flags. */
export function wordsMatchFlags([mask = "", set = ""]: readonly [mask?: string, set?: string], packet: readonly string[]): FlagsAnswer {
  const visible = bitsOf(named(mask));
  const wanted = bitsOf(named(set));
  const own = bitsOf([...packet]) ?? 0;
  if (visible === undefined || wanted === undefined) return "depends";
  const answers = new Set(choices().map((chosen) => ((own | chosen) & visible) === wanted));
  if (answers.size > 1) return "depends";
  return answers.has(true) ? "always" : "never";
}

function named(list: string): string[] {
  if (list === "ALL") return ["fin", "syn", "rst", "psh", "ack", "urg"];
  return list === "NONE" ? [] : list.toLowerCase().split(",");
}

/** Every combination of the flags that a sender may set. */
function choices(): number[] {
  return free.reduce((sofar, bit) => [...sofar, ...sofar.map((each) => each | bit)], [0]);
}

/** The flags that a comparison looks at. */
function maskOf(left: Json): number | undefined {
  if (isFlags(field(left, "payload"))) return allBits;
  const and = field(left, "&");
  if (!Array.isArray(and)) return undefined;
  const [flags, mask] = (and as Json[]).map((each, at) => (at === 0 ? maskOf(each) : bitsOf(each)));
  return flags === undefined || mask === undefined ? undefined : flags & mask;
}

function holds(flags: number, op: string, right: Json): boolean | undefined {
  const set = field(right, "set");
  const wanted = (Array.isArray(set) ? (set as Json[]) : [right]).map(bitsOf);
  const [one] = wanted;
  if (one === undefined || wanted.includes(undefined)) return undefined;
  switch (op) {
    case "==":
      return wanted.includes(flags);
    case "!=":
      return !wanted.includes(flags);
    case "in":
      return (flags & one) !== 0;
    case "!":
      return (flags & one) === 0;
    default:
      return undefined;
  }
}

function bitsOf(value: Json): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "string") return bits[value];
  const parts = Array.isArray(value) ? (value as Json[]) : field(value, "|");
  if (!Array.isArray(parts)) return undefined;
  const found = (parts as Json[]).map(bitsOf);
  return found.includes(undefined) ? undefined : found.reduce<number>((sum, each) => sum | (each ?? 0), 0);
}
