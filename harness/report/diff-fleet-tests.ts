/** A comparison of fleets for readers that know tests and alerts: names begin with the server's. English. */
import type { DiffFleet, DiffFleetServer } from "../core/diff-fleet.ts";
import { renderDiffFleetMarkdown } from "./diff-fleet.ts";
import { fleetHeadline, fleetSides, serverLine } from "./diff-fleet-lines.ts";
import { type DiffProblem, diffProblems } from "./diff-problems.ts";
import { diffSuites, diffTapPoints, exposureRule, gitlabProblems, sarifOpened } from "./diff-tests.ts";
import { diffWords } from "./diff-words.ts";
import { faultText } from "./fleet-errors.ts";
import { annotations, shortSummary } from "./github.ts";
import { type JunitSuite, junitText } from "./junit.ts";
import { tidy } from "./places.ts";
import { sarifText } from "./sarif.ts";
import { type TapPoint, tapText } from "./tap.ts";
import { cleanLine } from "./words.ts";

const words = diffWords.en;

export function renderDiffFleetJunit(fleet: DiffFleet): string {
  return junitText(fleet.servers.flatMap(suitesOf), { file: "" });
}

function suitesOf(server: DiffFleetServer): JunitSuite[] {
  const { name, diff, error } = server;
  const failed = {
    name: "diff",
    className: "forwardlab.run",
    child: { tag: "error", type: error?.code ?? "", message: serverLine(server, "en"), text: error ? faultText(error) : "" },
  } as const;
  const own: JunitSuite[] = diff ? diffSuites(diff) : [{ name: "forwardlab", cases: [failed] }];
  return own.map((suite) => ({
    ...suite,
    name: `${name}: ${suite.name}`,
    cases: suite.cases.map((one) => ({ file: fileOf(server), ...one, name: `${name}: ${one.name}` })),
  }));
}

export function renderDiffFleetTap(fleet: DiffFleet): string {
  const points = fleet.servers.flatMap((server): TapPoint[] => {
    const { name, diff, error } = server;
    const failed = {
      ok: false,
      text: serverLine(server, "en"),
      ...(error ? { diagnostics: { code: error.code, why: faultText(error) } } : {}),
    };
    return (diff ? diffTapPoints(diff) : [failed]).map((point) => ({ ...point, text: `${name}: ${point.text}` }));
  });
  const warnings = fleet.servers.flatMap(({ name, diff }) => (diff?.warnings ?? []).map((warning) => `${name}: ${warning}`));
  const { verdict, summary } = fleetHeadline(fleet, words);
  return tapText(points, warnings, fleet.outcome === "inconclusive" ? `${verdict}: ${summary}` : undefined);
}

/** One run: code scanning takes no two of the same tool and category from one file. */
export function renderDiffFleetSarif(fleet: DiffFleet): string {
  const taken = new Set<string>();
  const problems = fleet.servers.flatMap(problemsOf);
  return sarifText({
    tool: fleet.tool,
    category: "forwardlab/diff-fleet/",
    rules: [exposureRule],
    results: sarifOpened(problems, fleetSides(fleet), taken),
    successful: fleet.outcome !== "inconclusive" && !problems.some(({ rule }) => rule === "unknown"),
    notifications: problems.filter(({ level }) => level === "warning").map(({ title, message }) => `${title}: ${message}`),
  });
}

export function renderDiffFleetGitlab(fleet: DiffFleet): string {
  return gitlabProblems(fleet.servers.flatMap(problemsOf));
}

export function renderDiffFleetGithub(fleet: DiffFleet): string {
  const { verdict, summary } = fleetHeadline(fleet, words);
  return `${[...annotations(fleet.servers.flatMap(problemsOf)), `${verdict}: ${summary}`].join("\n")}\n`;
}

export function githubDiffFleetSummary(fleet: DiffFleet): string {
  return shortSummary(renderDiffFleetMarkdown(fleet));
}

/** Lines for `$GITHUB_OUTPUT`. */
export function githubDiffFleetOutputs({ outcome, counts, servers }: DiffFleet): string {
  const all = [`outcome=${outcome}`, ...Object.entries(counts).map(([change, count]) => `${change}=${count}`), `servers=${servers.length}`];
  return all.map((line) => `${line}\n`).join("");
}

function problemsOf(server: DiffFleetServer): DiffProblem[] {
  const { name, diff, error } = server;
  const failed: DiffProblem = {
    rule: "unknown",
    level: "warning",
    title: "forwardlab",
    message: [serverLine(server, "en"), error ? faultText(error) : ""].filter((part) => part !== "").join("\n"),
    place: { file: fileOf(server), line: 1 },
    identity: [error?.code ?? ""],
  };
  return (diff ? diffProblems(diff) : [failed]).map((problem) => ({
    ...problem,
    title: cleanLine(`${name}: ${problem.title}`),
    identity: [name, ...problem.identity],
  }));
}

function fileOf({ name, diff, error }: DiffFleetServer): string {
  return tidy(diff?.after.policy ?? error?.place?.file ?? name);
}
