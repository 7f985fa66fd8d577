/** Statements of nft rulesets: inside a chain's block, or as commands (`add rule …`). */
import { type Edit, endOf, indentOf } from "./candidate.ts";
import { type DecidingRule, type PortRule, partsOf } from "./port-rule.ts";

const words = { request: ["saddr", "dport"], reply: ["daddr", "sport"], dial: ["daddr", "dport"] } as const;

export function nftStatement({ peers, family: only, direction, port, action, account }: PortRule): string {
  const [peerWord, portWord] = words[direction];
  const family = peers[0]?.family;
  const everybody = only === undefined ? "" : `meta nfproto ipv${only} `;
  const match = family === undefined ? everybody : `${family === 4 ? "ip" : "ip6"} ${peerWord} ${addressSet(peers)} `;
  return `${account === undefined ? "" : `meta skuid "${account}" `}${match}tcp ${portWord} ${port} ${action}`;
}

function addressSet(peers: PortRule["peers"]): string {
  const addresses = peers.map(({ address }) => address);
  return addresses.length === 1 ? (addresses[0] as string) : `{ ${addresses.join(", ")} }`;
}

const command = /^\s*(?:nft\s+)?(add|insert|create)\s+(rule|chain|table)\s/;

/** Before the rule; where the chain's policy decided, as the chain's last statement. */
export function beforeNftRule(deciding: DecidingRule, lines: readonly string[], statements: readonly string[]): Edit[] {
  const { file, line } = deciding;
  const text = lines[line - 1] as string;
  const { family, table, chain, statement: decided } = partsOf(deciding);
  const byPolicy = decided.startsWith("policy ");
  const asCommand = command.exec(text);
  const commands = statements.map((statement) => `add rule ${family} ${table} ${chain} ${statement}`);
  if (asCommand?.[2] === "rule") {
    // `insert` puts a rule at the chain's head: what is inserted later is asked earlier.
    const inserts = commands.map((each) => each.replace(/^add/, "insert")).reverse();
    return [
      { file, line: asCommand[1] === "insert" ? line + 1 : line, action: "before", lines: asCommand[1] === "insert" ? inserts : commands },
    ];
  }
  if (byPolicy && asCommand) return [{ file, line: endOf(lines), action: "before", lines: commands }];
  if (byPolicy) return atChainEnd(file, lines, line, statements);
  const at = text.indexOf(decided.split(" ").slice(0, 3).join(" "));
  if (at < 0) return [];
  const before = text.slice(0, at);
  if (before.trim() === "") return [{ file, line, action: "before", lines: statements.map((statement) => `${before}${statement}`) }];
  const inserted = statements.map((statement) => `${statement}; `).join("");
  return [{ file, line, action: "replace", lines: [`${before}${inserted}${text.slice(at)}`] }];
}

/** Before the brace that ends the chain whose policy or hook stands on this line. */
function atChainEnd(file: string, lines: readonly string[], line: number, statements: readonly string[]): Edit[] {
  const first = lines[line - 1] as string;
  const start = Math.max(first.search(/\b(policy|type)\b/), 0);
  let depth = 0;
  for (let at = line - 1; at < lines.length; at++) {
    const text = lines[at] as string;
    for (let column = at === line - 1 ? start : 0; column < text.length; column++) {
      if (text[column] === "#") break;
      if (text[column] === "{") depth++;
      if (text[column] === "}" && --depth < 0) return atBrace(file, text, { line: at + 1, column, indent: indentOf(first) }, statements);
    }
  }
  return [];
}

function atBrace(
  file: string,
  text: string,
  { line, column, indent }: { line: number; column: number; indent: string },
  statements: readonly string[],
): Edit[] {
  const before = text.slice(0, column);
  if (before.trim() === "") return [{ file, line, action: "before", lines: statements.map((statement) => `${indent}${statement}`) }];
  const separator = /[;{]\s*$/.test(before) ? before.trimEnd() : `${before.trimEnd()};`;
  const inserted = statements.map((statement) => ` ${statement};`).join("");
  return [{ file, line, action: "replace", lines: [`${separator}${inserted} ${text.slice(column)}`] }];
}

/** Undefined where the statement names a source already, or is about more than this port. */
export function narrowedNftRule(line: string, deciding: DecidingRule, port: number, peers: PortRule["peers"]): string[] | undefined {
  const match = acceptsAlone(line, deciding, port);
  if (!match || /\bsaddr\b/.test(line)) return undefined;
  const families = [4, 6] as const;
  return families.flatMap((family) => {
    const ofFamily = peers.filter((peer) => peer.family === family);
    if (ofFamily.length === 0) return [];
    const source = `${family === 4 ? "ip" : "ip6"} saddr ${addressSet(ofFamily)} `;
    return [`${line.slice(0, match.index)}${source}${line.slice(match.index)}`];
  });
}

/** The line is this statement, or the command that adds it, and no more. */
export function isStatement(line: string, statement: string): boolean {
  const text = line.replace(/\s*;?\s*(#.*)?$/, "").trim();
  return text.replaceAll(/\s+/g, " ") === statement || (command.test(text) && text.replaceAll(/\s+/g, " ").endsWith(` ${statement}`));
}

/** Where a rule that stands alone on its line names the port, the only one that it accepts. */
export function acceptsAlone(line: string, deciding: DecidingRule, port: number): RegExpExecArray | undefined {
  const match = new RegExp(String.raw`\btcp dport (?:${port}|\{\s*${port}\s*\})(?=\s)`).exec(line);
  const { statement } = partsOf(deciding);
  const alone = line.trim().endsWith("accept") && (command.test(line) || line.trim().startsWith(statement.slice(0, 8)));
  return alone ? (match ?? undefined) : undefined;
}
