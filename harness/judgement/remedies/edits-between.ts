/** The changes between two states of the user's files as edits of the first. Pure. */
import type { Candidate, Edit } from "./candidate.ts";
import { lineSteps } from "./patch.ts";

type Files = Readonly<Record<string, string>>;

export function editsBetween(before: Files, after: Files): Edit[] {
  return Object.keys(after)
    .filter((file) => before[file] !== after[file])
    .flatMap((file) => fileEdits(file, before[file] ?? "", after[file] ?? ""));
}

function fileEdits(file: string, before: string, after: string): Edit[] {
  const edits: Edit[] = [];
  let line = 1;
  let gone: number[] = [];
  let added: string[] = [];
  const flush = () => {
    const [first, ...others] = gone;
    const opensMatch = added.some((text) => /^\s*match\b/i.test(text)) ? { opensMatch: true as const } : {};
    if (first !== undefined) edits.push({ file, line: first, action: "replace", lines: added });
    else if (added.length > 0) edits.push({ file, line, action: "before", lines: added, ...opensMatch });
    edits.push(...others.map((each): Edit => ({ file, line: each, action: "replace", lines: [] })));
    [gone, added] = [[], []];
  };
  for (const [mark, text] of lineSteps(before, after)) {
    if (mark === " ") flush();
    if (mark === "+") added.push(text.replace(/\r?\n$/, ""));
    else {
      if (mark === "-") gone.push(line);
      line++;
    }
  }
  flush();
  return edits;
}

/** The change as one of the first state, so far as a person is told where: lines that others moved are named by where they stand there. */
export function placedIn(before: Files, after: Files, candidate: Candidate): Candidate {
  const [, file = "", line = ""] = /^(.*):(\d+)$/s.exec(String(candidate.params.place ?? "")) ?? [];
  if (before[file] === after[file]) return candidate;
  const known = lineBefore(before[file] ?? "", after[file] ?? "", Number(line));
  return known === undefined ? candidate : { ...candidate, params: { ...candidate.params, place: `${file}:${known}` } };
}

/** Number of the line in the first text; undefined: it is not there. */
function lineBefore(before: string, after: string, wanted: number): number | undefined {
  let [was, is] = [0, 0];
  for (const [mark] of lineSteps(before, after)) {
    if (mark !== "+") was++;
    if (mark !== "-") is++;
    if (is === wanted && mark !== "-") return mark === " " ? was : undefined;
  }
  return undefined;
}
