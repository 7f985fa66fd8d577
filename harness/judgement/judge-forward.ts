/** One forward: was it granted, and should it have been? */
import type { Place } from "../core/errors.ts";
import { type ForwardOutcome, listensOnServer, serverOf, whereOf } from "../core/forward-outcome.ts";
import type { LabSpec } from "../core/lab-spec.ts";
import type { Cause, Reason } from "../core/reason.ts";
import type { ResultCell, ResultForward, Status, Unworded } from "../core/result.ts";
import { wantsReach } from "../core/verdict.ts";
import { accountOf, defaultFrom, type Policy, reachEntries, requestText } from "../policy/policy.ts";
import { policyFor } from "../policy/servers.ts";
import { grantedBecause } from "./grant-reasons.ts";
import { nextForForward } from "./next.ts";
import { statedRefusal, unknownBindName } from "./refusal-reasons.ts";
import { placeOf } from "./settings.ts";
import { type JudgedSilence, judgeSilence } from "./silence.ts";

type StatedForward = Policy["forwards"][string];

export interface ForwardContext {
  policy: Policy;
  spec: LabSpec;
  outcomes: readonly ForwardOutcome[];
  policyFile: string;
  broken: Cause | undefined;
  /** What was seen of all forwards. */
  cells: readonly Unworded<ResultCell>[];
  /** Of the policy file. */
  line: number | undefined;
}

export function judgeForward(
  name: string,
  stated: StatedForward,
  outcome: ForwardOutcome | undefined,
  { policy, spec, outcomes, policyFile, broken, cells, line }: ForwardContext,
): Unworded<ResultForward> {
  const expected = expectedOfForward(stated);
  const { granted, decidedBy } = answerOf(stated, outcome, broken ? undefined : { cells, spec });
  const silence = granted ? judgeSilence(stated, outcome?.silence) : undefined;
  const answered = stated.login === "refused" && granted !== null ? loginStatus(outcome) : statusOf(expected, granted);
  const status = silence && answered === "held" ? silence.status : answered;
  const hints = { spec, outcomes, filtered: policyFor(policy, serverOf(stated)).server.firewall !== undefined };
  const next = outcome && !broken ? nextForForward(answered, expected, outcome, hints) : undefined;
  return {
    name,
    from: outcome?.from ?? stated.from ?? defaultFrom,
    ...whereOf(serverOf(stated), outcome?.jump),
    account: outcome?.account ?? accountOf(policy, stated) ?? "",
    ssh: requestText(stated),
    kind: outcome?.kind ?? null,
    requested: outcome?.requested ?? null,
    granted,
    expected,
    ...(stated.login === "refused" ? { login: stated.login } : {}),
    ok: status === "held" || status === "optional",
    status,
    decidedBy,
    ...(silence ? toldOf(silence) : {}),
    ...(next ? { next } : {}),
    ...settingsOf(outcome),
    ...listeningOf(outcome),
    place: placeInPolicy(policyFile, line),
    clientLog: outcome?.clientLog ?? "",
    serverLog: outcome?.serverLog ?? "",
  };
}

function toldOf({ reason, gone }: JudgedSilence): Partial<Pick<Unworded<ResultForward>, "decidedBy" | "gone">> {
  return { ...(reason ? { decidedBy: reason } : {}), ...(gone ? { gone } : {}) };
}

function listeningOf(outcome: ForwardOutcome | undefined): Pick<ResultForward, "keyOptions" | "listensOn" | "listeners"> {
  return {
    keyOptions: outcome?.keyOptions ?? "",
    listensOn: outcome?.listensOn ?? null,
    listeners: [...(outcome?.listeners ?? [])],
  };
}

function settingsOf(outcome: ForwardOutcome | undefined): Pick<ResultForward, "effective" | "settings"> {
  const effective = outcome?.effective ?? [];
  return {
    effective: Object.fromEntries(effective.map(({ keyword, value }) => [keyword.toLowerCase(), value])),
    settings: effective.map(({ keyword, value, ...at }) => ({ keyword, value, ...placeOf(at) })),
  };
}

function expectedOfForward(stated: StatedForward): ResultForward["expected"] {
  if (stated.login === "refused") return "refused";
  if (stated.gone_within !== undefined) return "granted";
  if (stated.refused_by_server !== undefined) return stated.refused_by_server ? "refused" : "granted";
  return reachEntries(stated).some((entry) => wantsReach(entry.is)) ? "granted" : null;
}

function statusOf(expected: ResultForward["expected"], granted: boolean | null): Status {
  if (expected === null) return "optional";
  if (granted === null) return "inconclusive";
  return granted === (expected === "granted") ? "held" : "violated";
}

/** A forward that is refused after the login does not do where the login itself must be. */
function loginStatus(outcome: ForwardOutcome | undefined): Status {
  return outcome?.loginFailure ? "held" : "violated";
}

interface Answer {
  granted: boolean | null;
  decidedBy: Reason | null;
}

/**
 * What the server said to the forward; where the policy asks for that, also to what is connected through it.
 * @param seen undefined: the lab failed its self-check
 */
function answerOf(
  stated: StatedForward,
  outcome: ForwardOutcome | undefined,
  seen: Pick<ForwardContext, "cells" | "spec"> | undefined,
): Answer {
  if (!outcome) return { granted: null, decidedBy: null };
  const decidedBy = statedRefusal(outcome);
  if (!seen || unknownBindName(outcome, seen.spec) !== undefined) return { granted: null, decidedBy };
  const denial = stated.refused_by_server === undefined ? undefined : denialOf(outcome, seen.cells);
  const answer = denial ?? { granted: grantedFor(outcome), decidedBy };
  return answer.granted && stated.refused_by_server ? { ...answer, decidedBy: grantedBecause(outcome) } : answer;
}

const denying: readonly string[] = ["sshd-policy", "key-options"];

/**
 * ssh opens the listener of -L and -D without asking the server, which refuses only what somebody then connects: what the listening host itself saw
 * tells. Undefined: nobody got that far.
 */
function denialOf({ name, kind, granted, listensOn }: ForwardOutcome, cells: readonly Unworded<ResultCell>[]): Answer | undefined {
  if (!granted || listensOnServer(kind)) return undefined;
  const own = cells.filter((cell) => cell.forward === name && cell.vantage === listensOn);
  const denied = own.filter(({ observed, decidedBy }) => observed === "closed" && decidedBy && denying.includes(decidedBy.layer));
  const passed = own.some((cell) => ["reached", "wrong-service", "closed"].includes(cell.observed) && !denied.includes(cell));
  if (passed) return { granted: true, decidedBy: null };
  const [first] = denied;
  if (first) return { granted: false, decidedBy: first.decidedBy };
  return own.some(({ observed }) => observed === "inconclusive") ? { granted: null, decidedBy: null } : undefined;
}

/** Whether the server granted the forward; null when ssh failed before the server could decide. */
function grantedFor(outcome: ForwardOutcome): boolean | null {
  const layer = outcome.refusedBy?.layer;
  const byPolicy = layer === "sshd-policy" || layer === "key-options" || layer === "server-firewall";
  if (byPolicy) return false;
  if (outcome.granted) return true;
  return outcome.serverAnswer === "refused" || outcome.refusedBy?.layer === "bind-address" ? false : null;
}

/** As from the policy's folder. */
export function placeInPolicy(policyFile: string, line: number | undefined): Place {
  return { file: policyFile.replace(/^.*[/\\]/, ""), ...(line === undefined ? {} : { line }) };
}
