/** A setting of sshd, changed at the line where it counts. */
import { lexConfigLine } from "../../openssh/config-lexer.ts";
import { type Edit, endOf, linesOf, type RemedyInputs } from "./candidate.ts";

/**
 * @param at the line that makes the setting what it is; left out where it is sshd's default: the new line then stands before the first `Match`, since
 * whatever follows a `Match` belongs to it
 */
export function setSetting(inputs: RemedyInputs, keyword: string, value: string, at: { file?: string; line?: number } = {}): Edit[] {
  const setting = `${keyword} ${value}`;
  const { file, line } = at;
  if (file !== undefined) return line === undefined ? [] : replaceSetting(inputs, keyword, setting, { file, line });
  const text = inputs.files[inputs.sshdConfig];
  if (text === undefined) return [];
  return [{ file: inputs.sshdConfig, line: firstMatchOf(text) ?? endOf(text), action: "before", lines: [setting] }];
}

function replaceSetting(inputs: RemedyInputs, keyword: string, setting: string, { file, line }: { file: string; line: number }): Edit[] {
  const old = linesOf(inputs.files[file] ?? "")[line - 1];
  if (old === undefined || lexConfigLine(old)?.keyword !== keyword.toLowerCase()) return [];
  const indent = /^\s*/.exec(old)?.[0] ?? "";
  return [{ file, line, action: "replace", lines: [`${indent}${setting}`] }];
}

/** One more entry of a list, after those that stand there as the user wrote them; the only one where the list is `none`. */
export function extendList(inputs: RemedyInputs, keyword: string, entry: string, { file, line }: { file: string; line: number }): Edit[] {
  const old = linesOf(inputs.files[file] ?? "")[line - 1] ?? "";
  const found = lexConfigLine(old);
  if (found?.keyword !== keyword.toLowerCase()) return [];
  if (found.args[0]?.toLowerCase() === "none") return replaceSetting(inputs, keyword, `${keyword} ${entry}`, { file, line });
  return [{ file, line, action: "replace", lines: [`${old.slice(0, found.end)} ${entry}${old.slice(found.end)}`] }];
}

/** A setting for one account alone, at the end of the main file, where a block of its own changes nothing that stands before it. */
export function setForAccount(inputs: RemedyInputs, account: string, setting: string): Edit[] {
  const text = inputs.files[inputs.sshdConfig];
  if (text === undefined) return [];
  return [{ file: inputs.sshdConfig, line: endOf(text), action: "before", lines: [`Match User ${account}`, `    ${setting}`] }];
}

/** The same before all other blocks of that file, so that it overrides their settings for the account; empty if there are none. */
export function setForAccountFirst(inputs: RemedyInputs, account: string, setting: string): Edit[] {
  const line = firstMatchOf(inputs.files[inputs.sshdConfig] ?? "");
  if (line === undefined) return [];
  return [{ file: inputs.sshdConfig, line, action: "before", lines: [`Match User ${account}`, `    ${setting}`] }];
}

/** Line of the first `Match`; undefined where there is none. */
export function firstMatchOf(text: string): number | undefined {
  const at = linesOf(text).findIndex((each) => lexConfigLine(each)?.keyword === "match");
  return at < 0 ? undefined : at + 1;
}
