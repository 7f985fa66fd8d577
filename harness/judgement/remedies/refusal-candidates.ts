/** A forward that the server grants and must refuse: shut for it, and for nothing that the policy wants. */
import { listensOnServer } from "../../core/forward-outcome.ts";
import { permitsListening, permitsOpening } from "../../openssh/permit-list.ts";
import { spell } from "../../openssh/sshd-keywords.ts";
import type { JudgedResult } from "../judge.ts";
import { needsOf, requestOf } from "./account-needs.ts";
import type { Candidate, RemedyInputs } from "./candidate.ts";
import { portOf, wireAddress } from "./permit-entries.ts";
import { accountBlocks, setSetting } from "./sshd-edits.ts";
import type { JudgedForward } from "./violations.ts";
import { asCandidates, settingCandidate, wayOf } from "./widen.ts";

export function refusalCandidates(forward: JudgedForward, result: JudgedResult, inputs: RemedyInputs): Candidate[] {
  const others = result.forwards.filter((one) => one.name !== forward.name && one.expected !== "refused");
  return [...shorterList(forward, inputs), ...forAccount(forward, settingFor(forward, others, inputs), inputs)];
}

/** The list that names it, without the entries that do. */
function shorterList(forward: JudgedForward, inputs: RemedyInputs): Candidate[] {
  const { rule = "", file, line } = forward.decidedBy ?? {};
  const [keyword = "", ...entries] = rule.split(/\s+/);
  if (file === undefined || line === undefined || !/^permit(listen|open)$/i.test(keyword)) return [];
  const kept = entries.filter((entry) => !names(entry, keyword, forward));
  if (kept.length === entries.length) return [];
  const value = kept.length > 0 ? kept.join(" ") : "none";
  return [settingCandidate(`${spell(keyword)} ${value}`, setSetting(inputs, spell(keyword), value, { file, line }))];
}

function names(entry: string, keyword: string, forward: JudgedForward): boolean {
  if (/^permitlisten$/i.test(keyword)) return permitsListening([entry], wireAddress(forward.requested), portOf(forward.requested) ?? 0);
  const target = requestOf(forward)?.request.target;
  return target !== undefined && permitsOpening([entry], target);
}

/** What the account may do besides, as the narrowest setting that leaves it. */
function settingFor(forward: JudgedForward, others: readonly JudgedForward[], inputs: RemedyInputs): string {
  const { listen, open, opensSocket } = needsOf(forward, others, inputs);
  if (!listensOnServer(forward.kind ?? "remote")) return listed("PermitOpen", open);
  if (portOf(forward.requested) === undefined) return `AllowStreamLocalForwarding ${opensSocket ? "local" : "no"}`;
  return listed("PermitListen", listen);
}

export function listed(keyword: string, entries: readonly string[]): string {
  return `${keyword} ${entries.length > 0 ? [...new Set(entries)].join(" ") : "none"}`;
}

function forAccount({ account }: JudgedForward, setting: string, inputs: RemedyInputs): Candidate[] {
  // If two blocks set it, the first one wins.
  return asCandidates(accountBlocks(inputs, account, [setting]).map((block) => wayOf(block, account, setting)));
}
