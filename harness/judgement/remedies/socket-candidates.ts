/** The mode of a Unix socket's file lets in too many, or too few. */
import { listensOnServer } from "../../core/forward-outcome.ts";
import type { Candidate, RemedyInputs } from "./candidate.ts";
import { grantCandidates } from "./grant-candidates.ts";
import { settingCandidate } from "./listener-candidates.ts";
import { setSetting } from "./sshd-edits.ts";
import type { Violation } from "./violations.ts";

export function socketCandidates({ forward, wants, cells }: Violation, inputs: RemedyInputs): Candidate[] {
  const reason = cells[0]?.decidedBy ?? null;
  const remote = listensOnServer(forward.kind ?? "remote");
  if (reason?.code === "path-taken" && remote) return unlinkCandidates(forward, inputs);
  if (reason?.layer === "sshd-policy" || reason?.layer === "key-options") return grantCandidates(forward, reason, inputs);
  if (!remote || !reason?.code.startsWith("socket-mode-")) return [];
  const mask = wants === "block" ? "0177" : "0111";
  return [settingCandidate(`StreamLocalBindMask ${mask}`, setSetting(inputs, "StreamLocalBindMask", mask, reason))];
}

/** A file is in the listener's way: sshd may remove it. */
export function unlinkCandidates(forward: Violation["forward"], inputs: RemedyInputs): Candidate[] {
  const edits = setSetting(inputs, "StreamLocalBindUnlink", "yes", settingIn(forward, "streamlocalbindunlink"));
  return [settingCandidate("StreamLocalBindUnlink yes", edits)];
}

function settingIn({ settings }: Violation["forward"], keyword: string) {
  return settings.find((one) => one.keyword.toLowerCase() === keyword);
}
