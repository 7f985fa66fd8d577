/** JUnit XML: one test case per cell, one per expectation of a forward, one per reason that stands outside them. */
import type { Result, ResultCell, ResultForward } from "../core/result.ts";
import { adviceLines, cellName, clean, deciderLine, evidenceLine, expectedWord, forwardLine, grantWord, whyText } from "./words.ts";

interface Case {
  name: string;
  className: string;
  seconds?: number;
  child?: { tag: "failure" | "error" | "skipped"; type?: string; message: string; text?: string };
  output: string;
}

/** Names are unique in the whole file; GitLab drops later duplicates. */
export function renderJunit(result: Result): string {
  const suites = result.forwards.map((forward) => ({
    name: forward.name,
    cases: [
      ...(forward.expected === null ? [] : [forwardCase(forward)]),
      ...result.cells.filter((cell) => cell.forward === forward.name).map(cellCase),
    ],
  }));
  if (result.reasons.length > 0) suites.push({ name: "forwardlab", cases: result.reasons.map(reasonCase) });
  const unique = uniqueNames();
  const all = suites.flatMap((suite) => suite.cases);
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="forwardlab"${counts(all)} time="${((result.provenance.durationMs ?? 0) / 1000).toFixed(3)}">`,
  ];
  for (const suite of suites) {
    lines.push(`  <testsuite name="${escapeXml(suite.name)}"${counts(suite.cases)}>`);
    for (const one of suite.cases) lines.push(...render(one, unique(one.name), result));
    lines.push("  </testsuite>");
  }
  return `${[...lines, "</testsuites>"].join("\n")}\n`;
}

function counts(cases: readonly Case[]): string {
  const of = (tag: string) => cases.filter((one) => one.child?.tag === tag).length;
  return ` tests="${cases.length}" failures="${of("failure")}" errors="${of("error")}" skipped="${of("skipped")}"`;
}

function render(one: Case, name: string, result: Result): string[] {
  const time = one.seconds === undefined ? "" : ` time="${one.seconds.toFixed(3)}"`;
  const lines = [
    `    <testcase name="${escapeXml(name)}" classname="${escapeXml(one.className)}" file="${escapeXml(result.policy.file)}"${time}>`,
  ];
  if (one.child) {
    const { tag, type, message, text } = one.child;
    const attributes = `${type ? ` type="${escapeXml(type)}"` : ""} message="${escapeXml(message)}"`;
    lines.push(text === undefined ? `      <${tag}${attributes}/>` : `      <${tag}${attributes}>${escapeXml(text, true)}</${tag}>`);
  }
  lines.push(`      <system-out>${escapeXml(one.output, true)}</system-out>`, "    </testcase>");
  return lines;
}

function cellCase(cell: ResultCell): Case {
  const told = [
    `Expected    ${expectedWord(cell.expected)}`,
    `Observed    ${cell.observed}`,
    `Decided by  ${deciderLine(cell.decidedBy)}`,
    ...(whyText(cell) ? [`            ${whyText(cell)}`] : []),
    ...adviceLines(cell),
  ].join("\n");
  const message = `expected ${expectedWord(cell.expected)}, observed ${cell.observed}${cell.decidedBy ? `: ${cell.decidedBy.text}` : ""}`;
  return {
    name: `${cell.forward}: ${cellName(cell)}`,
    className: `forwardlab.${cell.forward}`,
    seconds: cell.evidence.ms === undefined ? undefined : cell.evidence.ms / 1000,
    child:
      cell.status === "violated"
        ? { tag: "failure", type: "violation", message, text: told }
        : cell.status === "inconclusive"
          ? { tag: "error", type: "inconclusive", message: `${message}${cell.evidence.note ? ` (${cell.evidence.note})` : ""}`, text: told }
          : cell.status === "waived"
            ? { tag: "skipped", message: `waived by ${cell.waiver}: ${message}` }
            : undefined,
    output: [told, `Evidence    ${evidenceLine(cell)}`, JSON.stringify(cell.evidence, null, 2)].join("\n"),
  };
}

function forwardCase(forward: ResultForward): Case {
  const message = `expected the forward to be ${forward.expected}, observed ${grantWord(forward.granted)}${forward.decidedBy ? `: ${forward.decidedBy.text}` : ""}`;
  const text = [message, `ssh ${forward.ssh}`, ...adviceLines(forward)].join("\n");
  return {
    name: `${forward.name}: the forward is ${forward.expected}`,
    className: `forwardlab.${forward.name}`,
    child:
      forward.status === "violated"
        ? { tag: "failure", type: "violation", message, text }
        : forward.status === "inconclusive"
          ? { tag: "error", type: "inconclusive", message, text }
          : undefined,
    output: [`ssh ${forward.ssh}`, forwardLine(forward), "--- ssh", forward.clientLog, "--- sshd", forward.serverLog].join("\n"),
  };
}

/** An expired waiver, a failed self-check: nothing that a cell tells, yet it must turn the run red. */
function reasonCase({ status, text }: Result["reasons"][number], index: number): Case {
  return {
    name: `run: ${index + 1}`,
    className: "forwardlab.run",
    child:
      status === "violated"
        ? { tag: "failure", type: "violation", message: text, text }
        : { tag: "error", type: "inconclusive", message: text, text },
    output: text,
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
