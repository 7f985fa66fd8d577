/** JUnit XML: one test case per expectation of a cell or a forward, one per reason that stands outside them. */

import type { Result, ResultCell, ResultForward } from "../core/result.ts";
import { typedCommand } from "../core/typed-command.ts";
import {
  adviceLines,
  cellName,
  clean,
  evidenceLine,
  expectedOfForward,
  expectedWord,
  forwardLine,
  isExpected,
  observedOfForward,
  shortDecider,
  whyText,
} from "./words.ts";

export interface JunitCase {
  name: string;
  className: string;
  /** Left out: the file that was tested. */
  file?: string;
  seconds?: number;
  child?: { tag: "failure" | "error" | "skipped"; type?: string; message: string; text?: string };
  /** Left out for what passed: nobody reads it, and logs are long. */
  output?: string;
}

export interface JunitSuite {
  name: string;
  cases: JunitCase[];
  warnings?: readonly string[];
}

/**
 * Tests are expectations, as many as the other reports count; what nothing is expected of is no test. Names are unique in the whole file; GitLab drops
 * later duplicates.
 */
export function renderJunit(result: Result): string {
  return junitText(junitSuites(result), { file: result.policy.file, durationMs: result.provenance.durationMs });
}

export function junitSuites(result: Result): JunitSuite[] {
  const suites: JunitSuite[] = result.forwards.map((forward) => ({
    name: forward.name,
    cases: [
      ...(forward.expected === null ? [] : [forwardCase(forward)]),
      ...result.cells.filter((cell) => cell.forward === forward.name && isExpected(cell)).map(cellCase),
    ],
  }));
  const own = ownCases(result);
  if (own.length > 0 || result.warnings.length > 0) suites.push({ name: "forwardlab", cases: own, warnings: result.warnings });
  return suites;
}

/** Names that occur twice are numbered. */
export function junitText(
  suites: readonly JunitSuite[],
  { file, durationMs = 0 }: { file: string; durationMs?: number | undefined },
): string {
  const unique = uniqueNames();
  const all = suites.flatMap((suite) => suite.cases);
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="forwardlab"${counts(all)} time="${(durationMs / 1000).toFixed(3)}">`,
  ];
  for (const suite of suites) {
    lines.push(`  <testsuite name="${escapeXml(suite.name)}"${counts(suite.cases)}>`, ...properties(suite.warnings ?? []));
    for (const one of suite.cases) lines.push(...render(one, unique(one.name), one.file ?? file));
    if (suite.warnings?.length) {
      const text = suite.warnings.map((warning) => `warning: ${warning}`).join("\n");
      lines.push(`    <system-out>${escapeXml(text, true)}</system-out>`);
    }
    lines.push("  </testsuite>");
  }
  return `${[...lines, "</testsuites>"].join("\n")}\n`;
}

/** Reasons that no expectation tells: an expired waiver, a run that verified nothing. */
function ownCases(result: Result): JunitCase[] {
  const told = result.counts.inconclusive > 0;
  return result.reasons.filter(({ status }) => status === "violated" || !told).map(reasonCase);
}

function properties(warnings: readonly string[]): string[] {
  if (warnings.length === 0) return [];
  const each = warnings.map((warning) => `      <property name="warning" value="${escapeXml(warning)}"/>`);
  return ["    <properties>", ...each, "    </properties>"];
}

function counts(cases: readonly JunitCase[]): string {
  const of = (tag: string) => cases.filter((one) => one.child?.tag === tag).length;
  return ` tests="${cases.length}" failures="${of("failure")}" errors="${of("error")}" skipped="${of("skipped")}"`;
}

function render(one: JunitCase, name: string, file: string): string[] {
  const time = one.seconds === undefined ? "" : ` time="${one.seconds.toFixed(3)}"`;
  const lines = [`    <testcase name="${escapeXml(name)}" classname="${escapeXml(one.className)}" file="${escapeXml(file)}"${time}>`];
  if (one.child) {
    const { tag, type, message, text } = one.child;
    const attributes = `${type ? ` type="${escapeXml(type)}"` : ""} message="${escapeXml(message)}"`;
    lines.push(text === undefined ? `      <${tag}${attributes}/>` : `      <${tag}${attributes}>${escapeXml(text, true)}</${tag}>`);
  }
  if (one.output !== undefined) lines.push(`      <system-out>${escapeXml(one.output, true)}</system-out>`);
  lines.push("    </testcase>");
  return lines;
}

function cellCase(cell: ResultCell): JunitCase {
  const told = [
    `Expected    ${expectedWord(cell.expected)}`,
    `Observed    ${cell.observed}`,
    `Decided by  ${shortDecider(cell.decidedBy)}`,
    ...(whyText(cell) ? [`            ${whyText(cell)}`] : []),
    ...adviceLines(cell),
  ].join("\n");
  const evidence = `Evidence    ${evidenceLine(cell)}\n${JSON.stringify(cell.evidence, null, 2)}`;
  const message = `expected ${expectedWord(cell.expected)}, observed ${cell.observed}${whyText(cell) ? `: ${whyText(cell)}` : ""}`;
  return {
    name: `${cell.forward}: ${cellName(cell)}`,
    className: `forwardlab.${cell.forward}`,
    seconds: cell.evidence.ms === undefined ? undefined : cell.evidence.ms / 1000,
    child:
      cell.status === "waived" ? { tag: "skipped", message: `waived by ${cell.waiver}: ${message}` } : childOf(cell.status, message, told),
    ...(cell.status === "held" ? {} : { output: [...(cell.status === "waived" ? [told] : []), evidence].join("\n") }),
  };
}

function childOf(status: ResultCell["status"], message: string, text: string): JunitCase["child"] {
  if (status === "violated") return { tag: "failure", type: "violation", message, text };
  return status === "inconclusive" ? { tag: "error", type: "inconclusive", message, text } : undefined;
}

function forwardCase(forward: ResultForward): JunitCase {
  const message = `expected the forward to be ${expectedOfForward(forward)}, observed ${observedOfForward(forward)}${forward.decidedBy ? `: ${forward.decidedBy.text}` : ""}`;
  const text = [message, typedCommand(forward.ssh), ...adviceLines(forward)].join("\n");
  return {
    name: `${forward.name}: the forward is ${expectedOfForward(forward)}`,
    className: `forwardlab.${forward.name}`,
    child: childOf(forward.status, message, text),
    ...(forward.status === "held"
      ? {}
      : {
          output: [typedCommand(forward.ssh), forwardLine(forward), "--- ssh", forward.clientLog, "--- sshd", forward.serverLog].join("\n"),
        }),
  };
}

/** An expired waiver, a failed self-check: nothing that a cell tells, yet it must turn the run red. */
function reasonCase({ status, text }: Result["reasons"][number], index: number): JunitCase {
  return {
    name: `run: ${index + 1}`,
    className: "forwardlab.run",
    child:
      status === "violated"
        ? { tag: "failure", type: "violation", message: text, text }
        : { tag: "error", type: "inconclusive", message: text, text },
  };
}

function uniqueNames(): (name: string) => string {
  const seen = new Map<string, number>();
  return (name) => {
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name} (${times})`;
  };
}

/** Text that XML 1.0 allows: what it forbids (ssh logs carry control bytes) becomes U+FFFD. In attributes line ends are kept as references. */
export function escapeXml(text: string, element = false): string {
  const escaped = clean(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return element ? escaped : escaped.replaceAll('"', "&quot;").replaceAll("\t", "&#9;").replaceAll("\n", "&#10;");
}
