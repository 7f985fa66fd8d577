/** Text in columns. */

/** Lines of at most `width` columns, broken at spaces; a longer word stays whole. Runs of spaces (columns) survive. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const room = rest.lastIndexOf(" ", width);
    const at = room > 0 ? room : rest.indexOf(" ", width);
    if (at < 0) break;
    lines.push(rest.slice(0, at).trimEnd());
    rest = rest.slice(at).trimStart();
  }
  return [...lines, rest];
}

/** A mark, then the text, further lines indented below it. */
export function hanging(mark: string, text: string, width: number): string[] {
  return wrap(text, width - 2).map((line, index) => `${index === 0 ? mark : " "} ${line}`);
}
