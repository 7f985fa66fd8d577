/** Patterns with `*` as regular expressions that take no longer than the text is long, however many stars they have. */

/**
 * @param pieces what stands before, between and after the stars, as sources of regular expressions that each match texts of one length only:
 * the first place where a piece between two stars fits is then as good as any other
 */
export function starPattern(pieces: readonly string[]): RegExp {
  const [first = "", ...rest] = pieces;
  const last = rest.pop();
  if (last === undefined) return expression(`^${first}$`);
  // A lookahead is not entered again once it has matched; the reference takes what it found.
  const between = rest.map((piece, index) => `(?=(.*?${piece}))\\${index + 1}`);
  return expression(`^${first}${between.join("")}.*${last}$`);
}

/** A range that runs backwards (`[z-a]`) holds nothing. */
function expression(source: string): RegExp {
  try {
    return new RegExp(source, "su");
  } catch {
    return /(?!)/;
  }
}
