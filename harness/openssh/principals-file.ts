/** AuthorizedPrincipalsFile: names for which a certificate may log in, each with options of its own. */
import { type Warning, warning } from "../core/warning.ts";
import { badKeyOption } from "./authorized-keys.ts";

export interface PrincipalLine {
  /** 1-based line in the user's file. */
  line: number;
  /** As written, "" when none. */
  options: string;
  principal: string;
}

export interface Principals {
  principals: PrincipalLine[];
  /** Lines by which nobody logs in, and why. */
  notes: Warning[];
}

/**
 * Reads the file as sshd does: the last word of a line is the name, what stands before it are options, `#` ends the line wherever it stands, and of lines
 * with the same name only the first counts. Source: sshd_config(5), AuthorizedPrincipalsFile; OpenSSH `auth2-pubkeyfile.c` `auth_process_principals`
 * (8.4: `auth2-pubkey.c` `process_principals`).
 */
export function parsePrincipals(text: string, display: string): Principals {
  const result: Principals = { principals: [], notes: [] };
  for (const [index, raw] of text.split("\n").entries()) {
    const line = index + 1;
    const at = { file: display, line };
    const note = (each: Warning) => result.notes.push(each);
    const body = raw
      .replace(/^[ \t]+/, "")
      .replace(/#.*$/s, "")
      .replace(/[ \t]+$/, "");
    if (body === "" || body === "\r") continue;
    const principal = body.split(body.includes(" ") ? " " : "\t").at(-1) as string;
    const before = body.slice(0, body.length - principal.length);
    const options = optionsOf(before);
    const bad = badKeyOption(options);
    const first = result.principals.find((each) => each.principal === principal);
    if (principal.includes("\r")) note(warning("principal-not-usable", { why: "carriage-return" }, at));
    else if (principal.includes('"')) note(warning("principal-not-usable", { why: "no-name" }, at));
    else if (openQuote(before)) note(warning("login-line-ignored", { why: "open-quote" }, at));
    else if (bad !== undefined) note(warning("login-line-ignored", bad, at));
    else if (first) note(warning("principal-repeated", { principal, first: first.line }, at));
    else result.principals.push({ line, options, principal });
  }
  return result;
}

/** The options end at the first blank outside quotes; sshd does not look at words between them and the name. */
function optionsOf(before: string): string {
  return /^(?:"(?:\\"|[^"])*"|\\"|[^\s"])*/.exec(before)?.[0] ?? "";
}

function openQuote(text: string): boolean {
  return (text.replaceAll('\\"', "").match(/"/g)?.length ?? 0) % 2 === 1;
}
