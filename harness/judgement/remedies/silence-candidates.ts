/** A session of a silent client that sshd is to end sooner. */
import type { Candidate, RemedyInputs } from "./candidate.ts";
import { setSetting } from "./sshd-edits.ts";
import type { JudgedForward } from "./violations.ts";
import { settingCandidate } from "./widen.ts";

/** The setting that keeps the session, with the largest value that ends it before the time is up. */
export function silenceCandidates({ decidedBy }: JudgedForward, inputs: RemedyInputs): Candidate[] {
  if (!decidedBy) return [];
  const of = (name: string) => Number(decidedBy.params[name]);
  const byCount = /^ClientAliveCountMax /i.test(decidedBy.rule ?? "");
  const [keyword, value] = byCount
    ? ["ClientAliveCountMax", Math.ceil(of("within") / (of("factor") * of("interval"))) - 2]
    : ["ClientAliveInterval", Math.ceil(of("within") / (of("factor") * (of("count") + 1))) - 1];
  if (!/^ClientAlive/i.test(decidedBy.rule ?? "") || value < 1) return [];
  return [settingCandidate(`${keyword} ${value}`, setSetting(inputs, keyword, String(value), decidedBy))];
}
