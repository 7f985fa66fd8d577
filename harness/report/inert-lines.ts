/** Reports that a CI job may print: no line of them is a command to the CI system, whoever wrote what the report quotes. */

/** GitHub obeys `::name …::` and `##[name]` at the beginning of a line, Azure `##vso[…]`, GitLab `section_start:`. */
const command = /^(\s*)(::(?=[a-z-]+[ :])|##(?=\[|vso\[)|section_(?=start:|end:))/gm;

/** A blank after the first character is enough. */
export function withoutCommands(report: string): string {
  return report.replace(command, (_, lead: string, word: string) => `${lead}${word.charAt(0)} ${word.slice(1)}`);
}
