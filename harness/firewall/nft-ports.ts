/** Where in nft's words a number or a name stands for a port. Pure. */
import { everyPort, type PortRange, parsePort } from "../core/port-range.ts";
import { type Lexeme, nftLexemes } from "./nft-lexemes.ts";
import type { SourceText } from "./nft-tokens.ts";

/** Groups of ports in these files, which are one ruleset. */
export function portsOfNft(sources: readonly SourceText[]): PortRange[][] {
  const files = sources.map(nftLexemes);
  // What a variable holds may be the end of a range where the variable is used.
  const ends = files.some((lexemes) => lexemes.some((each, at) => each.kind === "variable" && isEnd(lexemes, at)));
  return files.flatMap((lexemes) => groupsOf(lexemes, ends));
}

/** A port or range, and which lexemes it takes. */
interface Written {
  at: number;
  /** The lexeme after it. */
  next: number;
  range: PortRange;
}

export const bitwise = new Set(["&", "|", "^", "<<", ">>", "and", "or", "xor", "lshift", "rshift"]);
const below = (port: number): PortRange => ({ first: 0, last: port });
const above = (port: number): PortRange => ({ first: port, last: everyPort.last });
const comparisons = new Map<string, (port: number) => PortRange>([
  ["<", (port) => below(port - 1)],
  ["lt", (port) => below(port - 1)],
  ["<=", below],
  ["le", below],
  [">", (port) => above(port + 1)],
  ["gt", (port) => above(port + 1)],
  [">=", above],
  ["ge", above],
]);

/** Of these one looks further to the left for what a value belongs to. */
export const passed = new Set([...comparisons.keys(), ...bitwise, "==", "!=", "eq", "ne", "-", "+", "!", "(", ")", "vmap"]);
export const portFields = /^(?:[sd]port|port|proto-(?:src|dst))$/;
/** Their ports are not TCP's. */
const otherTransports = new Set(["udp", "udplite", "dccp", "sctp"]);
/** What has fields; a table or a set cannot have such a name. */
const headers = new Set([
  "meta",
  "ct",
  "ether",
  "vlan",
  "arp",
  "ip",
  "ip6",
  "icmp",
  "icmpv6",
  "igmp",
  "tcp",
  "rt",
  "fib",
  ...otherTransports,
]);
const metaFields = /^(?:mark|sk[ug]id|cpu|[io]ifgroup|cgroup)$/;

function groupsOf(lexemes: readonly Lexeme[], ends: boolean): PortRange[][] {
  /** By brace; undefined: its members are not alike. */
  const lists = new Map<number, PortRange[] | undefined>();
  const groups: PortRange[][] = [];
  for (const { at, range } of writtenIn(lexemes)) {
    const { within = -1 } = lexemes[at] as Lexeme;
    if (!lists.has(within)) lists.set(within, areAlike(lexemes, within) ? [] : undefined);
    const mayEnd = range.first === range.last && (isEnd(lexemes, at) || (ends && before(lexemes, at)?.text === "="));
    if (mayEnd) groups.push([above(range.first)], [above(range.first + 1)]);
    else if (lists.get(within)?.push(range) === undefined) groups.push([range]);
  }
  return [...groups, ...[...lists.values()].flatMap((list) => (list ? [list] : []))];
}

/** Every value that may stand for a port. */
function writtenIn(lexemes: readonly Lexeme[]): Written[] {
  const found: Written[] = [];
  for (let at = 0; at < lexemes.length; at++) {
    const range = rangeAt(lexemes, at);
    if (!range || !mayBePort(lexemes, at, range.next)) continue;
    found.push({ at, ...range });
    at = range.next - 1;
  }
  return found;
}

function rangeAt(lexemes: readonly Lexeme[], at: number): Pick<Written, "range" | "next"> | undefined {
  const port = portAt(lexemes, at);
  if (port === undefined) return undefined;
  const sign = lexemes[at + 1]?.text;
  const other = portAt(lexemes, at + 2);
  if (sign === "-" && other !== undefined && other >= port) return { range: { first: port, last: other }, next: at + 3 };
  // A prefix of a port's sixteen bits.
  const size = sign === "/" && other !== undefined && other <= 16 ? 2 ** (16 - other) : undefined;
  if (size !== undefined) return { range: { first: port - (port % size), last: port - (port % size) + size - 1 }, next: at + 3 };
  const compared = comparisons.get(before(lexemes, at)?.text ?? "");
  return { range: compared?.(port) ?? { first: port, last: port }, next: at + 1 };
}

