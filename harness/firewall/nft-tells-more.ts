/** Which nft rules distinguish ports by more than the ports that are written. Pure. */
import { type Lexeme, nftLexemes } from "./nft-lexemes.ts";
import { before, bitwise, headOf, mayBePort, passed, portAt, portFields } from "./nft-ports.ts";

/** Rules that distinguish ports by bits, by a hash, by bytes of the packet, by the sockets that are open, or by names that nobody here knows. */
export function nftTellsMore(rule: string): boolean {
  const lexemes = nftLexemes({ display: "", text: rule });
  return lexemes.some(({ kind, text }, at) => {
    if (kind === "raw") return reachesPorts(text);
    if (kind === "reference") return /^@(?:th|nh|ll)$/.test(text) && lexemes[at + 1]?.text === ",";
    if (isComputedPort(lexemes, at) || isUnknownService(lexemes, at)) return true;
    return kind === "name" && keywordTellsMore(lexemes, at);
  });
}

function keywordTellsMore(lexemes: readonly Lexeme[], at: number): boolean {
  const { text } = lexemes[at] as Lexeme;
  const next = lexemes[at + 1]?.text ?? "";
  if (portFields.test(text)) return isComputedWith(lexemes, at);
  if (text === "symhash") return true;
  if (text === "jhash") return hashesPorts(lexemes.slice(at));
  if (text === "socket") return socketFields.has(next);
  return text === "to" && isComputedTarget(lexemes, at + 1);
}

const socketFields = new Set(["transparent", "mark", "wildcard"]);

/** Whether bytes from a header's begin on may be those of the ports. An IPv4 header has at least 160 bits, Ethernet's has 112. */
function reachesPorts(raw: string): boolean {
  const [base, offset = "", length = ""] = raw.slice(1).split(",");
  if (base === "th") return Number(offset) < 32;
  const begin = base === "nh" ? 160 : 272;
  return (base === "nh" || base === "ll") && Number(offset) + Number(length) > begin;
}

/** `dport & 1`, `dport set numgen …`, `dport name`. */
function isComputedWith(lexemes: readonly Lexeme[], at: number): boolean {
  const next = lexemes[at + 1];
  if (bitwise.has(next?.text ?? "")) return true;
  if (next?.text === "set") return isComputed(lexemes, at + 2);
  return next?.kind === "name" && !passed.has(next.text) && !afterField.has(next.text) && portAt(lexemes, at + 1) === undefined;
}

/** What may stand after a selector that is compared with nothing there. */
const afterField = new Set(["map", "mod", "seed", "offset", "limit", "timeout", "expires", "counter", "ct", "quota", "last", "to"]);

function hashesPorts(hash: readonly Lexeme[]): boolean {
  const end = hash.findIndex(({ text }) => text === "mod");
  return hash.slice(0, end < 0 ? undefined : end).some(({ text }) => portFields.test(text));
}

/** `to :tcp sport`, `to 10.0.0.1:numgen inc mod 2 offset 8000`: a port taken from the packet or from chance. */
function isComputedTarget(lexemes: readonly Lexeme[], at: number): boolean {
  const port = ["address", "variable"].includes(lexemes[at]?.kind ?? "") ? at + 1 : at;
  return isComputed(lexemes, lexemes[port]?.text === ":" ? port + 1 : port);
}

/** What a map says is written down. */
function isComputed(lexemes: readonly Lexeme[], at: number): boolean {
  const isMapped = lexemes.slice(at).some(({ text }) => text === "map");
  return !isMapped && lexemes[at]?.kind === "name" && portAt(lexemes, at) === undefined;
}

/** `dport 20 | 2`, `to :8000 | 80`: a port that has to be computed from what is written. */
function isComputedPort(lexemes: readonly Lexeme[], at: number): boolean {
  return bitwise.has(lexemes[at + 1]?.text ?? "") && portAt(lexemes, at) !== undefined && mayBePort(lexemes, at, at + 1);
}

/** What is compared with a port, or listed under one, and is neither a number nor a service. */
function isUnknownService(lexemes: readonly Lexeme[], at: number): boolean {
  const { kind } = lexemes[at] as Lexeme;
  if ((kind !== "name" && kind !== "string") || portAt(lexemes, at) !== undefined || lexemes[at + 1]?.text === ".") return false;
  const { head, inList } = headOf(lexemes, at);
  const left = before(lexemes, at);
  const isMember = left?.kind === "open" || left?.text === ",";
  return portFields.test(lexemes[head]?.text ?? "") && (inList ? isMember : kind === "string");
}
