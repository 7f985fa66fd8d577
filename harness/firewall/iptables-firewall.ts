/** From one or two iptables-save dumps to what each family's tool needs. */

import { basename, posix } from "node:path";
import type { Family } from "../core/address.ts";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { type Warning, warning } from "../core/warning.ts";
import type { ChainBook } from "./chain-book.ts";
import { type DumpFamilies, dumpOf, readDumpFamilies } from "./dump-families.ts";
import { labFolder } from "./file-paths.ts";
import type { FirewallFile, IptablesFirewall } from "./firewall-files.ts";
import { readIptablesRules } from "./iptables-rules.ts";
import { iptablesWords } from "./iptables-words.ts";
import type { FirewallInput } from "./read-firewall-file.ts";

/**
 * @param first the only file, or the IPv4 dump
 * @param second the IPv6 dump
 * @param as `list`: the place in the list says IPv4 where the file itself does not say which family it is for
 * @throws UserError `firewall-file` when a family is not certain, is the other one than the list says, or the dump is a part of one
 */
export function iptablesFirewall(first: FirewallInput, second: FirewallInput | undefined, as: "file" | "list"): IptablesFirewall {
  const inputs = second ? [first, second] : [first];
  for (const input of inputs) {
    refuseVariables(input);
    refuseMissingTable(input);
  }
  const parts = second ? { 4: partOf(first, 4, second), 6: partOf(second, 6, first) } : partsOf(first, as);
  const firewall: IptablesFirewall = { kind: "iptables", files: {}, warnings: [], rules: [], objects: [] };
  firewall.warnings.push(...inputs.flatMap(legacyTables));
  for (const family of [4, 6] as const) {
    const part = parts[family];
    if (!part) {
      const other = family === 4 ? 6 : 4;
      firewall.warnings.push(warning("one-family-only", { filtered: other, open: family }, { file: first.display }));
      continue;
    }
    // Folders of their own: both dumps may have the same name.
    const path = posix.join(labFolder, family === 4 ? "iptables" : "ip6tables", basename(part.path));
    const { content, display, whole } = part;
    firewall.files[path] = { content, display, ...(whole === undefined ? {} : { whole }) };
    firewall[family === 4 ? "main" : "main6"] = path;
    const book = readIptablesRules(part, family === 4 ? "ip" : "ip6");
    refuseFragment(book);
    firewall.rules.push(...book.positions());
    firewall.objects.push(...book.objects());
  }
  return firewall;
}

/** What a file holds for one family. */
type DumpPart = FirewallInput & Pick<FirewallFile, "whole">;

/** What the only file holds for each family. */
function partsOf(input: FirewallInput, as: "file" | "list"): Partial<Record<Family, DumpPart>> {
  const families = readDumpFamilies(input.text);
  if (families.shared) return { 4: input, 6: input };
  const known = new Set(families.blocks.flatMap(({ family }) => family ?? []));
  if (as === "list" && !known.has(6)) return { 4: input };
  const twice = families.blocks.some(
    ({ table, byHeader }, index) => !byHeader && families.blocks.some((other, at) => at < index && other.table === table),
  );
  const unknown = families.blocks.find(({ family }) => family === undefined);
  if (unknown && (known.size !== 1 || twice)) throw whichFamily(input, unknown.firstLine);
  const [family] = known;
  if (known.size === 1 && family) return { [family]: input };
  return { 4: only(input, families, 4), 6: only(input, families, 6) };
}

/** A file that the list names for one family. */
function partOf(input: FirewallInput, family: Family, other: FirewallInput): DumpPart {
  const families = certainFamilies(input);
  if (families.shared) return input;
  const known = new Set(families.blocks.flatMap((block) => block.family ?? []));
  if (known.size === 2) return only(input, families, family);
  const [found] = known;
  if (found !== undefined && found !== family) throw otherFamily(input, families, family, other);
  return input;
}

/** The position in the list gives the family; a hint does not override it. */
function certainFamilies(input: FirewallInput): DumpFamilies {
  const { blocks, shared } = readDumpFamilies(input.text);
  return { blocks: blocks.map(({ family, ...block }) => (family && block.certain ? { ...block, family } : block)), shared };
}

