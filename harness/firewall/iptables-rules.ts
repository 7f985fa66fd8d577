/** Where each rule of an iptables-save dump stands. */
import { ChainBook } from "./chain-book.ts";
import { lineFamily } from "./dump-families.ts";
import type { ChainName, RulePosition } from "./firewall-files.ts";
import { destinationOptions, iptablesWords, sourceOptions } from "./iptables-words.ts";
import type { SourceText } from "./nft-tokens.ts";

/**
 * iptables's own tables keep their names in nft; the family is `ip` or `ip6`.
 * @param before what is there already, and stays (`--noflush`)
 */
export function readIptablesRules(source: SourceText, family: "ip" | "ip6", before?: ChainBook): ChainBook {
  const book = before ?? new ChainBook();
  let table = "";
  for (const [index, line] of source.text.split("\n").entries()) {
    const trimmed = line.trim();
    if (trimmed.startsWith("*")) {
      table = trimmed.slice(1);
      book.declareTable({ family, table }, { file: source.display, line: index + 1 });
      // Without --noflush a table starts empty, also when it comes again.
      if (!before) book.flush({ family, table });
    } else if ((lineFamily(trimmed) ?? familyOf[family]) === familyOf[family]) {
      const column = line.length - line.trimStart().length + 1;
      readLine(
        trimmed.replace(/^(-4|-6|--ipv4|--ipv6)\s+/, ""),
        { family, table, chain: "" },
        { file: source.display, line: index + 1, column },
        book,
      );
    }
  }
  return book;
}

const familyOf = { ip: 4, ip6: 6 } as const;

type LinePlace = Pick<RulePosition, "file" | "line" | "column">;

function readLine(line: string, where: ChainName, place: LinePlace, book: ChainBook): void {
  const declared = /^:(\S+)\s+(\S+)/.exec(line);
  if (declared) {
    const name = { ...where, chain: declared[1] ?? "" };
    if (declared[2] === "-") {
      book.declareChain(name, place);
      // A chain that is there starts empty with --noflush, too.
      book.flush(name);
    } else book.setPolicy(policy(name, declared[2] ?? "", place));
    return;
  }
  const command = /^(?:\[\d+:\d+\]\s*)?(-[AIPFDRXEN]|--[a-z-]+)(?:\s+(\S+))?\s*(.*)$/.exec(line);
  if (!command) return;
  const [, verb, chain = "", rest = ""] = command;
  const name = { ...where, chain };
  switch (verb) {
    case "-A":
    case "--append":
      for (let copies = copiesOf(rest); copies > 0; copies--) book.add(rule(name, rest, place));
      break;
    case "-I":
    case "--insert": {
      const [, number, text = ""] = /^(?:(\d+)(?:\s+|$))?(.*)$/.exec(rest) ?? [];
      for (let copies = copiesOf(text); copies > 0; copies--) book.insert(rule(name, text, place), Number(number ?? 1) - 1);
      break;
    }
    case "-N":
    case "--new-chain":
      book.declareChain(name, place);
      break;
    case "-X":
    case "--delete-chain":
      if (chain) book.remove(name);
      break;
    case "-P":
    case "--policy":
      book.setPolicy(policy(name, rest, place));
      break;
    case "-F":
    case "--flush":
      book.flush(chain ? name : { family: name.family, table: name.table });
      break;
    case "-D":
    case "-R":
    case "-E":
    case "--delete":
    case "--replace":
    case "--rename-chain":
      book.loseOrder(name);
      break;
  }
}

/** iptables makes one rule for each pair of source and destination when a line lists several. */
function copiesOf(rule: string): number {
  const words = iptablesWords(rule);
  return words
    .filter((_, index) => [sourceOptions, destinationOptions].some((options) => options.has(words[index - 1] ?? "")))
    .map((addresses) => addresses.split(",").length)
    .reduce((product, count) => product * count, 1);
}

function rule(where: ChainName, text: string, place: LinePlace): RulePosition {
  return { kind: "rule", ...where, ...place, text: text.trim() };
}

function policy(where: ChainName, word: string, place: LinePlace): RulePosition {
  return { kind: "policy", ...where, ...place, text: `policy ${(word.split(/\s/)[0] ?? "").toLowerCase()}` };
}
