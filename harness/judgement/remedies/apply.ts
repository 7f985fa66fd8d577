/** The user's files with a candidate's edits. */
import { type Candidate, type Edit, linesOf } from "./candidate.ts";

export function applyCandidate(files: Readonly<Record<string, string>>, { edits }: Candidate): Record<string, string> {
  const changed = { ...files };
  for (const [file, ofFile] of Map.groupBy(edits, (edit) => edit.file)) {
    const text = files[file];
    if (text === undefined) throw new Error(`a remedy changes ${file}, which is none of the user's files`);
    changed[file] = edited(text, ofFile);
  }
  return changed;
}

function edited(text: string, edits: readonly Edit[]): string {
  const ending = text.includes("\r\n") ? "\r" : "";
  const closed = text === "" || text.endsWith("\n");
  const lines = linesOf(closed ? text : `${text}${ending}\n`);
  // From the end: what comes before keeps its line numbers.
  const ordered = [...edits].reverse().sort((one, other) => other.line - one.line || Number(!one.opensMatch) - Number(!other.opensMatch));
  for (const { line, action, lines: added } of ordered)
    lines.splice(line - 1, action === "replace" ? 1 : 0, ...added.map((each) => `${each}${ending}`));
  const after = lines.join("\n");
  // A last line without a newline stays without one.
  return closed ? after : after.slice(0, -`${ending}\n`.length);
}
