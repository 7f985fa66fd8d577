/** What a comparison of results shows that nobody should miss, as flat as annotations are. English. */
import type { CellChange } from "../core/cell-change.ts";
import type { Diff } from "../core/diff.ts";
import { type DiffGroup, diffGroups } from "./diff-groups.ts";
import { groupTitle, sideLines } from "./diff-lines.ts";
import { diffWords } from "./diff-words.ts";
import { besidePolicy, type FilePlace, placeBeside, tidy } from "./places.ts";
import { cleanLine } from "./words.ts";

const words = diffWords.en;

export interface DiffProblem {
  /** Stable name of the kind. */
  rule: "opened" | "unknown" | "weaker" | "warning";
  /** Only what adds exposure is an error. */
  level: "error" | "warning";
  title: string;
  message: string;
  place: FilePlace;
  /** What makes it the same problem in another run. */
  identity: string[];
}

const levels: Partial<Record<CellChange, DiffProblem["level"]>> = { opened: "error", unknown: "warning", weaker: "warning" };

/** The most important first, the warnings last. */
export function diffProblems(diff: Diff): DiffProblem[] {
  const { policy } = diff.after;
  // All warnings of a comparison are of the side after.
  const details = new Map((diff.warningDetails ?? []).map((each) => [each.text, each]));
  const told = (rule: DiffProblem["rule"], message: string): DiffProblem => ({
    rule,
    level: "warning",
    title: "forwardlab",
    message,
    place: placeBeside(policy, { file: policy, ...details.get(message) }),
    identity: [message],
  });
  return [
    ...diffGroups(diff).flatMap((group) => problemOf(diff, group)),
    ...unknownForwards(diff).map(({ name, why }) => told("unknown", `${name}: ${why}`)),
    ...diff.warnings.map((warning) => told("warning", warning)),
  ];
}

function problemOf(diff: Diff, group: DiffGroup): DiffProblem[] {
  const { change, cells } = group;
  const level = levels[change];
  if (!level) return [];
  return [
    {
      rule: change as DiffProblem["rule"],
      level,
      title: groupTitle(group, words),
      message: groupLines(group).join("\n"),
      place: placeOf(diff, group),
      identity: cells.map(({ forward, vantage, family, target, via, as }) => JSON.stringify([forward, vantage, family, target, via, as])),
    },
  ];
}

/** Both sides, one line each. */
export function groupLines(group: DiffGroup): string[] {
  return [
    `${words.before}: ${sideLines(group, "before", words, "en").join("; ")}`,
    `${words.after}: ${sideLines(group, "after", words, "en").join("; ")}`,
  ];
}

/** Forwards of which one side does not know enough. */
export function unknownForwards({ forwards }: Diff): { name: string; why: string }[] {
  return forwards.flatMap(({ name, change }) => {
    if (change !== "not-verified" && change !== "unknown") return [];
    return [{ name: cleanLine(name), why: change === "unknown" ? words.grantUnknown : words.notVerified }];
  });
}

export function placeOf({ after: { policy } }: Diff, { after }: DiffGroup): FilePlace {
  const by = after?.decidedBy ?? after?.unproven;
  return by?.file === undefined ? { file: tidy(policy), line: 1 } : { file: besidePolicy(policy, by.file), line: by.line ?? 1 };
}
