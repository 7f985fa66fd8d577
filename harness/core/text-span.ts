/** Parts of a text that somebody wrote. */

/** By offset in the text; `to` is the first character behind it. */
export interface Span {
  from: number;
  to: number;
}

/** A list in braces: elements of a set or map, or of a variable. */
export interface ListedElements {
  elements: Span[];
  /** What the list belongs to, up to its own end: the whole rule, `elements = { … }`, `add element … { … }`. */
  statement: Span;
}

/** A list that has a name, and is used by rules elsewhere. */
export interface NamedList extends ListedElements {
  /** As rules name it: `@office`, `$ports`. */
  name: string;
}
