/** nft's own words, with their places. Follows nft's scanner where it decides what belongs to one statement. */

/** One file of a ruleset as text. */
export interface SourceText {
  /** Path to show. */
  display: string;
  text: string;
}

export interface Token {
  kind: "word" | "string" | "newline" | "semicolon" | "open" | "close";
  text: string;
  file: SourceText;
  /** 1-based. */
  line: number;
  /** 1-based, in characters. */
  column: number;
  /** Something stood between this token and the one before: a blank, a comment, a line's end. */
  gap: boolean;
  /** Of the file: 1 for the main one, one more for each include around it. */
  level: number;
}

interface Reading {
  source: SourceText;
  level: number;
  offset: number;
  line: number;
  lineStart: number;
}

/** Levels of files, the main one among them; nft refuses an include of the last (measured with nft 1.1.3). */
export const mostLevels = 16;

const kinds: Record<string, Token["kind"]> = { "{": "open", "}": "close", ";": "semicolon", "\n": "newline" };
// What ends a word. A comma or colon does not: nothing here depends on it.
const wordEnd = /[\s{};"#\\]/g;
// A line that holds a comment and nothing else vanishes together with its end, also inside a continued statement.
const commentLine = /[ \t]*#[^\n]*\n/y;
const comment = /#[^\n]*/y;
const blank = /[ \t\r]+/y;
const quoted = /"[^"]*"/y;

/** The tokens of a file and, in their place, of the files it includes: to nft an include is text put in. */
export class NftTokens {
  readonly #stack: Reading[] = [];
  #gap = false;

  constructor(main: SourceText) {
    this.include([main], 0);
  }

  /** The next tokens come from these files, in their order, then from where the reading stood. @param level of the file that includes them */
  include(files: readonly SourceText[], level: number): void {
    for (const source of files.toReversed()) this.#stack.push({ source, level: level + 1, offset: 0, line: 1, lineStart: 0 });
  }

  /** Undefined at the end of the main file. */
  next(): Token | undefined {
    for (;;) {
      const reading = this.#stack.at(-1);
      if (!reading) return undefined;
      this.#skip(reading);
      if (reading.offset < reading.source.text.length) return this.#token(reading);
      this.#stack.pop();
      this.#gap = true;
    }
  }

  #skip(reading: Reading): void {
    const { text } = reading.source;
    for (;;) {
      const start = reading.offset;
      if (start === reading.lineStart) this.#take(reading, commentLine);
      this.#take(reading, blank);
      this.#take(reading, comment);
      if (text.startsWith("\\\n", reading.offset)) this.#advance(reading, 2);
      if (reading.offset === start) return;
      this.#gap = true;
    }
  }

  #take(reading: Reading, pattern: RegExp): void {
    pattern.lastIndex = reading.offset;
    const match = pattern.exec(reading.source.text);
    if (match) this.#advance(reading, match[0].length);
  }

  #advance(reading: Reading, length: number): void {
    const end = reading.offset + length;
    for (;;) {
      const newline = reading.source.text.indexOf("\n", reading.offset);
      if (newline < 0 || newline >= end) break;
      reading.line++;
      reading.lineStart = reading.offset = newline + 1;
    }
    reading.offset = end;
  }

  #token(reading: Reading): Token {
    const { source, level, offset, line, lineStart } = reading;
    const { text } = source;
    const first = text.charAt(offset);
    let kind = kinds[first] ?? "word";
    let length = 1;
    if (first === '"') {
      quoted.lastIndex = offset;
      kind = "string";
      length = quoted.exec(text)?.[0].length ?? text.length - offset;
    } else if (kind === "word") {
      wordEnd.lastIndex = offset + 1;
      length = (wordEnd.exec(text)?.index ?? text.length) - offset;
    }
    const token: Token = {
      kind,
      text: text.slice(offset, offset + length),
      file: source,
      line,
      column: offset - lineStart + 1,
      gap: this.#gap,
      level,
    };
    this.#advance(reading, length);
    this.#gap = kind === "newline";
    return token;
  }
}

/** Tokens on one line, blanks as they were but never more than one. */
export function statementText(tokens: readonly Token[]): string {
  return tokens
    .filter((token) => token.kind !== "newline")
    .map((token, index) => (index > 0 && token.gap ? ` ${token.text}` : token.text))
    .join("")
    .replaceAll(/\s+/g, " ");
}
