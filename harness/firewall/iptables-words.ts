/**
 * Splits a line of an iptables-save dump as iptables-restore does: quotes hold blanks, a backslash the next character. An option and the value that is
 * joined to it (`--dport=22`, `-s10.0.0.1`) are two words.
 */
export function iptablesWords(line: string): string[] {
  return [...line.matchAll(/(?:"((?:\\.|[^"\\])*)"|[^\s"]+)+/g)].flatMap(([word, quoted]) => {
    if (quoted !== undefined) return [quoted.replaceAll(/\\(.)/g, "$1")];
    const [, option, value] = /^(--[a-z][a-z\d-]*)=(.*)$/.exec(word) ?? /^(-[sd])([\da-fA-F:].*)$/.exec(word) ?? [];
    return option === undefined || value === undefined ? [word] : [option, value];
  });
}

export const sourceOptions: ReadonlySet<string> = new Set(["-s", "--source", "--src"]);
export const destinationOptions: ReadonlySet<string> = new Set(["-d", "--destination", "--dst"]);
