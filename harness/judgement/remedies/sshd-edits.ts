/** A setting of sshd, changed at the line where it counts. */
import { lexConfigLine } from "../../openssh/config-lexer.ts";
import { type Edit, endOf, indentOf, linesOf, type RemedyInputs } from "./candidate.ts";
import type { JudgedForward } from "./violations.ts";

export interface SettingPlace {
  file?: string;
  line?: number;
}

/** Where the setting of a forward's login comes from; nothing where it is sshd's default. */
export function placeOfSetting({ settings }: Pick<JudgedForward, "settings">, name: string): SettingPlace {
  const { file, line } = settings.find(({ keyword }) => keyword.toLowerCase() === name) ?? {};
  return { ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) };
}

/**
 * @param at the line that makes the setting what it is; left out where it is sshd's default: the new line then stands before the first `Match`, since
 * whatever follows a `Match` belongs to it
 */
export function setSetting(inputs: RemedyInputs, keyword: string, value: string, at: SettingPlace = {}): Edit[] {
  const setting = `${keyword} ${value}`;
  const { file, line } = at;
  if (file !== undefined) return line === undefined ? [] : replaceSetting(inputs, keyword, [setting], { file, line });
  const text = inputs.files[inputs.sshdConfig];
  if (text === undefined) return [];
  return [{ file: inputs.sshdConfig, line: firstMatchOf(text) ?? endOf(linesOf(text)), action: "before", lines: [setting] }];
}

/** Empty where the line does not hold the keyword. */
export function replaceSetting(
  inputs: RemedyInputs,
  keyword: string,
  settings: readonly string[],
  { file, line }: { file: string; line: number },
): Edit[] {
  const old = linesOf(inputs.files[file] ?? "")[line - 1];
  if (old === undefined || lexConfigLine(old)?.keyword !== keyword.toLowerCase()) return [];
  return [{ file, line, action: "replace", lines: settings.map((setting) => `${indentOf(old)}${setting}`) }];
}

/** One more entry of a list, after those that stand there as the user wrote them; the only one where the list is `none`. */
export function extendList(
  inputs: RemedyInputs,
  keyword: string,
  entries: readonly string[],
  { file, line }: { file: string; line: number },
): Edit[] {
  const old = linesOf(inputs.files[file] ?? "")[line - 1] ?? "";
  const found = lexConfigLine(old);
  if (found?.keyword !== keyword.toLowerCase() || entries.length === 0) return [];
  const added = entries.join(" ");
  if (found.args[0]?.toLowerCase() === "none") return replaceSetting(inputs, keyword, [`${keyword} ${added}`], { file, line });
  return [{ file, line, action: "replace", lines: [`${old.slice(0, found.end)} ${added}${old.slice(found.end)}`] }];
}

/** The line stands in a block that holds for nobody else. */
export function standsInBlockOf(inputs: RemedyInputs, account: string, { file, line }: { file: string; line: number }): boolean {
  const lines = linesOf(inputs.files[file] ?? "").slice(0, line);
  const match = lines.map((text) => lexConfigLine(text)).findLast((each) => each?.keyword === "match");
  return match?.args.join(" ").toLowerCase() === `user ${account}`.toLowerCase() && match.args[1] === account;
}

/** A block for one account alone. `end`: it changes nothing that stands before it; `first`: it overrides other blocks. */
export interface AccountBlock {
  at: "end" | "first";
  edits: Edit[];
}

/** @param deciding the file whose blocks are to be overridden, besides those of the main file */
export function accountBlocks(
  inputs: RemedyInputs,
  account: string,
  settings: readonly string[],
  deciding: string = inputs.sshdConfig,
): AccountBlock[] {
  const { sshdConfig } = inputs;
  const text = inputs.files[sshdConfig];
  if (text === undefined) return [];
  const block = matchBlock(`User ${account}`, settings);
  const first = [...new Set([sshdConfig, deciding])].flatMap((file): AccountBlock[] => {
    const line = firstMatchOf(inputs.files[file] ?? "");
    return line === undefined ? [] : [{ at: "first", edits: [{ file, line, ...block }] }];
  });
  return [{ at: "end", edits: [{ file: sshdConfig, line: endOf(linesOf(text)), ...block }] }, ...first];
}

/** A setting for those whom a criterion of `Match` means, at the end of the main file. */
export function setForMatch({ sshdConfig, files }: RemedyInputs, match: string, setting: string): Edit[] {
  const text = files[sshdConfig];
  return text === undefined ? [] : [{ file: sshdConfig, line: endOf(linesOf(text)), ...matchBlock(match, [setting]) }];
}

function matchBlock(match: string, settings: readonly string[]): Pick<Edit, "action" | "lines" | "opensMatch"> {
  return { action: "before", opensMatch: true, lines: [`Match ${match}`, ...settings.map((setting) => `    ${setting}`)] };
}

/** Line of the first `Match`, or of the comment over it; undefined where there is none. */
export function firstMatchOf(text: string): number | undefined {
  const lines = linesOf(text);
  let at = lines.findIndex((each) => lexConfigLine(each)?.keyword === "match");
  if (at < 0) return undefined;
  while (at > 0 && lines[at - 1]?.trimStart().startsWith("#")) at--;
  return at + 1;
}
