/** Several things in a sentence. */

/** `a`, `a and b`, `a, b and c`. */
export function enumerated(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

/** The same in Japanese: `a`, `a と b`, `a、b、c`. */
export function enumeratedJa(items: readonly string[]): string {
  return items.join(items.length === 2 ? " と " : "、");
}
