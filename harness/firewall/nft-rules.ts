/** Where each rule of an nft ruleset stands. Knows nft's statements well enough to keep them apart, not what they mean. */

import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { ChainBook } from "./chain-book.ts";
import type { ChainName, RulePosition } from "./firewall-files.ts";
import { mostLevels, NftTokens, type SourceText, statementText, type Token } from "./nft-tokens.ts";

/** As many includes: files that each include the next one twice are soon a million. */
const mostIncludes = 4096;

/** Finds the files that an include names. `at` is the include statement. */
export type OpenInclude = (pattern: string, at: Token) => SourceText[];

interface Statement {
  tokens: Token[];
  /** How it ended. `open`: at the brace of a block that the reader said it wants to enter. */
  end: "separator" | "open" | "close" | "eof";
}

const families = new Set(["ip", "ip6", "inet", "arp", "bridge", "netdev"]);
const verbs = new Set([
  "add",
  "create",
  "insert",
  "replace",
  "delete",
  "destroy",
  "flush",
  "rename",
  "list",
  "reset",
  "monitor",
  "describe",
  "import",
  "export",
  "get",
]);
const notRules = new Set(["define", "redefine", "undefine", "flags", "devices", "comment"]);

/** Reads a ruleset as `nft -f` would, includes in their place. What nft would refuse is left for nft to say. */
export function readNftRules(main: SourceText, openInclude: OpenInclude): ChainBook {
  const book = new ChainBook();
  new Reader(new NftTokens(main), openInclude, book).readFile();
  return book;
}

class Reader {
  readonly #tokens: NftTokens;
  #included = 0;
  readonly #open: OpenInclude;
  readonly #book: ChainBook;

  constructor(tokens: NftTokens, open: OpenInclude, book: ChainBook) {
    this.#tokens = tokens;
    this.#open = open;
    this.#book = book;
  }

  readFile(): void {
    for (;;) {
      const statement = this.#statement((tokens) => parseCommand(tokens).block);
      this.#command(statement);
      if (statement.end === "eof") return;
    }
  }

  #command({ tokens, end }: Statement): void {
    const [start] = tokens;
    if (!start) return;
    const command = parseCommand(tokens);
    this.#declare(command, start);
    if (end === "open") this.#enter(command);
    else this.#change(command, start);
  }

  #declare({ verb, noun, name: { family, table, chain } }: Command, start: Token): void {
    if ((verb !== "add" && verb !== "create") || table === undefined) return;
    if (noun === "table") this.#book.declareTable({ family, table }, placeOf(start));
    if (noun === "chain" && chain !== undefined) this.#book.declareChain({ family, table, chain }, placeOf(start));
  }

  #enter({ noun, name }: Command): void {
    if (noun === "table") this.#table(name.family, name.table ?? "");
    else this.#chain(chainOf(name));
  }

  #change({ verb, noun, name, rest }: Command, start: Token): void {
    const ofScope = noun === "chain" || noun === "table";
    if (noun === "rule") this.#rule(verb, chainOf(name), start, rest);
    else if (verb === "rename" && noun === "chain") this.#book.rename(chainOf(name), rest[0]?.text ?? "");
    else if (verb === "flush" && noun === "ruleset") this.#book.remove(name.explicit ? { family: name.family } : {});
    else if (verb === "flush" && ofScope) this.#book.flush(scope(name));
    else if ((verb === "delete" || verb === "destroy") && ofScope && rest.length === 0) this.#book.remove(scope(name));
  }

  #rule(verb: string, chain: ChainName, start: Token, rest: Token[]): void {
    if (verb === "list" || verb === "reset" || verb === "get") return;
    const [how, number] = rest;
    // `handle N` and its old name `position N` mean a number that only the kernel knows.
    const byHandle = how?.text === "handle" || how?.text === "position";
    if (byHandle || (verb !== "add" && verb !== "create" && verb !== "insert")) {
      this.#book.loseOrder(chain);
      return;
    }
    const index = how?.text === "index" ? Number(number?.text) : undefined;
    const position = positionOf("rule", chain, index === undefined ? rest : rest.slice(2), start);
    if (verb === "insert") this.#book.insert(position, index);
    else this.#book.add(position, index);
  }

  #table(family: string, table: string): void {
    for (;;) {
      const { tokens, end } = this.#statement((sofar) => sofar[0]?.text === "chain");
      const [start, name] = tokens;
      if (start?.text === "chain" && name) this.#book.declareChain({ family, table, chain: name.text }, placeOf(start));
      if (end === "open") this.#chain({ family, table, chain: name?.text ?? "" });
      else if (end !== "separator") return;
    }
  }

  #chain(name: ChainName): void {
    for (;;) {
      const { tokens, end } = this.#statement(() => false);
      const [start] = tokens;
      if (start?.text === "type") this.#book.setHook(positionOf("policy", name, tokens, start));
      else if (start?.text === "policy") this.#book.setPolicy(positionOf("policy", name, tokens, start));
      else if (start && !notRules.has(start.text)) this.#book.add(positionOf("rule", name, tokens, start));
      if (end !== "separator") return;
    }
  }

  /** Up to a line's end, a semicolon or a brace that belongs to the statement's surroundings. Includes are followed and give none. */
  #statement(entersBlock: (tokens: Token[]) => boolean): Statement {
    const tokens: Token[] = [];
    let depth = 0;
    // Index of the innermost statement's first token: sets and objects may include files, too.
    let begin = 0;
    for (;;) {
      const token = this.#tokens.next();
      if (!token) return { tokens, end: "eof" };
      if (separates(token) && this.#followInclude(tokens, begin)) continue;
      const end = depth === 0 ? endAt(token, () => entersBlock(tokens)) : undefined;
      if (end) return { tokens, end };
      if (token.kind === "open") depth++;
      if (token.kind === "close") depth--;
      tokens.push(token);
      if (token.kind !== "word" && token.kind !== "string") begin = tokens.length;
    }
  }

  /** Takes the innermost statement, which begins at `begin`, away when it is an include. */
  #followInclude(tokens: Token[], begin: number): boolean {
    const [include, pattern, more] = tokens.slice(begin);
    if (include?.text !== "include" || pattern?.kind !== "string" || more) return false;
    tokens.length = begin;
    this.#include(pattern.text.slice(1, -1), include);
    return true;
  }

  #include(pattern: string, at: Token): void {
    if (at.level >= mostLevels) throw tooMuch("loop", pattern, at);
    if (++this.#included > mostIncludes) throw tooMuch("too-many", pattern, at);
    this.#tokens.include(this.#open(pattern, at), at.level);
  }
}

