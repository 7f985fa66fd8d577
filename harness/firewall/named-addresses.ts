/** Every address, prefix and range that a firewall's files write down: what could tell one source from another. Pure. */
import { fromNumber } from "../core/address.ts";
import { type AddressRange, parseRange } from "../core/address-range.ts";
import { type FirewallFiles, placeOf } from "./firewall-files.ts";
import { iptablesWords, sourceOptions } from "./iptables-words.ts";
import { NftTokens, type SourceText, type Token } from "./nft-tokens.ts";
import { isDumpRule, sourceTexts } from "./source-texts.ts";

export interface NamedAddresses {
  /** Those of one group stand in one set, whose members no rule can distinguish. */
  groups: AddressRange[][];
  /** Rules that distinguish sources by more than what is written as an address. */
  inexact: { file: string; line?: number; rule: string }[];
}

/** @param names addresses of the host names that rules may hold */
export function namedAddresses(firewall: FirewallFiles, names: Readonly<Record<string, string | readonly string[]>> = {}): NamedAddresses {
  const sources = sourceTexts(firewall);
  const defined = new Map(sources.filter(({ tool }) => tool === "nft").flatMap(definitionsOf));
  const groups = sources.flatMap((source) => (source.tool === "nft" ? groupsOfNft(source, defined) : groupsOfDump(source)));
  const named = Object.values(names).map((addresses) => [addresses].flat().flatMap((text) => parseRange(text) ?? []));
  const byBits = (text: string) => (isDumpRule(text) ? iptablesByBits(text) : nftByBits(text));
  return {
    groups: [...groups, ...groupsOfIpsets(firewall.ipsets ?? ""), ...named].filter((group) => group.length > 0),
    inexact: firewall.rules.filter(({ text }) => byBits(text)).map((rule) => ({ ...placeOf(rule), rule: rule.text })),
  };
}

/** Bits of the source, its hash, or bytes of the packet wherever they lie. */
function nftByBits(rule: string): boolean {
  return /\bsaddr (?:[&|^]|<<|>>|and |or |xor )|hash ip6? saddr|@(?:nh|ll),/.test(rule);
}

/** Extensions that compute something of the packet, and masks with gaps. */
function iptablesByBits(rule: string): boolean {
  const words = iptablesWords(rule);
  return words.some((word, at) => {
    const before = words[at - 1] ?? "";
    if (before === "-m" || before === "--match") return ["u32", "bpf", "cluster", "geoip"].includes(word);
    const masked = sourceOptions.has(before) ? word.split(",").filter((each) => each.includes("/")) : [];
    return masked.some((each) => !parseRange(each));
  });
}

/** What stands before the brace of a list whose members are all treated alike. */
const beforeList = new Set(["=", "saddr", "daddr", "addr", "==", "!=", "in"]);

function groupsOfNft(source: SourceText, defined: ReadonlyMap<string, string>): AddressRange[][] {
  const groups: AddressRange[][] = [];
  const close = ({ list, words }: Block) => {
    const meant = words.map((word) => (word.startsWith("$") ? (defined.get(word.slice(1)) ?? word) : word));
    const ranges = rangesOf(meant);
    // Members of a map, and those that are written with a port beside them, each mean something of their own.
    const alike = list && !words.some((word) => word === "." || word === ":");
    groups.push(...(alike ? [ranges] : ranges.map((each) => [each])), ...belowCompared(meant));
  };
  for (const block of blocksOf(source)) close(block);
  return groups;
}

interface Block {
  list: boolean;
  words: string[];
}

/** Words that stand in the same braces, for each pair of braces, and those that stand in none. */
function blocksOf(source: SourceText): Block[] {
  const tokens = new NftTokens(source);
  const loose: Block = { list: false, words: [] };
  const closed: Block[] = [];
  const open: Block[] = [];
  let before: Token | undefined;
  for (let token = tokens.next(); token; token = tokens.next()) {
    if (token.kind === "open") open.push({ list: beforeList.has(wordsOf(before?.text ?? "").at(-1) ?? ""), words: [] });
    else if (token.kind === "close") closed.push(...open.splice(-1));
    else (open.at(-1) ?? loose).words.push(...wordsIn(token));
    if (token.kind !== "newline") before = token;
  }
  return [...closed, loose, ...open];
}

