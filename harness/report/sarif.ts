/** SARIF 2.1.0 for GitHub code scanning. */
import type { Result, ResultCell } from "../core/result.ts";
import { type FilePlace, fingerprint, placeOfForward } from "./places.ts";
import { type Problem, problems, type RuleId, rules } from "./problems.ts";
import { clean, evidenceLine, whyText } from "./words.ts";

/** GitHub takes no more results of one run. */
const maxResults = 25_000;

const severity: Record<RuleId, string> = {
  exposed: "8.5",
  "forward-granted": "7.0",
  "other-verdict": "5.0",
  "waiver-expired": "4.0",
  "not-reachable": "3.0",
  "forward-refused": "3.0",
  inconclusive: "0.0",
  warning: "0.0",
};

/** Only violations that no waiver covers: GitHub ignores `kind`, `baselineState` and `suppressions`, and would show the rest as alerts. */
export function renderSarif(result: Result): string {
  const taken = new Set<string>();
  const violations = problems(result).filter((problem) => problem.level === "error");
  const ids = Object.keys(rules) as RuleId[];
  const results = violations.slice(0, maxResults).map((problem) => ({
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
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: result.tool.name,
            version: result.tool.version,
            rules: ids.map((id) => ({
              id,
              name: id,
              shortDescription: { text: rules[id] },
              fullDescription: { text: `${rules[id]}.` },
              defaultConfiguration: { level: id === "inconclusive" || id === "warning" ? "warning" : "error" },
              properties: { tags: ["security"], "security-severity": severity[id] },
            })),
          },
        },
        automationDetails: { id: `forwardlab/${placeOfForward(result, "").file}/` },
        invocations: [
          {
            executionSuccessful: result.outcome !== "inconclusive" && result.counts.inconclusive === 0,
            toolExecutionNotifications: problems(result)
              .filter((problem) => problem.level === "warning")
              .map((problem) => ({ level: "warning", message: { text: clean(`${problem.title}: ${problem.message}`) } })),
          },
        ],
        results,
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function location(place: FilePlace, text?: string) {
  return {
    physicalLocation: {
      artifactLocation: { uri: place.file.split("/").map(encodeURIComponent).join("/") },
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
