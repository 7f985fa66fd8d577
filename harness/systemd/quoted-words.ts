/** Words of a setting, as systemd splits them. Source: systemd.syntax(7), "Quoting"; systemd's `extract-word.c`. */

export interface QuotedWord {
  text: string;
  /** A bare `;`, which ends a command. */
  separator: boolean;
}

const simple: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
  "'": "'",
  s: " ",
};

/**
 * Words of a setting's value. Undefined: systemd ignores the setting, because a quote is left open or an escape is unknown.
 */
export function splitQuoted(text: string): QuotedWord[] | undefined {
  return split(text, readEscape);
}

/** Words of a variable's value, where `$NAME` is a word of its own: a backslash only takes the next character as it is, and a quote may stay open. */
export function splitValue(text: string): string[] {
  const words = split(text, (from, at) => ({ text: from[at + 1] ?? "", last: at + 1 }), true) ?? [];
  return words.map((word) => word.text);
}

type Escape = (text: string, at: number, word: string | undefined) => { text: string; last: number } | undefined;

function split(text: string, escaped: Escape, mayStayOpen = false): QuotedWord[] | undefined {
  const words: QuotedWord[] = [];
  let word: string | undefined;
  let plain = true;
  let quote: string | undefined;
  const end = () => {
    if (word !== undefined) words.push({ text: word, separator: plain && word === ";" });
    word = undefined;
    plain = true;
  };
  for (let at = 0; at < text.length; at++) {
    const c = text[at] as string;
    if (c === "\\") {
      const piece = escaped(text, at, word);
      if (!piece) return undefined;
      word = (word ?? "") + piece.text;
      plain = false;
      at = piece.last;
    } else if (quote !== undefined) {
      if (c === quote) quote = undefined;
      else word += c;
    } else if (c === '"' || c === "'") {
      quote = c;
      word ??= "";
      plain = false;
    } else if (/\s/.test(c)) end();
    else word = (word ?? "") + c;
  }
  if (quote !== undefined && !mayStayOpen) return undefined;
  end();
  return words;
}

function readEscape(text: string, at: number, word: string | undefined): { text: string; last: number } | undefined {
  const letter = text[at + 1];
  if (letter === undefined) return undefined;
  // `\;` as a whole word is a semicolon that separates nothing.
  if (word === undefined && /^;(\s|$)/.test(text.slice(at + 1))) return { text: ";", last: at + 1 };
  const plain = simple[letter];
  if (plain !== undefined) return { text: plain, last: at + 1 };
  const rest = text.slice(at + 1);
  const [digits] = /^(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[0-7]{3})/.exec(rest) ?? [];
  if (digits === undefined) return undefined;
  const code = /^[0-7]/.test(digits) ? Number.parseInt(digits, 8) : Number.parseInt(digits.slice(1), 16);
  if (code === 0 || code > 0x10ffff) return undefined;
  return { text: String.fromCodePoint(code), last: at + digits.length };
}
