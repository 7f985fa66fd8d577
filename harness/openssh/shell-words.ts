/** Splits what a person types at a shell into words: quotes and backslashes, nothing else of a shell. */

/**
 * Words of a command line, as a POSIX shell splits them: single quotes, double quotes, backslash (POSIX 2.2, quoting).
 * Variables, globs, pipes and comments are left as they stand. Undefined when a quote is left open.
 */
export function splitWords(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at] as string)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      at++;
      continue;
    }
    const piece = readPiece(text, at);
    if (!piece) return undefined;
    word = (word ?? "") + piece.text;
    at = piece.end;
  }
  if (word !== undefined) words.push(word);
  return words;
}

interface Piece {
  text: string;
  /** Index after it. */
  end: number;
}

/** What stands in quotes, or one character, escaped or not; undefined when its end is missing. */
function readPiece(text: string, at: number): Piece | undefined {
  const c = text[at] as string;
  if (c === "'") return singleQuoted(text, at + 1);
  if (c === '"') return doubleQuoted(text, at + 1);
  if (c !== "\\") return { text: c, end: at + 1 };
  const escaped = text[at + 1];
  return escaped === undefined ? undefined : { text: escaped, end: at + 2 };
}

function singleQuoted(text: string, start: number): Piece | undefined {
  const close = text.indexOf("'", start);
  return close < 0 ? undefined : { text: text.slice(start, close), end: close + 1 };
}

/** A backslash counts only before what is special in double quotes. */
function doubleQuoted(text: string, start: number): Piece | undefined {
  let found = "";
  for (let at = start; at < text.length; at++) {
    const c = text[at] as string;
    if (c === '"') return { text: found, end: at + 1 };
    const escapes = c === "\\" && '"\\$`'.includes(text[at + 1] ?? " ");
    found += escapes ? text[++at] : c;
  }
  return undefined;
}
