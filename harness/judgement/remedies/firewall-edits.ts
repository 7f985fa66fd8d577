/** Rules in the words of the file that they are to stand in: iptables in a dump, nft in nft, elements in firewalld's XML. */
import { type Edit, linesOf, type RemedyInputs } from "./candidate.ts";
import { beforeElement, isFirewalldXml, narrowedPort, withoutElement, withoutPort } from "./firewalld-edits.ts";
import { acceptsOnly, beforeDumpRule, dumpLine, isDumpLine, narrowedDumpRule } from "./iptables-edits.ts";
import { acceptsAlone, beforeNftRule, isStatement, narrowedNftRule, nftStatement } from "./nft-edits.ts";
import { type DecidingRule, type PortRule, partsOf } from "./port-rule.ts";
import { afterUserRules, withTuples } from "./ufw-edits.ts";

/** New rules that are asked before the one that decided. Empty where the place cannot be told. */
export function insertRules(inputs: RemedyInputs, deciding: DecidingRule, rules: readonly PortRule[]): Edit[] {
  if (isFirewalldXml(deciding)) return beforeElement(inputs, deciding, rules);
  return insertStatements(inputs, deciding, {
    dump: (chain) => rules.flatMap((rule) => dumpLine(chain, rule)),
    nft: rules.map((rule) => nftStatement(tableFamily(deciding, rule))),
  });
}

/** The same in the words of each kind of file. */
interface Statements {
  dump(chain: string): readonly string[];
  nft: readonly string[];
}

export function insertStatements(inputs: RemedyInputs, deciding: DecidingRule, { dump, nft }: Statements): Edit[] {
  const ofUfw = afterUserRules(inputs, deciding);
  if (ofUfw) return withTuples(inputs, [{ file: ofUfw.at.file, line: ofUfw.at.line, action: "before", lines: dump(ofUfw.chain) }]);
  const lines = linesOf(inputs.files[deciding.file] ?? "");
  const line = lines[deciding.line - 1];
  if (line === undefined) return [];
  if (isDumpLine(line)) return withTuples(inputs, beforeDumpRule(deciding, lines, dump(partsOf(deciding).chain)));
  return beforeNftRule(deciding, lines, nft);
}

/** The rule is gone. Empty where it is about more than this port. */
export function removeRule(inputs: RemedyInputs, deciding: DecidingRule, port: number): Edit[] {
  const line = linesOf(inputs.files[deciding.file] ?? "")[deciding.line - 1];
  if (line === undefined) return [];
  if (isFirewalldXml(deciding)) return withoutPort(inputs, deciding, port);
  const alone = isDumpLine(line) ? acceptsOnly(line, port) : acceptsAlone(line, deciding, port) !== undefined;
  return alone ? withTuples(inputs, [{ file: deciding.file, line: deciding.line, action: "replace", lines: [] }]) : [];
}

/** The rule is gone. Empty where it does not stand alone on its line. */
export function removeLine(inputs: RemedyInputs, deciding: DecidingRule): Edit[] {
  const { file, line: number } = deciding;
  if (isFirewalldXml(deciding)) return withoutElement(inputs, deciding);
  const line = linesOf(inputs.files[file] ?? "")[number - 1];
  if (line === undefined || !(isDumpLine(line) || isStatement(line, partsOf(deciding).statement))) return [];
  return withTuples(inputs, [{ file, line: number, action: "replace", lines: [] }]);
}

/** The rule that let everybody in, for these peers alone; without peers it is gone. Empty where it is about more than this port. */
export function narrowRule(inputs: RemedyInputs, deciding: DecidingRule, port: number, peers: PortRule["peers"]): Edit[] {
  const line = linesOf(inputs.files[deciding.file] ?? "")[deciding.line - 1];
  if (line === undefined) return [];
  if (isFirewalldXml(deciding)) return narrowedPort(inputs, deciding, port, peers);
  const narrowed = isDumpLine(line) ? narrowedDumpRule(line, port, peers) : narrowedNftRule(line, deciding, port, peers);
  return narrowed ? withTuples(inputs, [{ file: deciding.file, line: deciding.line, action: "replace", lines: narrowed }]) : [];
}

/** A table of one family needs no word about it. */
function tableFamily({ rule: deciding }: DecidingRule, { family, ...rule }: PortRule): PortRule {
  return family === undefined || /^ip6? /.test(deciding) ? rule : { ...rule, family };
}
