/** Edits of a part of a text, which may stand on several lines. Pure. */
import type { ListedElements, NamedList, Span } from "../../core/text-span.ts";
import { type Edit, linesOf } from "../remedies/candidate.ts";

/** A file of an nft ruleset, and where its statements, and the lists in them, begin and end. */
export interface NftPieces {
  text: string;
  /** The statement whose first word stands there; undefined: none does. @param line, column 1-based */
  statementAt(line: number, column: number): Span | undefined;
  /** What stands there as others show it: on one line, comments left out. */
  shown(span: Span): string;
  /** The same of any text. */
  onOneLine(code: string): string;
  /** 1-based. */
  lineOf(offset: number): number;
  /** Each list of a rule. */
  listsIn(statement: Span): ListedElements[];
  namedLists(): NamedList[];
}

/** What stands there is replaced; a line on which nothing but a comment is left goes as a whole. */
export function spanEdits(file: string, text: string, { from, to }: Span, instead: string): Edit[] {
  const before = linesOf(text.slice(0, from));
  const first = before.length;
  const removed = linesOf(text.slice(from, to));
  const [rest = ""] = linesOf(text.slice(to));
  const whole = `${before.at(-1) ?? ""}${instead}${rest}`;
  const left = /^\s*(?:#.*)?$/.test(whole) ? [] : linesOf(whole).map((line) => line.replace(/\r$/, ""));
  return removed.map((_, at): Edit => ({ file, line: first + at, action: "replace", lines: at === 0 ? left : [] }));
}

/** The statement, and the semicolon behind it. */
export function withSeparator(text: string, { from, to }: Span): Span {
  return { from, to: to + (/^[ \t]*;[ \t]*/.exec(text.slice(to))?.[0].length ?? 0) };
}

/** One of several elements, and the comma that it has no longer need of. */
export function withComma(elements: readonly Span[], at: number): Span {
  const { from, to } = elements[at] as Span;
  const [before, after] = [elements[at - 1], elements[at + 1]];
  return after ? { from, to: after.from } : { from: before?.to ?? from, to };
}