export function portAt(lexemes: readonly Lexeme[], at: number): number | undefined {
  const lexeme = lexemes[at];
  return lexeme && ["number", "name", "string"].includes(lexeme.kind) ? parsePort(lexeme.text) : undefined;
}

/** The lexeme before, lines' ends left out. */
export function before(lexemes: readonly Lexeme[], at: number): Lexeme | undefined {
  return lexemes[indexBefore(lexemes, at)];
}

function indexBefore(lexemes: readonly Lexeme[], at: number): number {
  let index = at - 1;
  while (lexemes[index]?.kind === "end") index--;
  return index;
}

/** A variable that is compared with or is one end of a range, or the number at the other end. */
function isEnd(lexemes: readonly Lexeme[], at: number): boolean {
  const isVariable = (index: number) => lexemes[index]?.kind === "variable";
  const [left, right] = [before(lexemes, at)?.text ?? "", lexemes[at + 1]?.text];
  if (isVariable(at)) return left === "-" || right === "-" || comparisons.has(left);
  return (right === "-" && isVariable(at + 2)) || (left === "-" && isVariable(at - 2));
}

/**
 * nft knows each value's type by what it is compared with, set to or listed under. Where that is not plain to see here (elements of sets, maps,
 * concatenations, definitions) a value may be a port.
 */
export function mayBePort(lexemes: readonly Lexeme[], at: number, next: number): boolean {
  const beforeIt = before(lexemes, at);
  const { within } = lexemes[at] as Lexeme;
  const joined = [beforeIt?.text, lexemes[next]?.text];
  if (joined.includes(".")) return true;
  if (joined.includes(":")) return !isTimeout(lexemes, within) && !isTrafficClass(lexemes, at);
  // A keyword that is a service's name, too: `tcp dport 80 tproxy to :8080`.
  if (lexemes[at]?.kind !== "number" && statementEnds.has(beforeIt?.kind ?? "sign")) return false;
  const { head, inList } = headOf(lexemes, at);
  const owner = lexemes[head];
  if (owner?.kind !== "name") return owner?.kind !== "end";
  const header = before(lexemes, head)?.text ?? "";
  if (portFields.test(owner.text)) return !otherTransports.has(header);
  return inList ? !headers.has(header) && !metaFields.test(owner.text) : owner.text === "to";
}

/** After these something new begins. */
const statementEnds = new Set<Lexeme["kind"]>(["number", "address", "reference", "variable", "string", "duration", "close"]);

/** `policy = { established : 120 }` of connection tracking. */
function isTimeout(lexemes: readonly Lexeme[], brace = -1): boolean {
  return lexemes[brace - 1]?.text === "=" && lexemes[brace - 2]?.text === "policy";
}

/** `priority set 1:10` */
function isTrafficClass(lexemes: readonly Lexeme[], at: number): boolean {
  return [at - 1, at - 3].some((set) => lexemes[set]?.text === "set" && lexemes[set - 1]?.text === "priority");
}

/** What a value is compared with, set to or listed under: the index of its last lexeme. */
export function headOf(lexemes: readonly Lexeme[], at: number): { head: number; inList: boolean } {
  let index = indexBefore(lexemes, at);
  let inList = false;
  for (;;) {
    const { kind, text, within = -1 } = lexemes[index] ?? { kind: "end", text: "" };
    if (kind === "open" || text === ",") {
      index = indexBefore(lexemes, kind === "open" ? index : within);
      inList = true;
    } else if (text === "set") return { head: index - 1, inList };
    else if (kind === "number" || passed.has(text)) index = indexBefore(lexemes, index);
    else return { head: index, inList };
  }
}

/** A list of nothing but ports: whatever has one of them as a member has all. Elements with a limit, a verdict or an address do not. */
function areAlike(lexemes: readonly Lexeme[], brace: number): boolean {
  if (brace < 0) return false;
  for (let at = brace + 1; lexemes[at]; at++) {
    const { kind, text, within } = lexemes[at] as Lexeme;
    if (kind === "close" && within === lexemes[brace]?.within) break;
    const listed = kind === "end" || kind === "variable" || [",", "-", "/"].includes(text) || portAt(lexemes, at) !== undefined;
    if (!listed) return false;
  }
  return true;
}
