/** GitLab code quality: a JSON array. */
import type { Result } from "../core/result.ts";
import { fingerprint } from "./places.ts";
import { type Problem, problems, type RuleId } from "./problems.ts";
import { clean } from "./words.ts";

export function renderGitlab(result: Result): string {
  return gitlabText(problems(result));
}

export function gitlabText(all: readonly Problem[]): string {
  const taken = new Set<string>();
  const entries = all.map(({ rule, level, title, message, place, identity }) => ({
    description: clean(`${title}: ${message}`),
    check_name: `forwardlab/${rule}`,
    fingerprint: fingerprint([rule, ...identity], taken),
    severity: severityOf(rule, level),
    location: { path: place.file, lines: { begin: place.line } },
  }));
  return `${JSON.stringify(entries, null, 2)}\n`;
}

function severityOf(rule: RuleId, level: Problem["level"]): string {
  if (rule === "warning") return "info";
  if (level === "warning") return "minor";
  return rule === "exposed" ? "critical" : "major";
}
