/** A change of the user's own files, in their own syntax, that may mend a violation. Nobody is told of it before it was tried. */
import type { Params } from "../../core/reason.ts";
import type { Policy } from "../../policy/policy.ts";

/** Lines of one file that change. Line numbers are those of the unchanged file. */
export interface Edit {
  /** As results show it: relative to the policy file. */
  file: string;
  /** 1-based. */
  line: number;
  /** `before`: inserted before the line; one past the last line appends. `replace`: instead of it; no lines at all remove it. */
  action: "before" | "replace";
  lines: readonly string[];
  /** The lines begin a `Match`, to which whatever follows belongs: of what is inserted before the same line, they come last. */
  opensMatch?: true;
}

export interface Candidate {
  /** What `report/` puts into words. */
  code: string;
  params: Params;
  edits: readonly Edit[];
}

/** The user's files that a remedy may change. */
export interface RemedyInputs {
  policy: Policy;
  /** Name of the policy file in its own folder. */
  policyFile: string;
  /** The main file of sshd's configuration, as results show it. */
  sshdConfig: string;
  /** Accounts that nobody has: the criterion of a `Match` that holds for those whom each stands for; null where none does. */
  standIns?: Readonly<Record<string, string | null>>;
  /** Addresses that the user's own files name; left out: those in `files`. */
  stated?: ReadonlySet<string>;
  /** Text of each file by the name that results show. A file that is missing here stays as it is. */
  files: Readonly<Record<string, string>>;
}

export function linesOf(text: string): string[] {
  return text.split("\n");
}

/** Number of the line after the last one with text: where an insertion appends. */
export function endOf(lines: readonly string[]): number {
  return lines.at(-1) === "" ? lines.length : lines.length + 1;
}

/** The blanks before its text. */
export function indentOf(line: string): string {
  return /^\s*/.exec(line)?.[0] ?? "";
}

/** For words: the line of the first edit; empty where there is none. */
export function placeOfEdits([edit]: readonly Edit[]): string {
  return edit ? `${edit.file}:${edit.line}` : "";
}
