/** Marks of a template (Jinja2, Go, ERB) that nothing has filled in. Pure. */

export interface TemplateMark {
  line: number;
  /** The line. */
  text: string;
}

/** `${…}`: of a shell, and of envsubst; nft's own variables have no braces. */
const marks = { nft: /\{\{|\{%|<%|\$\{/, iptables: /\{\{|\{%|<%/ } as const;

/** The first one outside of comments and quotes. Braces may follow each other in an nft ruleset, too: it only tells why one does not load. */
export function templateMark(text: string, kind: keyof typeof marks): TemplateMark | undefined {
  const lines = text.split("\n");
  const at = lines.findIndex((line) => marks[kind].test(line.replaceAll(/"[^"]*"/g, '""').replace(/#.*/, "")));
  return at < 0 ? undefined : { line: at + 1, text: (lines[at] ?? "").trim() };
}
