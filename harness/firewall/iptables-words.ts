/** Splits a line of an iptables-save dump as iptables-restore does: quotes hold blanks, a backslash the next character. */
export function iptablesWords(line: string): string[] {
  return [...line.matchAll(/(?:"((?:\\.|[^"\\])*)"|[^\s"]+)+/g)].map(([word, quoted]) =>
    quoted === undefined ? word : quoted.replaceAll(/\\(.)/g, "$1"),
  );
}
