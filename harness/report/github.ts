/** GitHub Actions: annotations for the log, a summary and outputs for the files that GitHub names in the environment. */
import { createHash } from "node:crypto";
import type { Result } from "../core/result.ts";
import { renderMarkdown } from "./markdown.ts";
import { problemsByCause, type ToldProblem } from "./problems.ts";
import { clean, countsLine, outcomeSentence, outcomeWords } from "./words.ts";

/** GitHub shows at most so many annotations of one level of one step. */
const maxAnnotations = 10;
/** GitHub drops a summary over 1 MiB. */
const maxSummary = 900 * 1024;

/** Annotations, errors first; the last slot says how many more there are. Logs of ssh and sshd stand where they cannot give commands. */
export function renderGithub(result: Result): string {
  const lines = annotations(problemsByCause(result));
  lines.push(`${outcomeWords[result.outcome]}: ${data(outcomeSentence(result))} (${countsLine(result)})`);
  return `${[...lines, ...silenced(failedLogs(result))].join("\n")}\n`;
}

/** Of ssh and sshd, for each forward that is not as it should be. */
export function failedLogs(result: Result): string[] {
  return result.forwards
    .filter((forward) => forward.status === "violated" || forward.status === "inconclusive")
    .flatMap((forward) => [`--- ssh: ${forward.name}`, forward.clientLog, `--- sshd: ${forward.name}`, forward.serverLog]);
}

/** Lines in which nothing is a command. Nobody can write a text that contains its own hash: what a server prints cannot end the block. */
export function silenced(lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const text = clean(lines.join("\n"));
  const token = createHash("sha256").update(text).digest("hex");
  return [`::stop-commands::${token}`, ...text.split("\n"), `::${token}::`];
}

export type Annotation = Omit<ToldProblem, "level"> & { level: "error" | "warning" | "notice" };

/** At most as many of each level as GitHub shows. */
export function annotations(all: readonly Annotation[]): string[] {
  return (["error", "warning", "notice"] as const).flatMap((level) => {
    const ofLevel = all.filter((problem) => problem.level === level);
    const shown = ofLevel.length > maxAnnotations ? ofLevel.slice(0, maxAnnotations - 1) : ofLevel;
    const lines = shown.map(
      ({ place, title, message }) =>
        `::${level} file=${property(place.file)},line=${place.line},title=${property(title)}::${data(message)}`,
    );
    const left = ofLevel.length - shown.length;
    return left === 0 ? lines : [...lines, `::${level} title=forwardlab::${data(`${left} more; see the job summary`)}`];
  });
}

/** Markdown for `$GITHUB_STEP_SUMMARY`, cut at a line end below GitHub's limit. */
export function githubSummary(result: Result): string {
  return shortSummary(renderMarkdown(result));
}

export function shortSummary(text: string): string {
  if (Buffer.byteLength(text) <= maxSummary) return text;
  const note = "\n\n… cut: see the other reports for the rest.\n";
  const cut = Buffer.from(text)
    .subarray(0, maxSummary - Buffer.byteLength(note))
    .toString("utf8");
  return `${cut.slice(0, cut.lastIndexOf("\n"))}${note}`;
}

/** Lines for `$GITHUB_OUTPUT`. */
export function githubOutputs(result: Result): string {
  return [`outcome=${result.outcome}`, ...Object.entries(result.counts).map(([status, count]) => `${status}=${count}`)]
    .map((line) => `${line}\n`)
    .join("");
}

export function data(text: string): string {
  return clean(text).replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
