/** Marks of a template (Jinja2, Go, ERB) that nothing has filled in. Pure. */

export interface TemplateMark {
  line: number;
  /** The line. */
  text: string;
}

/** The first one outside of comments and quotes. Braces may follow each other in an nft ruleset, too: it only tells why one does not load. */
export function templateMark(text: string): TemplateMark | undefined {
  const lines = text.split("\n");
  const at = lines.findIndex((line) => /\{\{|\{%|<%/.test(line.replaceAll(/"[^"]*"/g, '""').replace(/#.*/, "")));
  return at < 0 ? undefined : { line: at + 1, text: (lines[at] ?? "").trim() };
}
