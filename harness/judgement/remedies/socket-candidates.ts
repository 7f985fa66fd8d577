/** The mode of a Unix socket's file lets in too many, or too few. */
import { listensOnServer } from "../../core/forward-outcome.ts";
import type { JudgedResult } from "../judge.ts";
import type { Candidate, RemedyInputs } from "./candidate.ts";
import { grantCandidates } from "./grant-candidates.ts";
import { placeOfSetting, setSetting } from "./sshd-edits.ts";
import type { Violation } from "./violations.ts";
import { asCandidates, settingCandidate, waysFor } from "./widen.ts";

export function socketCandidates({ forward, wants, cells }: Violation, result: JudgedResult, inputs: RemedyInputs): Candidate[] {
  const reason = cells[0]?.decidedBy ?? null;
  const remote = listensOnServer(forward.kind ?? "remote");
  if (reason?.code === "path-taken" && remote) return unlinkCandidates(forward, inputs);
  if (reason?.layer === "sshd-policy" || reason?.layer === "key-options") return grantCandidates(forward, reason, result, inputs);
  if (!remote || !reason?.code.startsWith("socket-mode-")) return [];
  if (wants === "reach") return asCandidates(waysFor(forward, ["StreamLocalBindMask 0111"], reason, inputs));
  return [settingCandidate("StreamLocalBindMask 0177", setSetting(inputs, "StreamLocalBindMask", "0177", reason))];
}

/** A file is in the listener's way: sshd may remove it. */
export function unlinkCandidates(forward: Violation["forward"], inputs: RemedyInputs): Candidate[] {
  return asCandidates(waysFor(forward, ["StreamLocalBindUnlink yes"], placeOfSetting(forward, "streamlocalbindunlink"), inputs));
}