/** A string is one where it is an address: comments say more. */
function wordsIn({ kind, text }: Token): string[] {
  if (kind === "word") return wordsOf(text);
  const inside = text.slice(1, -1);
  return kind === "string" && parseRange(inside) ? [inside] : [];
}

/** By name: what `define` gives it, where that is one word. */
function definitionsOf(source: SourceText): [string, string][] {
  return blocksOf(source).flatMap(({ words }) =>
    words.flatMap((word, at): [string, string][] => {
      const [name, sign, value] = words.slice(at + 1, at + 4);
      return /^(re)?define$/.test(word) && name !== undefined && sign === "=" && value !== undefined ? [[name, value]] : [];
    }),
  );
}

/** Operators may touch what they compare, the colon of a map and the hyphen of a range the address beside them; commas belong to no word. */
function wordsOf(text: string): string[] {
  return text
    .split(/([<>!=]=|[<>=,])/)
    .filter((word) => word !== "" && word !== ",")
    .flatMap((word) => {
      const [, first = "", rest = "", last = ""] = /^(-?)(.*?)([-:]?)$/.exec(word) ?? [];
      return rest !== "" && !parseRange(word) && parseRange(rest) ? [first, rest, last].filter((each) => each !== "") : [word];
    })
    .map((word) => numbered(word) ?? word);
}

/** An IPv4 address may be written as a number. Smaller ones are ports, marks and the like, and no source: 0.0.0.0/8. */
function numbered(word: string): string | undefined {
  const value = /^(0x[\da-f]{7,8}|\d{8,10})$/i.test(word) ? Number(word) : 0;
  return value >= 2 ** 24 && value < 2 ** 32 ? fromNumber(BigInt(value), 4).text : undefined;
}

/** Blanks may stand around the hyphen of a range. */
function rangesOf(words: readonly string[]): AddressRange[] {
  return words.flatMap((word, at) => {
    if (words[at + 1] === "-") return parseRange(`${word}-${words[at + 2]}`) ?? [];
    return words[at - 1] === "-" ? [] : (parseRange(word) ?? []);
  });
}

const comparisons = new Set(["<", ">", "<=", ">=", "lt", "gt", "le", "ge"]);

/** `ip saddr < 10.0.0.9` tells all addresses below from all above. */
function belowCompared(words: readonly string[]): AddressRange[][] {
  const compared = words.filter((_, at) => comparisons.has(words[at - 1] ?? ""));
  return compared.flatMap((word) => parseRange(word) ?? []).map(({ family, last }) => [{ family, first: 0n, last }]);
}

/** Of one line the words after one option make one group. */
function groupsOfDump({ text }: SourceText): AddressRange[][] {
  return text
    .split("\n")
    .filter((line) => !line.trimStart().startsWith("#"))
    .flatMap((line) => iptablesWords(line).map((word) => word.split(",").flatMap((each) => parseRange(each) ?? [])));
}

/** Members of one ipset; one with a port or an interface beside it stands for itself. */
function groupsOfIpsets(text: string): AddressRange[][] {
  const sets = new Map<string, AddressRange[]>();
  const own: AddressRange[][] = [];
  const lengths = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, made, length] = /^\s*(?:-N|create)\s+(\S+)\s.*\bnetmask\s+(\d+)/.exec(line) ?? [];
    if (made !== undefined && length !== undefined) lengths.set(made, length);
    const [, name, member = ""] = /^\s*(?:-A|add)\s+(\S+)\s+(\S+)/.exec(line) ?? [];
    if (name === undefined) continue;
    const found = member.split(",").flatMap((each) => masked(each, lengths.get(name)) ?? []);
    // `nomatch` takes its addresses out of the set.
    if (member.includes(",") || line.includes(" nomatch")) own.push(...found.map((each) => [each]));
    else sets.set(name, [...(sets.get(name) ?? []), ...found]);
  }
  return [...sets.values(), ...own];
}

/** Of a set with a netmask, each member is a network. */
function masked(member: string, length: string | undefined): AddressRange | undefined {
  return (length === undefined ? undefined : parseRange(`${member}/${length}`)) ?? parseRange(member);
}
