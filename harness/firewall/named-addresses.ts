/** Every address, prefix and range that a firewall's files write down: what could tell one source from another. Pure. */
import { type AddressRange, parseRange } from "../core/address-range.ts";
import type { FirewallFiles } from "./firewall-files.ts";
import { iptablesWords } from "./iptables-words.ts";
import { NftTokens, type SourceText, type Token } from "./nft-tokens.ts";
import { sourceTexts } from "./source-texts.ts";

export interface NamedAddresses {
  /** Those of one group stand in one set, whose members no rule can tell apart. */
  groups: AddressRange[][];
  /** Rules that tell sources apart by more than what is written as an address. */
  inexact: { file: string; line: number; rule: string }[];
}

/** @param names addresses of the host names that rules may hold */
export function namedAddresses(firewall: FirewallFiles, names: Readonly<Record<string, string | readonly string[]>> = {}): NamedAddresses {
  const sources = sourceTexts(firewall);
  const groups = sources.flatMap((source) => (firewall.kind === "nft" ? groupsOfNft(source) : groupsOfDump(source)));
  const named = Object.values(names).map((addresses) => [addresses].flat().flatMap((text) => parseRange(text) ?? []));
  const byBits = firewall.kind === "nft" ? nftByBits : iptablesByBits;
  return {
    groups: [...groups, ...groupsOfIpsets(firewall.ipsets ?? ""), ...named].filter((group) => group.length > 0),
    inexact: firewall.rules.filter(({ text }) => byBits(text)).map(({ file, line, text }) => ({ file, line, rule: text })),
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

const sourceOptions = new Set(["-s", "--source", "--src"]);

/** What stands before the brace of a list whose members are all treated alike. */
const beforeList = new Set(["=", "saddr", "daddr", "addr", "==", "!=", "in"]);

function groupsOfNft(source: SourceText): AddressRange[][] {
  const tokens = new NftTokens(source);
  const groups: AddressRange[][] = [];
  const open: { list: boolean; words: string[] }[] = [];
  let before: Token | undefined;
  const loose: string[] = [];
  const close = ({ list, words }: { list: boolean; words: string[] }) => {
    const ranges = rangesOf(words);
    // Members of a map, and those that are written with a port beside them, each mean something of their own.
    const alike = list && !words.some((word) => word === "." || word === ":");
    groups.push(...(alike ? [ranges] : ranges.map((each) => [each])));
  };
  for (let token = tokens.next(); token; token = tokens.next()) {
    if (token.kind === "open") open.push({ list: beforeList.has(before?.text ?? ""), words: [] });
    else if (token.kind === "close") {
      const block = open.pop();
      if (block) close(block);
    } else if (token.kind === "word") (open.at(-1)?.words ?? loose).push(...wordsOf(token.text));
    if (token.kind !== "newline") before = token;
  }
  close({ list: false, words: loose });
  for (const block of open) close(block);
  return groups;
}

/** Commas belong to no word; the colon of a map may touch the address before it. */
function wordsOf(text: string): string[] {
  return text
    .split(/(,)/)
    .filter((word) => word !== "" && word !== ",")
    .flatMap((word) =>
      word.length > 1 && word.endsWith(":") && !parseRange(word) && parseRange(word.slice(0, -1)) ? [word.slice(0, -1), ":"] : [word],
    );
}

/** Blanks may stand around the hyphen of a range. */
function rangesOf(words: readonly string[]): AddressRange[] {
  return words.flatMap((word, at) => {
    if (words[at + 1] === "-") return parseRange(`${word}-${words[at + 2]}`) ?? [];
    return words[at - 1] === "-" ? [] : (parseRange(word) ?? []);
  });
}

/** Of one line the words after one option make one group. */
function groupsOfDump({ text }: SourceText): AddressRange[][] {
  return text
    .split("\n")
    .filter((line) => !line.trimStart().startsWith("#"))
    .flatMap((line) =>
      iptablesWords(line.replaceAll(/(\s--[a-z-]+)=/g, "$1 ")).map((word) => word.split(",").flatMap((each) => parseRange(each) ?? [])),
    );
}

/** Members of one ipset; one with a port or an interface beside it stands for itself. */
function groupsOfIpsets(text: string): AddressRange[][] {
  const sets = new Map<string, AddressRange[]>();
  const own: AddressRange[][] = [];
  for (const line of text.split("\n")) {
    const [, name, member = ""] = /^\s*(?:-A|add)\s+(\S+)\s+(\S+)/.exec(line) ?? [];
    if (name === undefined) continue;
    const found = member.split(",").flatMap((each) => parseRange(each) ?? []);
    // `nomatch` takes its addresses out of the set.
    if (member.includes(",") || line.includes(" nomatch")) own.push(...found.map((each) => [each]));
    else sets.set(name, [...(sets.get(name) ?? []), ...found]);
  }
  return [...sets.values(), ...own];
}
