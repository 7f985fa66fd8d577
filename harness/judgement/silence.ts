/** Whether the server lets go of a client that has gone silent as soon as the policy wants. Pure. */
import type { Silence } from "../core/forward-outcome.ts";
import type { Reason } from "../core/reason.ts";
import type { ResultForward, Status, Unworded } from "../core/result.ts";
import type { PolicyForward } from "../policy/policy.ts";
import { ruleOf, settingParams } from "./settings.ts";

export interface JudgedSilence {
  status: Status;
  reason: Reason | null;
  gone: Unworded<ResultForward>["gone"];
}

/** Undefined: the policy expects nothing of it. */
export function judgeSilence({ gone_within: stated }: PolicyForward, silence: Silence | undefined): JudgedSilence | undefined {
  if (stated === undefined) return undefined;
  if (!silence) return { status: "inconclusive", reason: null, gone: undefined };
  const { within, bound, watched, by } = silence;
  const seconds = watched ? secondsSeen(watched) : bound;
  const gone = { within, seconds, how: watched ? ("measured" as const) : ("calculated" as const) };
  // What outlives its own bound shows that the bound is not understood, as long as the policy would allow more.
  if (watched && !watched.gone && watched.seconds < within) return { status: "inconclusive", reason: null, gone };
  if (seconds !== null && seconds <= within) return { status: "held", reason: null, gone };
  const { interval, count, factor } = silence;
  // Neither does the command line have a file.
  const byDefault = by.file === undefined && (by.value === "0" || by.value === "3");
  const params = {
    ...settingParams(by),
    byDefault,
    within,
    interval,
    count,
    factor,
    ...(bound === null ? {} : { bound }),
    measured: watched !== undefined,
  };
  return { status: "violated", reason: { layer: "sshd-policy", code: keptForSilentClient, params, ...ruleOf(by) }, gone };
}

function secondsSeen({ seconds, gone }: NonNullable<Silence["watched"]>): number | null {
  return gone ? seconds : null;
}

export const keptForSilentClient = "kept-for-silent-client";
