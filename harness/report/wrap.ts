/** Text in columns. */

/**
 * Lines of at most `width` columns, broken at spaces, and between characters of a script without spaces; a longer word stays whole. Runs of spaces
 * (columns) survive.
 */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (columnsOf(rest) > width) {
    const most = fitting(rest, width);
    const room = Math.max(rest.lastIndexOf(" ", most), lastBreak(rest, most));
    const at = room > 0 ? room : rest.indexOf(" ", most);
    if (at < 0) break;
    lines.push(rest.slice(0, at).trimEnd());
    rest = rest.slice(at).trimStart();
  }
  return [...lines, rest];
}

/** Columns of a terminal: Chinese and Japanese characters take two. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const one of text) columns += isWide(one) ? 2 : 1;
  return columns;
}

/** Filled up to so many columns. */
export function padColumns(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - columnsOf(text)));
}

function isWide(one: string): boolean {
  return one >= "\u2e80" && one <= "\uffe6";
}

/** How many characters from the start fit. */
function fitting(text: string, width: number): number {
  let columns = 0;
  for (let at = 0; at < text.length; at++) {
    columns += isWide(text.charAt(at)) ? 2 : 1;
    if (columns > width) return at;
  }
  return text.length;
}

/** A line may end between two wide characters, but not before a stop or a closing bracket. */
function lastBreak(text: string, most: number): number {
  for (let at = most; at > 0; at--)
    if (isWide(text.charAt(at - 1)) && isWide(text.charAt(at)) && !/[、。）」』】・ー]/.test(text.charAt(at))) return at;
  return 0;
}

/** A mark, then the text, further lines indented below it. */
export function hanging(mark: string, text: string, width: number): string[] {
  return wrap(text, width - 2).map((line, index) => `${index === 0 ? mark : " "} ${line}`);
}