function tooMuch(why: "loop" | "too-many", pattern: string, at: Token): UserError {
  const most = why === "loop" ? mostLevels : mostIncludes;
  const what = why === "loop" ? "include each other in a loop, or too deeply" : "include too many files";
  return new UserError("firewall-include", `The firewall's files ${what}`, {
    fault: faultOf("firewall-includes-endless", { why, most }),
    place: { file: at.file.display, line: at.line, column: at.column },
    found: `include "${pattern}" at level ${at.level}`,
    expected: `at most ${most} ${why === "loop" ? "levels, as nft allows" : "files"}`,
    todo: "remove the include that closes the loop",
  });
}

function separates({ kind }: Token): boolean {
  return kind === "newline" || kind === "semicolon";
}

/** How a token outside all braces ends the statement before it, if it does. */
function endAt(token: Token, entersBlock: () => boolean): Statement["end"] | undefined {
  if (separates(token)) return "separator";
  if (token.kind === "close") return "close";
  return token.kind === "open" && entersBlock() ? "open" : undefined;
}

interface Command {
  verb: string;
  noun: string;
  name: { family: string; explicit: boolean; table?: string; chain?: string };
  /** What follows the name. */
  rest: Token[];
  /** A brace after this opens a table or a chain. */
  block: boolean;
}

/** `[verb] noun [family] table [chain] rest`; without a verb nft means `add`, without a family `ip`. */
function parseCommand(tokens: readonly Token[]): Command {
  let index = 0;
  const word = () => tokens[index]?.text ?? "";
  const verb = verbs.has(word()) ? word() : "add";
  if (verbs.has(word())) index++;
  const noun = word();
  index++;
  const explicit = families.has(word());
  const family = explicit ? word() : "ip";
  if (explicit) index++;
  const table = tokens[index++]?.text;
  const chain = noun === "chain" || noun === "rule" ? tokens[index++]?.text : undefined;
  const block = (verb === "add" || verb === "create") && (noun === "table" || noun === "chain");
  return { verb, noun, name: { family, explicit, table, chain }, rest: tokens.slice(index), block };
}

/** `jump { … }`, `goto { … }`: the statements between the braces. */
function innerRules(chain: ChainName, statement: readonly Token[]): RulePosition[] {
  const at = statement.findIndex(({ text }) => text === "jump" || text === "goto");
  const open = statement[at + 1];
  if (at < 0 || open?.kind !== "open") return [];
  const found: Token[][] = [[]];
  let depth = 0;
  for (const token of statement.slice(at + 2)) {
    if (token.kind === "close" && depth-- === 0) break;
    if (token.kind === "open") depth++;
    if (depth === 0 && separates(token)) found.push([]);
    else found.at(-1)?.push(token);
  }
  return found.flatMap((tokens) => (tokens[0] ? [positionOf("rule", chain, tokens, tokens[0])] : []));
}

function placeOf({ file, line }: Token): { file: string; line: number } {
  return { file: file.display, line };
}

function chainOf({ family, table = "", chain = "" }: Command["name"]): ChainName {
  return { family, table, chain };
}

function scope({ family, table, chain }: Command["name"]): Partial<ChainName> {
  return { family, table, chain };
}

function positionOf(kind: RulePosition["kind"], { family, table, chain }: ChainName, statement: Token[], start: Token): RulePosition {
  const inner = kind === "rule" ? innerRules({ family, table, chain }, statement) : [];
  return {
    ...(inner.length > 0 ? { inner } : {}),
    kind,
    family,
    table,
    chain,
    file: start.file.display,
    line: start.line,
    column: start.column,
    text: statementText(statement),
  };
}
