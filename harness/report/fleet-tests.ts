/** A fleet in the formats in which CI systems read tests and problems: names begin with the server's. */
import type { Fleet, FleetServer } from "../core/fleet.ts";
import { faultText } from "./fleet-errors.ts";
import { renderFleetMarkdown } from "./fleet-markdown.ts";
import { fleetSentence, outcomeOf, serverSentence } from "./fleet-words.ts";
import { annotations, data, failedLogs, shortSummary, silenced } from "./github.ts";
import { gitlabText } from "./gitlab.ts";
import { type JunitSuite, junitSuites, junitText } from "./junit.ts";
import { placeBeside, tidy } from "./places.ts";
import { type Problem, problems, problemsByCause, type ToldProblem } from "./problems.ts";
import { notificationsOf, sarifResults, sarifRules, sarifText, wasSuccessful } from "./sarif.ts";
import { type TapPoint, tapPoints, tapText } from "./tap.ts";
import { countsLine, outcomeWords } from "./words.ts";

export function renderFleetJunit(fleet: Fleet): string {
  return junitText(fleet.servers.flatMap(suitesOf), { file: "", durationMs: fleet.durationMs });
}

function suitesOf(server: FleetServer): JunitSuite[] {
  const { name, policy, result, error } = server;
  const own = result ? junitSuites(result) : [];
  const failed: JunitSuite = {
    name: "forwardlab",
    cases: [
      {
        name: "verify",
        className: "forwardlab.run",
        child: { tag: "error", type: error?.code ?? "", message: serverSentence(server), text: error ? faultText(error) : "" },
        ...(error?.log === undefined ? {} : { output: error.log }),
      },
    ],
  };
  return (result ? own : [failed]).map((suite) => ({
    ...suite,
    name: `${name}: ${suite.name}`,
    cases: suite.cases.map((one) => ({ file: policy, ...one, name: `${name}: ${one.name}` })),
  }));
}

export function renderFleetTap(fleet: Fleet): string {
  const points = fleet.servers.flatMap((server): TapPoint[] => {
    const { name, result, error } = server;
    const failed = {
      ok: false,
      text: serverSentence(server),
      ...(error ? { diagnostics: { code: error.code, why: faultText(error) } } : {}),
    };
    return (result ? tapPoints(result) : [failed]).map((point) => ({ ...point, text: `${name}: ${point.text}` }));
  });
  const warnings = fleet.servers.flatMap(({ name, result }) => (result?.warnings ?? []).map((warning) => `${name}: ${warning}`));
  return tapText(points, warnings, fleet.outcome === "inconclusive" ? fleetSentence(fleet) : undefined);
}

/** One run: code scanning takes no two of the same tool and category from one file, and at most twenty. */
export function renderFleetSarif(fleet: Fleet): string {
  const taken = new Set<string>();
  return sarifText({
    tool: fleet.tool,
    category: "forwardlab/fleet/",
    rules: sarifRules,
    results: fleet.servers.flatMap((server) => (server.result ? sarifResults(server.result, serverProblems(server), taken) : [])),
    successful: fleet.servers.every(({ result }) => result && wasSuccessful(result)),
    notifications: notificationsOf(fleet.servers.flatMap(serverProblemsByCause)),
  });
}

export function renderFleetGitlab(fleet: Fleet): string {
  return gitlabText(fleet.servers.flatMap(serverProblems));
}

export function renderFleetGithub(fleet: Fleet): string {
  const lines = [
    ...annotations(fleet.servers.flatMap(serverProblemsByCause)),
    `${outcomeWords[fleet.outcome]}: ${data(fleetSentence(fleet))} (${countsLine(fleet)})`,
  ];
  const logs = fleet.servers.flatMap(({ name, result, error }) => {
    const own = result ? failedLogs(result) : (error?.log ?? "").split("\n").filter((line) => line !== "");
    return own.length === 0 ? [] : [`=== ${name}`, ...own];
  });
  return `${[...lines, ...silenced(logs)].join("\n")}\n`;
}

export function githubFleetSummary(fleet: Fleet): string {
  return shortSummary(renderFleetMarkdown(fleet));
}

/** Lines for `$GITHUB_OUTPUT`. */
export function githubFleetOutputs(fleet: Fleet): string {
  const failed = fleet.servers.filter((server) => outcomeOf(server) !== "pass").length;
  return [
    `outcome=${fleet.outcome}`,
    ...Object.entries(fleet.counts).map(([status, number]) => `${status}=${number}`),
    `servers=${fleet.servers.length}`,
    `failed=${failed}`,
  ]
    .map((line) => `${line}\n`)
    .join("");
}

/** Problems of one server, told apart from those of others. */
function serverProblems(server: FleetServer): Problem[] {
  const own = server.result ? problems(server.result) : [noResult(server)];
  return own.map((problem) => ({ ...ofServer(server, problem), identity: [server.name, ...problem.identity] }));
}

function serverProblemsByCause(server: FleetServer): ToldProblem[] {
  const own = server.result ? problemsByCause(server.result) : [noResult(server)];
  return own.map((problem) => ofServer(server, problem));
}

function ofServer<One extends ToldProblem>({ name }: FleetServer, problem: One): One {
  return { ...problem, title: `${name}: ${problem.title}` };
}

function noResult(server: FleetServer): Problem {
  const { policy, error } = server;
  return {
    rule: "inconclusive",
    level: "warning",
    title: "forwardlab",
    message: [serverSentence(server), error ? faultText(error) : ""].filter((part) => part !== "").join("\n"),
    place: error?.place ? placeBeside(policy, error.place) : { file: tidy(policy), line: 1 },
    identity: [error?.code ?? ""],
  };
}
