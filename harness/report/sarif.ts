/** SARIF 2.1.0 for GitHub code scanning. */
import type { Result, ResultCell } from "../core/result.ts";
import { type FilePlace, fingerprint, placeOfForward } from "./places.ts";
import { type Problem, problems, problemsByCause, type RuleId, rules, type ToldProblem } from "./problems.ts";
import { clean, evidenceLine, whyText } from "./words.ts";

/** GitHub takes no more results of one run. */
const maxResults = 25_000;

export interface SarifRule {
  id: string;
  /** Without a full stop. */
  text: string;
  level: "error" | "warning" | "note";
  /** `security-severity`: 0.0 to 10.0. */
  severity: string;
}

export interface SarifRun {
  tool: Result["tool"];
  /** What distinguishes the runs of one commit: a later one takes the place of an earlier one with the same. */
  category: string;
  rules: readonly SarifRule[];
  results: readonly object[];
  successful: boolean;
  notifications: readonly string[];
}

const severity: Record<RuleId, string> = {
  exposed: "8.5",
  "forward-granted": "7.0",
  "other-verdict": "5.0",
  "waiver-expired": "4.0",
  "not-reachable": "3.0",
  "forward-refused": "3.0",
  "forward-kept": "3.0",
  inconclusive: "0.0",
  warning: "0.0",
};

/** Only violations that no waiver covers: GitHub ignores `kind`, `baselineState` and `suppressions`, and would show the rest as alerts. */
export function renderSarif(result: Result): string {
  const taken = new Set<string>();
  return sarifText({
    tool: result.tool,
    category: `forwardlab/${placeOfForward(result, "").file}/`,
    rules: sarifRules,
    results: sarifResults(result, problems(result), taken),
    successful: wasSuccessful(result),
    notifications: notificationsOf(problemsByCause(result)),
  });
}

const ids = Object.keys(rules) as RuleId[];

export const sarifRules: readonly SarifRule[] = ids.map((id) => ({
  id,
  text: rules[id],
  level: id === "inconclusive" || id === "warning" ? "warning" : "error",
  severity: severity[id],
}));

export function wasSuccessful({ outcome, counts }: Result): boolean {
  return outcome !== "inconclusive" && counts.inconclusive === 0;
}

/** What is no violation. */
export function notificationsOf(all: readonly ToldProblem[]): string[] {
  return all.filter(({ level }) => level === "warning").map(({ title, message }) => `${title}: ${message}`);
}

/** @param taken fingerprints of the same report */
export function sarifResults(result: Result, all: readonly Problem[], taken: Set<string>): object[] {
  const violations = all.filter((problem) => problem.level === "error");
  return violations.map((problem) => ({
    ruleId: problem.rule,
    ruleIndex: ids.indexOf(problem.rule),
    level: "error",
    message: { text: clean(`${problem.title}: ${problem.message}`) },
    locations: [location(problem.place)],
    ...(problem.cell
      ? {
          relatedLocations: [{ id: 1, ...location(placeOfForward(result, problem.cell.forward), "the policy states it here") }],
          codeFlows: [flow(result, problem, problem.cell)],
        }
      : {}),
    partialFingerprints: { primaryLocationLineHash: `${fingerprint([problem.rule, ...problem.identity], taken)}:1` },
  }));
}

export function sarifText({ tool, category, rules: all, results, successful, notifications }: SarifRun): string {
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: tool.name,
            version: tool.version,
            rules: all.map(({ id, text, level, severity: security }) => ({
              id,
              name: id,
              shortDescription: { text },
              fullDescription: { text: `${text}.` },
              defaultConfiguration: { level },
              properties: { tags: ["security"], "security-severity": security },
            })),
          },
        },
        automationDetails: { id: category },
        invocations: [
          {
            executionSuccessful: successful,
            toolExecutionNotifications: notifications.map((text) => ({ level: "warning", message: { text: clean(text) } })),
          },
        ],
        results: results.slice(0, maxResults),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

/** @param text what is there */
export function location(place: FilePlace, text?: string) {
  return {
    physicalLocation: {
      artifactLocation: { uri: place.file.toWellFormed().split("/").map(encodeURIComponent).join("/") },
      region: { startLine: place.line },
    },
    ...(text === undefined ? {} : { message: { text } }),
  };
}

/** From the vantage point over the hops of the trace to what decided. */
function flow(result: Result, problem: Problem, cell: ResultCell) {
  const policy = placeOfForward(result, cell.forward);
  const steps = [
    { place: policy, text: `${cell.vantage} dials ${cell.target}` },
    ...(cell.evidence.trace ?? []).map((step) => ({
      place: policy,
      text: `${step.at}: ${step.what}${step.verdict ? ` (${step.verdict})` : ""}`,
    })),
    { place: problem.place, text: whyText(cell) || "what decided is not known" },
    { place: policy, text: `${cell.observed}: ${evidenceLine(cell)}` },
  ];
  return { threadFlows: [{ locations: steps.map((step) => ({ location: location(step.place, clean(step.text)) })) }] };
}
