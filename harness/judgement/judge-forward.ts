/** One forward: was it granted, and should it have been? */
import { type ForwardOutcome, serverOf, whereOf } from "../core/forward-outcome.ts";
import type { LabSpec } from "../core/lab-spec.ts";
import type { Cause } from "../core/reason.ts";
import type { ResultForward, Status, Unworded } from "../core/result.ts";
import { wantsReach } from "../core/verdict.ts";
import { accountOf, defaultFrom, type Policy, reachEntries, requestText } from "../policy/policy.ts";
import { policyFor } from "../policy/servers.ts";
import { nextForForward } from "./next.ts";
import { statedRefusal } from "./refusal-reasons.ts";
import { type JudgedSilence, judgeSilence } from "./silence.ts";

type StatedForward = Policy["forwards"][string];

export interface ForwardContext {
  policy: Policy;
  spec: LabSpec;
  outcomes: readonly ForwardOutcome[];
  policyFile: string;
  broken: Cause | undefined;
  /** Of the policy file. */
  line: number | undefined;
}

export function judgeForward(
  name: string,
  stated: StatedForward,
  outcome: ForwardOutcome | undefined,
  { policy, spec, outcomes, policyFile, broken, line }: ForwardContext,
): Unworded<ResultForward> {
  const expected = expectedOfForward(stated);
  const granted = outcome && !broken ? grantedFor(outcome) : null;
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
    ok: status === "held" || status === "optional",
    status,
    decidedBy: outcome ? statedRefusal(outcome) : null,
    ...(silence ? toldOf(silence) : {}),
    ...(next ? { next } : {}),
    ...settingsOf(outcome),
    ...listeningOf(outcome),
    place: { file: policyFile.replace(/^.*[/\\]/, ""), ...(line === undefined ? {} : { line }) },
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
    listeners: [...(outcome?.listeners ?? [])].sort(),
  };
}

function settingsOf(outcome: ForwardOutcome | undefined): Pick<ResultForward, "effective" | "settings"> {
  const effective = outcome?.effective ?? [];
  return {
    effective: Object.fromEntries(effective.map(({ keyword, value }) => [keyword.toLowerCase(), value])),
    settings: effective.map(({ keyword, value, file, line }) => ({
      keyword,
      value,
      ...(file === undefined ? {} : { file }),
      ...(line === undefined ? {} : { line }),
    })),
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

/** Whether the server granted the forward; null when ssh failed before the server could decide. */
function grantedFor(outcome: ForwardOutcome): boolean | null {
  const layer = outcome.refusedBy?.layer;
  const byPolicy = layer === "sshd-policy" || layer === "key-options" || layer === "server-firewall";
  if (byPolicy) return false;
  if (outcome.granted) return true;
  return outcome.serverAnswer === "refused" || outcome.refusedBy?.layer === "bind-address" ? false : null;
}
