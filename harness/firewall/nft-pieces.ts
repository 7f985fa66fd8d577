/** Where statements, and the lists in them, begin and end in a file of an nft ruleset. */
import type { ListedElements, NamedList, Span } from "../core/text-span.ts";
import { NftTokens, statementText, type Token } from "./nft-tokens.ts";

export class NftText {
  readonly text: string;
  readonly #tokens: readonly Token[];
  readonly #lineStarts: readonly number[];

  constructor(text: string) {
    this.text = text;
    this.#tokens = tokensOf(text);
    this.#lineStarts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  }

  /** The statement whose first token stands there; undefined: none does. @param line, column 1-based */
  statementAt(line: number, column: number): Span | undefined {
    const begin = this.#tokens.findIndex((token) => token.line === line && token.column === column);
    return begin < 0 ? undefined : this.#spanOf(begin, this.#endOf(begin));
  }

  /** On one line, comments left out. */
  shown({ from, to }: Span): string {
    return this.onOneLine(this.text.slice(from, to));
  }

  /** A statement, or a part of one, as others show it. */
  onOneLine(code: string): string {
    return statementText(tokensOf(code));
  }

  /** 1-based. */
  lineOf(offset: number): number {
    return this.#lineStarts.findLastIndex((start) => start <= offset) + 1;
  }

  /** Each list of a rule. What stands in braces after `jump` and `goto` are rules, whose lists count. */
  listsIn(statement: Span): ListedElements[] {
    return this.#tokens.flatMap((token, at) => {
      const inside = token.kind === "open" && this.#from(token) >= statement.from && this.#to(token) <= statement.to;
      if (!inside || /^(?:jump|goto)$/.test(this.#tokens[at - 1]?.text ?? "")) return [];
      return [{ elements: this.#elements(at), statement }];
    });
  }

  /** Each list that is no rule's own. */
  namedLists(): NamedList[] {
    return this.#tokens.flatMap((token, at) => {
      if (token.kind !== "open") return [];
      const begin = this.#beginOf(at);
      const words = this.#tokens.slice(begin, at).map(({ text }) => text);
      const name = nameOf(words) ?? (isElements(words) ? this.#setAround(begin) : undefined);
      if (name === undefined) return [];
      return [{ name, elements: this.#elements(at), statement: this.#spanOf(begin, this.#endOf(begin)) }];
    });
  }

  /** Of `set office { … elements = { … } }` `@office`. @param at a token within the braces */
  #setAround(at: number): string | undefined {
    let depth = 0;
    for (let index = at - 1; index >= 0; index--) {
      const { kind } = this.#tokens[index] as Token;
      if (kind === "close") depth++;
      if (kind === "open" && depth-- === 0) {
        const words = this.#tokens.slice(this.#beginOf(index), index).map(({ text }) => text);
        return /^(?:set|map)$/.test(words[words[0] === "add" || words[0] === "create" ? 1 : 0] ?? "") ? `@${words.at(-1)}` : undefined;
      }
    }
    return undefined;
  }

  /** Between the brace and its partner; none where there are statements. */
  #elements(open: number): Span[] {
    const found: Span[] = [];
    let current: Span | undefined;
    const close = this.#partnerOf(open);
    for (const token of this.#tokens.slice(open + 1, close)) {
      if (token.kind === "semicolon") return [];
      if (token.kind === "newline") continue;
      const from = this.#from(token);
      const parts = token.kind === "word" ? [...token.text.matchAll(/,|[^,]+/g)] : [{ 0: token.text, index: 0 }];
      for (const { 0: part, index } of parts) {
        if (part === ",") {
          if (current) found.push(current);
          current = undefined;
        } else current = { from: current?.from ?? from + index, to: from + index + part.length };
      }
    }
    return current ? [...found, current] : found;
  }

  #partnerOf(open: number): number {
    let depth = 0;
    for (let at = open; at < this.#tokens.length; at++) {
      const { kind } = this.#tokens[at] as Token;
      if (kind === "open") depth++;
      if (kind === "close" && --depth === 0) return at;
    }
    return this.#tokens.length;
  }

  /** Index of the first token of the statement that the token at `at` stands in, without leaving the braces around it. */
  #beginOf(at: number): number {
    let depth = 0;
    for (let index = at - 1; index >= 0; index--) {
      const { kind } = this.#tokens[index] as Token;
      if (kind === "close") depth++;
      else if (kind === "open" && depth-- === 0) return index + 1;
      else if (depth === 0 && (kind === "newline" || kind === "semicolon")) return index + 1;
    }
    return 0;
  }

  /** Index of the token behind the statement's last one. */
  #endOf(begin: number): number {
    let depth = 0;
    for (let at = begin; at < this.#tokens.length; at++) {
      const { kind } = this.#tokens[at] as Token;
      if (depth === 0 && (kind === "newline" || kind === "semicolon" || kind === "close")) return at;
      if (kind === "open") depth++;
      if (kind === "close") depth--;
    }
    return this.#tokens.length;
  }

  #spanOf(begin: number, end: number): Span {
    return { from: this.#from(this.#tokens[begin]), to: this.#to(this.#tokens[end - 1]) };
  }

  #from(token: Token | undefined): number {
    return token ? (this.#lineStarts[token.line - 1] ?? 0) + token.column - 1 : this.text.length;
  }

  #to(token: Token | undefined): number {
    return token ? this.#from(token) + token.text.length : this.text.length;
  }
}

function tokensOf(text: string): Token[] {
  const tokens = new NftTokens({ display: "", text });
  const all: Token[] = [];
  for (let token = tokens.next(); token; token = tokens.next()) all.push(token);
  return all;
}

/** Of `add element inet filter office` `@office`, of `define ports =` `$ports`. */
function nameOf(words: readonly string[]): string | undefined {
  const [verb = "", noun = ""] = words;
  if (/^(?:add|create)$/.test(verb) && noun === "element") return `@${words.at(-1)}`;
  if (noun === "" || !/^(?:re)?define$/.test(verb) || !words.at(-1)?.endsWith("=")) return undefined;
  return `$${noun.replace(/=$/, "")}`;
}

function isElements(words: readonly string[]): boolean {
  return /^elements=$/.test(words.join(""));
}