function otherFamily(input: FirewallInput, { blocks }: DumpFamilies, family: Family, other: FirewallInput): UserError {
  const proof = blocks.find((block) => block.proof)?.proof;
  const swapped = certainFamilies(other).blocks.every((block) => block.family === family);
  const tool = family === 4 ? "iptables-restore" : "ip6tables-restore";
  const alone = family === 6 ? `, or write \`[${other.display}]\` if the server has no rules for IPv6` : "";
  return new UserError("firewall-file", `${input.display} contains rules of the other address family`, {
    fault: faultOf("firewall-other-family", {
      file: input.display,
      family,
      swapped: swapped || !proof,
      tool,
      ...(proof ? {} : { header: true }),
    }),
    place: { file: input.display, ...(proof ? { line: proof.line } : {}) },
    found: proof ? proof.rule : `an IPv${family === 4 ? 6 : 4} dump, by its header`,
    expected: `the IPv${family} dump (the list is [IPv4, IPv6])`,
    todo: swapped || !proof ? "swap the two files" : `correct the file: ${tool} on the server loads nothing of it${alone}`,
  });
}

function only(input: FirewallInput, { blocks }: DumpFamilies, family: Family): DumpPart {
  const known = blocks.map((block) => ({ ...block, family: block.family ?? family }));
  const text = dumpOf(input.text, known, family);
  // One character per byte where the file is not UTF-8.
  return { ...input, text, content: typeof input.content === "string" ? text : Buffer.from(text, "latin1"), whole: input.content };
}

function whichFamily({ display }: FirewallInput, line: number): UserError {
  return new UserError("firewall-file", `the address family of ${display} is ambiguous`, {
    fault: faultOf("firewall-family-unclear", { file: display }),
    place: { file: display, line },
    found: "rules that are valid for both iptables and ip6tables, without the header that iptables-save writes",
    expected: "both dumps, or one with iptables-save's header",
    todo: `use \`firewall: [v4, v6]\` with both dumps, \`[${display}]\` if there are rules for IPv4 only, or \`[${display}, ${display}]\` if the server loads this file with both tools`,
  });
}

function refuseFragment(book: ChainBook): void {
  const rule = book.unusedRule;
  if (!rule) return;
  const ufw = rule.chain.startsWith("ufw");
  throw new UserError("firewall-file", `${rule.file} is only a fragment: no built-in chain leads to its rules`, {
    fault: faultOf("firewall-fragment", { file: rule.file, chains: rule.chain, ...(ufw ? { ufw } : {}) }),
    place: { file: rule.file, line: rule.line },
    found: `rules only in ${rule.chain}, none in INPUT, OUTPUT or FORWARD`,
    expected: "the whole ruleset",
    todo: ufw
      ? "ufw combines these rules with its own: name a copy of the whole folder /etc/ufw"
      : "use the output of `iptables-save` and `ip6tables-save` on the server",
  });
}

/** iptables-nft-save leaves out a table with rules that it cannot translate, and says so in a comment. */
function refuseMissingTable({ text, display }: FirewallInput): void {
  for (const [index, line] of text.split("\n").entries()) {
    const table = /^# Table [`'"](\w+)' is incompatible/.exec(line)?.[1];
    if (table === undefined) continue;
    throw new UserError("firewall-file", `${display} lacks the table ${table}: iptables-save could not write its rules`, {
      fault: faultOf("firewall-table-missing", { file: display, table }),
      place: { file: display, line: index + 1 },
      found: line.trim(),
      expected: "all rules of the server",
      todo: "use the output of `nft list ruleset`: rules of this table were made by nft",
    });
  }
}

/** Both kinds of iptables may be in use on one server, and each lists its own rules alone. */
function legacyTables({ text, display }: FirewallInput): Warning[] {
  const line = text.split("\n").findIndex((each) => /^# Warning: ip6?tables-legacy tables present/.test(each));
  return line < 0 ? [] : [warning("legacy-tables", {}, { file: display, line: line + 1 })];
}

/** Options whose argument is any text. */
const freeText = /^--(comment|(nf)?log-prefix|(hex-)?string|bytecode)$/;

/** iptables-restore expands none, and takes an interface of that name without a word. */
function refuseVariables({ text, display }: FirewallInput): void {
  for (const [index, line] of text.split("\n").entries()) {
    if (!/^\s*(\[\d+:\d+\]\s*)?-[AI]\b/.test(line) || !line.includes("$")) continue;
    const words = iptablesWords(line);
    const found = words.find((word, at) => /\$(\{?[A-Za-z_]|\()/.test(word) && !freeText.test(words[at - 1] ?? ""));
    if (found === undefined) continue;
    throw new UserError("firewall-file", `${display} has a shell variable that nothing has expanded`, {
      fault: faultOf("firewall-variable", { file: display }),
      place: { file: display, line: index + 1 },
      found,
      expected: "the value: iptables-restore expands no variables, so this is part of a script and not what the server has loaded",
      todo: "use the output of `iptables-save` and `ip6tables-save` on the server",
    });
  }
}
