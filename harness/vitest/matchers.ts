/** `expect(lab.otherLan).toReach(forward)`, and what it says when that is not so. */
import { expect } from "vitest";
import type { Layer } from "../core/reason.ts";
import type { DecidedBy } from "../core/result.ts";
import { type Expectation, type Verdict, verdicts } from "../core/verdict.ts";
import { fulfils } from "../judgement/interpret.ts";
import { notProven } from "../session/could-not-look.ts";
import type { ObserveOptions } from "../session/observe-from.ts";
import { callerStack } from "./at-caller.ts";
import type { Reachable } from "./forward.ts";
import { type JudgedObservation, observeAndJudge } from "./judged-observation.ts";
import { failureMessage, type Judgement, type MatcherCall, matcherHint } from "./message.ts";
import { TestHost } from "./test-host.ts";

/** What must have decided: a layer, or any part of what is known of it. */
export type Decider = Layer | Partial<Pick<DecidedBy, "layer" | "rule" | "file" | "line">>;

export interface SeeOptions extends ObserveOptions {
  /** What must have decided it: `"server-firewall"`, `{ file: "nftables.conf", line: 12 }`. */
  by?: Decider;
}

interface ReachMatchers<R> {
  /**
   * This host reaches the forward: the nonce of the very service it leads to comes back, over each address that the host can name, of
   * each family that it speaks. (The listening host itself: over its loopback addresses, or, where the forward listens on a Unix socket, as
   * the account `as`.) `.not`: over each address it is *proven* that it does not.
   * What could not be proven fails both ways. The assertion is asynchronous: await it.
   */
  toReach(forward: Reachable, options?: ObserveOptions): R;
  /** Over each address that the host can name, exactly this is seen. The assertion is asynchronous: await it. */
  toSee(forward: Reachable, verdict: Verdict, options?: SeeOptions): R;
}

declare module "vitest" {
  interface Matchers<R extends void | Promise<void>, T> extends ReachMatchers<Promise<void>> {}
}

export function addMatchers(): void {
  expect.extend({
    toReach(received: unknown, forward: unknown, options: ObserveOptions = {}) {
      const { isNot } = this as { isNot: boolean };
      const call = matcherCall(received, forward, isNot, "toReach", options);
      const wanted = isNot ? "blocked" : "reachable";
      return check(call, isNot, wanted, (all) => ({
        counted: isNot || options.address !== undefined || options.via !== undefined ? all : asked(all),
        holds: ({ verdict }) => fulfils(wanted, verdict),
        expected: isNot ? "blocked" : "reached",
      }));
    },
    toSee(received: unknown, forward: unknown, verdict: Verdict, options: SeeOptions = {}) {
      const { isNot } = this as { isNot: boolean };
      if (isNot) throw new TypeError("`.not.toSee` would assert too little: use `toSee` with the expected verdict, or `.not.toReach`");
      if (!verdicts.includes(verdict))
        throw new TypeError(`toSee: ${JSON.stringify(verdict)} is no verdict; these are: ${verdicts.join(", ")}`);
      const call = matcherCall(received, forward, isNot, "toSee", options);
      const by = typeof options.by === "string" ? { layer: options.by } : options.by;
      const wanted = verdict === "inconclusive" ? undefined : verdict;
      return check({ ...call, verdict }, isNot, wanted, (all) => ({
        counted: all,
        holds: (seen) => seen.verdict === verdict && decidedAs(seen.decidedBy, by),
        expected: [
          verdict,
          ...(by ? [`by ${[by.layer, by.rule, [by.file, by.line].filter(Boolean).join(":")].filter(Boolean).join(" ")}`] : []),
        ].join(" "),
      }));
    },
  });
}

function matcherCall(received: unknown, forward: unknown, not: boolean, matcher: string, options: ObserveOptions): MatcherCall {
  if (!(received instanceof TestHost)) throw new TypeError(`${matcher}: expect(…) takes a host of the lab, such as lab.otherLan`);
  if (!isReachable(forward))
    throw new TypeError(`${matcher} takes a forward (await lab.home.ssh(…)) or a service (await lab.home.serve(…))`);
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 50;
  const stack = callerStack(matcherCall)
    .split("\n")
    .filter((line) => !line.includes(import.meta.filename) && !/\/node_modules\/(chai|vitest|@vitest)\//.test(line))
    .join("\n");
  Error.stackTraceLimit = limit;
  return { matcher, host: received, target: forward, not, options, stack };
}

function isReachable(value: unknown): value is Reachable {
  return typeof value === "object" && value !== null && "probed" in value && "lab" in value;
}

async function check(
  call: MatcherCall,
  isNot: boolean,
  expected: Expectation | undefined,
  judge: (all: readonly JudgedObservation[]) => Judgement,
) {
  const seen = observeAndJudge(call.target, call.host.name, call.options, expected);
  const judgement = judge(await call.target.pending.track(matcherHint(call), call.stack, seen));
  if (judgement.counted.length > 0 && judgement.counted.every(judgement.holds)) return { pass: !isNot, message: () => "" };
  // Thrown, not returned: `.not` would turn a failure around, and the stack would end inside Vitest.
  const { counted, holds } = judgement;
  const unproven = counted.length === 0 || counted.some((each) => !holds(each) && each.verdict === "inconclusive");
  const error = new (unproven ? NotProven : Error)(failureMessage(call, judgement));
  error.stack = `${error.name}: ${error.message}\n${call.stack}`;
  throw error;
}

/** Nothing is proven either way: the expectation neither holds nor fails. Its name is what reaches whoever runs the tests. */
class NotProven extends Error {
  static {
    // Vitest prints a second time what is enumerable.
    Object.defineProperty(NotProven.prototype, "name", { value: notProven });
  }
}

/** What a host that reaches the forward must reach, as `verify` has it; where that is nothing, all that was asked for. */
function asked(all: readonly JudgedObservation[]): readonly JudgedObservation[] {
  const required = all.filter(({ optional }) => !optional);
  return required.length > 0 ? required : all;
}

function decidedAs(decidedBy: DecidedBy | null, by: Exclude<Decider, string> | undefined): boolean {
  if (!by) return true;
  return (["layer", "rule", "file", "line"] as const).every((key) => by[key] === undefined || by[key] === decidedBy?.[key]);
}
