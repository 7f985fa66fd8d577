/** A failed expectation in four parts: what failed; expected and received; what decided it; where to look next. Then the path of the packet. */
import { distinct } from "../core/distinct.ts";
import { enumerated } from "../core/enumerated.ts";
import type { DecidedBy } from "../core/result.ts";
import type { Verdict } from "../core/verdict.ts";
import type { ObserveOptions } from "../session/observe-from.ts";
import type { Reachable } from "./forward.ts";
import type { JudgedObservation } from "./judged-observation.ts";
import type { TestHost } from "./test-host.ts";

export interface MatcherCall {
  matcher: string;
  host: TestHost;
  target: Reachable;
  not: boolean;
  options: ObserveOptions;
  verdict?: Verdict;
  /** Frames of the test that called. */
  stack: string;
}

export interface Judgement {
  /** Addresses that count. */
  counted: readonly JudgedObservation[];
  holds(seen: JudgedObservation): boolean;
  expected: string;
}

export function failureMessage(call: MatcherCall, { counted, holds, expected }: Judgement): string {
  const { host, target } = call;
  const hint = matcherHint(call);
  if (counted.length === 0) {
    const { address, family, via } = call.options;
    const which = address ?? (family === undefined ? "any address" : `an IPv${family} address`);
    const hop = via === undefined ? "" : ` ${via === null ? "without a next hop" : `via ${via}`}`;
    return `${hint}\n\n${host.name} can name no address of ${target.outcome.listensOn} (asked for: ${which}${hop}), so nothing was probed\n`;
  }
  const failed = counted.filter((seen) => !holds(seen));
  const width = Math.max(...counted.map((seen) => targetOf(seen).length));
  const received = counted.map((seen) => `${holds(seen) ? " " : "✘"} ${targetOf(seen).padEnd(width)}  ${seen.verdict}${noteOf(seen)}`);
  const deciders = distinct(failed.flatMap((seen) => (seen.decidedBy ? deciderLines(seen.decidedBy) : ["not known"])));
  const next = distinct(failed.flatMap((seen) => seen.next ?? []));
  return [
    hint,
    "",
    `${headline(call, failed)}: ${target.text}`,
    "",
    ...labelled("Expected", [`  ${counted.length > 1 ? "each" : counted[0]?.target}  ${expected}`]),
    ...labelled("Received", received),
    ...labelled(
      "Decided by",
      deciders.map((line) => `  ${line}`),
    ),
    ...labelled(
      "Next",
      next.map((line) => `  ${line}`),
    ),
    ...labelled("Listens", [`  ${listens(call)}`]),
    ...failed.flatMap(path),
    "",
  ].join("\n");
}

/** The assertion as it was written, nearly. */
export function matcherHint({ host, not, matcher, verdict }: MatcherCall): string {
  const args = ["forward", verdict && `"${verdict}"`].filter(Boolean).join(", ");
  return `expect(${host.name})${not ? ".not" : ""}.${matcher}(${args})`;
}

function headline({ host, not, verdict, options }: MatcherCall, failed: readonly JudgedObservation[]): string {
  const unix = failed.every(({ family }) => family === null);
  const over = unix ? "" : ` over ${distinct(failed.map(({ family }) => `IPv${family}`)).join(" and ")}`;
  const account = options.as ?? (unix ? "root" : undefined);
  const who = account === undefined ? host.name : `${account} on ${host.name}`;
  if (failed.some((seen) => seen.verdict === "inconclusive")) return `it is not known whether ${who} reaches it${over}`;
  if (not) return `${who} is not shut out${over}`;
  return verdict === undefined ? `${who} does not reach it${over}` : `${who} sees something else${over}`;
}

function targetOf({ target, via }: JudgedObservation): string {
  return via === undefined ? target : `${target} via ${via}`;
}

function noteOf({ evidence, unproven }: JudgedObservation): string {
  const notes = distinct([evidence.note, unproven].filter((text) => text !== undefined));
  return notes.length === 0 ? "" : ` (${notes.join("; ")})`;
}

function deciderLines(by: DecidedBy): string[] {
  const place = [by.file, by.line].filter((part) => part !== undefined).join(":");
  return [[by.layer, place, by.rule].filter(Boolean).join("  "), by.text];
}

function listens({ target }: MatcherCall): string {
  const { granted, listeners, listensOn } = target.outcome;
  if (target.ended) return "nothing any more: ssh has ended";
  if (!granted) return "nothing: the forward was not granted";
  return listeners.length === 0 ? "nothing" : `${enumerated(listeners)} of ${listensOn}`;
}

/** Where the packet and its answer were seen, hop by hop. */
function path({ target, evidence }: JudgedObservation): string[] {
  const steps = evidence.trace ?? [];
  const width = Math.max(0, ...steps.map(({ at }) => at.length));
  return [
    "",
    `Path to ${target}`,
    ...steps.map(({ at, what, verdict }) => `  ${at.padEnd(width)}  ${verdict ? `${verdict}: ` : ""}${what}`),
  ];
}

const labelWidth = 12;

function labelled(label: string, lines: readonly string[]): string[] {
  return lines.map((line, at) => `${(at === 0 ? label : "").padEnd(labelWidth)}${line}`.trimEnd());
}
