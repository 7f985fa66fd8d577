/** Quotes words for a shell script. */
export const quoted = (...words: readonly string[]) => words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
