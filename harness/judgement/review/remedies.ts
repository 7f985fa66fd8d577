/** Changes of the user's own files that may take a finding away, the narrowest first. Pure guesses: the session tries each. */

import { audiences } from "../../core/audience.ts";
import type { DecidedBy, Unworded } from "../../core/result.ts";
import type { ReviewFinding } from "../../core/review.ts";
import type { Candidate, Edit, RemedyInputs } from "../remedies/candidate.ts";
import { removeLine } from "../remedies/firewall-edits.ts";
import { firstMatchOf, setForMatch, setSetting } from "../remedies/sshd-edits.ts";
import { settingCandidate } from "../remedies/widen.ts";
import type { JudgedReview } from "./judge-review.ts";

type Finding = Unworded<ReviewFinding>;

export function reviewCandidates(finding: Finding, inputs: RemedyInputs): Candidate[] {
  const proposals =
    finding.kind === "listener" ? listenerProposals(finding, inputs) : settingProposals(finding, inputs, narrower[finding.kind]);
  return proposals.filter(({ edits }) => edits.length > 0 && edits.every(({ file }) => Object.hasOwn(inputs.files, file)));
}

function listenerProposals(finding: Finding, inputs: RemedyInputs): Candidate[] {
  if (finding.audience === "server") return settingProposals(finding, inputs, [["AllowTcpForwarding", "local"]]);
  const rules = finding.decidedBy.filter(({ layer }) => layer === "server-firewall");
  return [...rules.flatMap((rule) => withoutRule(rule, inputs)), ...settingProposals(finding, inputs, narrower.listener)];
}

/** What takes a finding of this kind away from whoever has it. */
const narrower: Readonly<Record<Finding["kind"], readonly (readonly [keyword: string, value: string])[]>> = {
  listener: [["GatewayPorts", "no"]],
  target: [
    ["PermitOpen", "none"],
    ["AllowTcpForwarding", "remote"],
  ],
  socket: [["StreamLocalBindMask", "0177"]],
  tunnel: [["PermitTunnel", "no"]],
  x11: [
    ["X11UseLocalhost", "yes"],
    ["X11Forwarding", "no"],
  ],
  agent: [["AllowAgentForwarding", "no"]],
  settings: [],
};

function withoutRule(rule: Unworded<DecidedBy>, inputs: RemedyInputs): Candidate[] {
  const { file, line, rule: text } = rule;
  if (file === undefined || line === undefined || text === undefined) return [];
  return [{ code: "review-remove-rule", params: { place: `${file}:${line}` }, edits: removeLine(inputs, { rule: text, file, line }) }];
}

/** For all at the line that counts; for those accounts alone, where the finding is about some. */
function settingProposals(finding: Finding, inputs: RemedyInputs, settings: readonly (readonly [string, string])[]): Candidate[] {
  return settings.flatMap(([keyword, value]) => {
    const source = finding.decidedBy.find(({ rule }) => rule?.toLowerCase().startsWith(`${keyword.toLowerCase()} `));
    const at = source?.file === undefined ? {} : { file: source.file, ...(source.line === undefined ? {} : { line: source.line }) };
    const global = settingOrNew(`${keyword} ${value}`, setSetting(inputs, keyword, value, at), inputs);
    if (finding.params.everybody === true) return [global];
    const [account = "", ...others] = finding.accounts;
    return others.length > 0 ? [global] : [...settingFor(account, `${keyword} ${value}`, inputs), global];
  });
}

/** Of a stand-in: for all whom it stands for, if a `Match` can mean them. */
function settingFor(account: string, setting: string, inputs: RemedyInputs): Candidate[] {
  const match = inputs.standIns?.[account];
  if (match === null) return [];
  if (match !== undefined) return [{ code: "set-for-match", params: { setting, match }, edits: setForMatch(inputs, match, setting) }];
  return [{ code: "set-for-account", params: { setting, account }, edits: setForMatch(inputs, `User ${account}`, setting) }];
}

/** A line that was not there before stands before another one, the first `Match` if there is one. */
function settingOrNew(setting: string, edits: readonly Edit[], inputs: RemedyInputs): Candidate {
  const [edit] = edits;
  if (edit?.action !== "before") return settingCandidate(setting, edits);
  const beforeMatch = edit.line === firstMatchOf(inputs.files[edit.file] ?? "");
  return {
    code: "review-add-setting",
    params: { setting, place: `${edit.file}:${edit.line}`, ...(beforeMatch ? { beforeMatch } : {}) },
    edits,
  };
}

/** Whoever it is about reaches no further than those whom the next narrower audience already has. */
export function isGone({ id, audience }: Finding, before: JudgedReview, after: JudgedReview): boolean {
  const own = new Set(before.exposures.get(id));
  const asWide = after.review.findings.filter((each) => audiences.indexOf(each.audience) <= audiences.indexOf(audience));
  return own.size > 0 && !asWide.some((each) => after.exposures.get(each.id)?.some((exposure) => own.has(exposure)));
}
