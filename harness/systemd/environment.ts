/** Variables of a unit: where they are set, and where they are put in. Source: systemd.exec(5), "Environment"; systemd.service(5), "Command lines". */
import { splitValue } from "./quoted-words.ts";
import type { Unknowns } from "./unknowns.ts";

const name = /^[A-Za-z_]\w*$/;

/** Words of `Environment=`: assignments; others systemd ignores. */
export function readAssignments(words: readonly string[]): [string, string][] {
  return words.flatMap((word) => {
    const at = word.indexOf("=");
    return at > 0 && name.test(word.slice(0, at)) ? [[word.slice(0, at), word.slice(at + 1)] as [string, string]] : [];
  });
}

/** A file that `EnvironmentFile=` names: `NAME=value` lines with a shell's quotes, and nothing put in. Source: systemd.exec(5); systemd's `env-file.c`. */
export function readEnvironmentFile(text: string): { name: string; value: string; line: number }[] {
  const found: { name: string; value: string; line: number }[] = [];
  const lines = text.split("\n");
  for (let at = 0; at < lines.length; at++) {
    const line = at + 1;
    let content = (lines[at] as string).replace(/\r$/, "");
    if (/^\s*([#;]|$)/.test(content)) continue;
    while (isOpen(content) && at + 1 < lines.length) content += `\n${(lines[++at] as string).replace(/\r$/, "")}`;
    const [, key = "", written = ""] = /^\s*([^=\s]+)\s*=\s*(.*)$/s.exec(content) ?? [];
    if (name.test(key)) found.push({ name: key, value: unquoted(written), line });
  }
  return found;
}

/** It goes on in the next line: a quote is open, or a backslash is the last character. */
function isOpen(content: string): boolean {
  let quote: string | undefined;
  for (let at = content.indexOf("=") + 1; at < content.length; at++) {
    const c = content[at];
    if (c === "\\" && quote !== "'") {
      if (at === content.length - 1) return true;
      at++;
    } else if (quote !== undefined) quote = c === quote ? undefined : quote;
    else if (c === '"' || c === "'") quote = c;
  }
  return quote !== undefined;
}

const piece = /'([^']*)'?|"((?:\\[\s\S]|[^"\\])*)"?|\\([\s\S]?)|([^'"\\]+)/g;

function unquoted(written: string): string {
  let value = "";
  /** Blanks at the end count only in quotes, or after a backslash. */
  let bare = "";
  for (const [, single, double, escaped, plain] of written.matchAll(piece)) {
    if (plain === undefined) {
      value += bare + (single ?? escaped?.replace("\n", "") ?? double?.replace(/\\([\s\S])/g, inDoubleQuotes));
      bare = "";
    } else bare += plain;
  }
  return value + bare.trimEnd();
}

/** A backslash counts only before what is special there. */
function inDoubleQuotes(written: string, next: string): string {
  if (next === "\n") return "";
  return '"\\`$'.includes(next) ? next : written;
}

/** What the manager itself sets for what it starts, or what others may have set for the manager. */
const ofManager =
  /^(HOME|SHELL|USER|LOGNAME|PATH|LANG|LC_\w+|TZ|INVOCATION_ID|MAINPID|MANAGERPID|JOURNAL_STREAM|XDG_\w+|SYSTEMD_\w+|NOTIFY_SOCKET|\w+_DIRECTORY)$/;

export interface Variables {
  set: ReadonlyMap<string, string>;
  /** `PassEnvironment=`: of the manager's own. */
  passed: ReadonlySet<string>;
}

export interface Filled {
  words: string[];
  /** Variables that nothing sets: systemd takes them as empty. */
  unset: string[];
  /** A word that may become any number of words. */
  fault?: { written: string; why: string };
}

/** `${NAME}` anywhere in a word is one word's part; `$NAME` that is a whole word becomes the words of its value; `$$` is a dollar. */
export function fillIn(words: readonly string[], variables: Variables, unknowns: Unknowns): Filled {
  const filled: Filled = { words: [], unset: [] };
  const valueFor = (variable: string, written: string): string => {
    const value = variables.set.get(variable);
    if (value !== undefined) return value;
    if (variables.passed.has(variable) || ofManager.test(variable))
      return unknowns.mark(written, `$${variable} is set by systemd on the machine that runs it`);
    filled.unset.push(variable);
    return "";
  };
  for (const word of words) {
    // Whatever follows is the name: `$A:b` is a variable of that name, which nobody can set.
    const whole = /^\$(?![{$])(.*)$/s.exec(word)?.[1];
    if (whole === undefined) {
      filled.words.push(
        word.replace(/\$(?:\$|\{([A-Za-z_]\w*)\})/g, (written, variable?: string) =>
          variable === undefined ? "$" : valueFor(variable, written),
        ),
      );
      continue;
    }
    const value = valueFor(whole, word);
    const unknown = unknowns.in(value);
    if (unknown) filled.fault = { written: word, why: unknown.why };
    else filled.words.push(...splitValue(value));
  }
  return filled;
}
