/** Splits a line of sshd_config into keyword and arguments, only to be able to point at it. */

/** OpenSSH `misc.c` `argv_split`: quotes of both kinds, backslash before a quote, a backslash or (unquoted) a space; `#` starts a comment. */
export function splitArguments(text: string): string[] | undefined {
  return scanArguments(text)?.args;
}

function scanArguments(text: string): { args: string[]; end: number } | undefined {
  const args: string[] = [];
  let end = 0;
  for (;;) {
    let at = end;
    while (isBlank(text[at])) at++;
    if (at >= text.length || text[at] === "#") return { args, end };
    const found = readArgument(text, at);
    if (!found) return undefined;
    args.push(found.arg);
    end = found.end;
  }
}

/** From `start` to the blank that ends the argument; undefined when a quote is left open. */
function readArgument(text: string, start: number): { arg: string; end: number } | undefined {
  let arg = "";
  let quote = "";
  let at = start;
  for (; at < text.length; at++) {
    const c = text[at] as string;
    if (c === "\\" && isEscapable(text[at + 1], quote)) arg += text[++at];
    else if (quote === "" && isBlank(c)) break;
    else if (quote === "" && (c === '"' || c === "'")) quote = c;
    else if (quote !== "" && c === quote) quote = "";
    else arg += c;
  }
  return quote === "" ? { arg, end: at } : undefined;
}

function isBlank(c: string | undefined): boolean {
  return c === " " || c === "\t";
}

function isEscapable(c: string | undefined, quote: string): boolean {
  return c === "'" || c === '"' || c === "\\" || (quote === "" && c === " ");
}

interface LexedLine {
  /** In lower case. */
  keyword: string;
  args: string[];
  /** Where the last argument ends, in characters from the start of the line: a comment may follow. */
  end: number;
}

/**
 * Keyword and arguments of one line; undefined for an empty line, a comment, and what sshd will refuse anyway.
 * `Keyword value`, `Keyword=value` and `Keyword = value` are the same. Source: OpenSSH `servconf.c` `process_server_config_line_depth`.
 */
export function lexConfigLine(line: string): LexedLine | undefined {
  const parts = /^([ \t\r\n]*"?([A-Za-z][A-Za-z0-9]*)"?(?:[ \t]*=[ \t]*|[ \t]+))(.*?)[ \t\r\n\f]*$/.exec(line);
  if (!parts) return undefined;
  const [, before = "", keyword = "", text = ""] = parts;
  const found = scanArguments(text);
  return found && found.args.length > 0 ? { keyword: keyword.toLowerCase(), args: found.args, end: before.length + found.end } : undefined;
}

/** Why sshd cannot take a line apart, in its words; undefined for an empty line, a comment, and a line that it can. */
export function malformation(line: string): string | undefined {
  const text = line.replace(/^[ \t\r\n]+|[ \t\r\n\f]+$/g, "");
  if (text === "" || text.startsWith("#") || lexConfigLine(line)) return undefined;
  const [, keyword, rest] = /^"?([A-Za-z][A-Za-z0-9]*)"?(?:[ \t]*=[ \t]*|[ \t]+|$)(.*)$/.exec(text) ?? [];
  if (keyword === undefined) return `Bad configuration option: ${text.split(/[ \t=]/, 1)[0]}`;
  return splitArguments(rest ?? "") === undefined ? "invalid quotes" : `no argument after keyword "${keyword}"`;
}
