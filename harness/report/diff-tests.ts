/**
 * A comparison of results for readers that know tests and alerts: exposure that was added fails, what could not be compared is an error, and every other
 * change passes.
 */
import type { Diff } from "../core/diff.ts";
import { type DiffGroup, diffGroups } from "./diff-groups.ts";
import { groupTitle, headline, restLine, sidesText } from "./diff-lines.ts";
import { type DiffProblem, diffProblems, groupLines, placeOf, unknownForwards } from "./diff-problems.ts";
import { diffWords } from "./diff-words.ts";
import { type JunitCase, type JunitSuite, junitText } from "./junit.ts";
import { fingerprint, tidy } from "./places.ts";
import { location, sarifText } from "./sarif.ts";
import { type TapPoint, tapText } from "./tap.ts";
import { clean, cleanLine } from "./words.ts";

const words = diffWords.en;

interface ChangeTest {
  name: string;
  status: "failed" | "unknown" | "passed";
  file: string;
  lines: string[];
  suite: string;
}

/** Each change once, over vantage points and families; what stayed as it was is one more. */
function testsOf(diff: Diff): ChangeTest[] {
  const file = tidy(diff.after.policy);
  const rest = restLine(diff, words);
  return [
    ...diffGroups(diff).map((group) => ({
      name: groupTitle(group, words),
      status: statusOf(group),
      file: placeOf(diff, group).file,
      lines: [...groupLines(group), ...targetLines(group)],
      suite: `diff: ${group.change}`,
    })),
    ...unknownForwards(diff).map(({ name, why }) => ({
      name: `${name}: ${why}`,
      status: "unknown" as const,
      file,
      lines: [],
      suite: "diff: forwards",
    })),
    ...(rest === "" ? [] : [{ name: rest, status: "passed" as const, file, lines: [], suite: "diff: same" }]),
  ];
}

function statusOf({ change }: DiffGroup): ChangeTest["status"] {
  if (change === "opened") return "failed";
  return change === "unknown" ? "unknown" : "passed";
}

function targetLines({ visitors }: DiffGroup): string[] {
  return visitors.map(({ who, targets }) => cleanLine(`${words.at}: ${who} → ${targets.join(", ")}`));
}

export function renderDiffJunit(diff: Diff): string {
  return junitText(diffSuites(diff), { file: tidy(diff.after.policy) });
}

export function diffSuites(diff: Diff): JunitSuite[] {
  const suites: JunitSuite[] = [...Map.groupBy(testsOf(diff), ({ suite }) => suite)].map(([name, tests]) => ({
    name,
    cases: tests.map(junitCase),
  }));
  if (diff.warnings.length > 0) suites.push({ name: "forwardlab", cases: [], warnings: diff.warnings });
  return suites;
}

function junitCase({ name, status, file, lines, suite }: ChangeTest): JunitCase {
  const text = [name, ...lines].join("\n");
  return {
    name,
    className: `forwardlab.${suite.replace(": ", ".")}`,
    file,
    ...(status === "failed" ? { child: { tag: "failure", type: "exposure-added", message: name, text } } : {}),
    ...(status === "unknown" ? { child: { tag: "error", type: "inconclusive", message: name, text } } : {}),
  };
}

export function diffTapPoints(diff: Diff): TapPoint[] {
  return testsOf(diff).map(({ name, status, lines }): TapPoint => {
    const ok = status === "passed";
    return { ok, text: name, ...(ok || lines.length === 0 ? {} : { diagnostics: { changes: lines } }) };
  });
}

export function renderDiffTap(diff: Diff): string {
  const { verdict, summary } = headline(diff, words);
  return tapText(diffTapPoints(diff), diff.warnings, diff.outcome === "inconclusive" ? `${verdict}: ${summary}` : undefined);
}

export const exposureRule = {
  id: "exposure-added",
  text: "A forwarded port is reachable from where it was not before",
  level: "error" as const,
  severity: "8.5",
};

/** Results are what opened; all else that matters stands in the notifications. */
export function renderDiffSarif(diff: Diff): string {
  const problems = diffProblems(diff);
  return sarifText({
    tool: diff.tool,
    category: `forwardlab/diff/${tidy(diff.after.policy)}/`,
    rules: [exposureRule],
    results: sarifOpened(problems, sidesText(diff), new Set()),
    successful: diff.outcome !== "inconclusive" && !problems.some((problem) => problem.rule === "unknown"),
    notifications: problems.filter(({ level }) => level === "warning").map(({ title, message }) => `${title}: ${message}`),
  });
}

export function sarifOpened(problems: readonly DiffProblem[], sides: string, taken: Set<string>) {
  return problems
    .filter(({ level }) => level === "error")
    .map((problem) => ({
      ruleId: exposureRule.id,
      ruleIndex: 0,
      level: exposureRule.level,
      message: { text: clean(`${problem.title}. ${problem.message} (${sides})`) },
      locations: [location(problem.place)],
      partialFingerprints: { primaryLocationLineHash: `${fingerprint([exposureRule.id, ...problem.identity], taken)}:1` },
    }));
}

const severities: Record<DiffProblem["rule"], string> = { opened: "critical", unknown: "minor", weaker: "minor", warning: "info" };

export function renderDiffGitlab(diff: Diff): string {
  return gitlabProblems(diffProblems(diff));
}

export function gitlabProblems(problems: readonly DiffProblem[]): string {
  const taken = new Set<string>();
  const entries = problems.map((problem) => ({
    description: clean(`${problem.title}: ${problem.message}`),
    check_name: `forwardlab/diff-${problem.rule}`,
    fingerprint: fingerprint(["diff", problem.rule, ...problem.identity], taken),
    severity: severities[problem.rule],
    location: { path: problem.place.file, lines: { begin: problem.place.line } },
  }));
  return `${JSON.stringify(entries, null, 2)}\n`;
}
