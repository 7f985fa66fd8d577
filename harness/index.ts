/** The library: build a lab, open forwards in it, probe who can reach them, judge, report. Tests: `forwardlab/vitest`. */

export type { Adaptation } from "./core/adaptation.ts";
export type { Family } from "./core/address.ts";
export type { Audience } from "./core/audience.ts";
export type { CellChange } from "./core/cell-change.ts";
export type { ChangedCell, ChangedForward, Diff, DiffOutcome } from "./core/diff.ts";
export type { DiffFleet, DiffFleetServer } from "./core/diff-fleet.ts";
export { formatPlace, formatUserError, type Place, UserError } from "./core/errors.ts";
export type { Fault } from "./core/fault.ts";
export type { Fleet, FleetServer, ServerError } from "./core/fleet.ts";
export type { ForwardOutcome, SettingSource } from "./core/forward-outcome.ts";
export {
  type ArticleHost,
  articleLab,
  type HostSpec,
  type InterfaceSpec,
  type LabSpec,
  type LabSpecOf,
  type LanSpec,
  type NatKind,
  type PortForwardSpec,
  type RouterSpec,
} from "./core/lab-spec.ts";
export type { Layer } from "./core/reason.ts";
export type { DecidedBy, Outcome, Result, ResultCell, ResultForward, Status } from "./core/result.ts";
export type { Review, ReviewFinding } from "./core/review.ts";
export type { ReviewDiff } from "./core/review-diff.ts";
export type { ReviewFleet } from "./core/review-fleet.ts";
export {
  blockedVerdicts,
  type Evidence,
  type Expectation,
  type PacketDecision,
  type ProbeResult,
  type TraceStep,
  type Verdict,
  verdicts,
} from "./core/verdict.ts";
export type { Warning } from "./core/warning.ts";
export {
  type Engine,
  ensureEngine,
  ensureImages,
  type ImageRef,
  type ImageRequest,
  imageKey,
  OPENSSH_BY_SUITE,
  type Suite,
  suiteOf,
} from "./engine/index.ts";
export type { FirewallFiles } from "./firewall/firewall-files.ts";
export { loadFirewall } from "./firewall/load-firewall.ts";
export type { AroundFiles, Host, HostFile, HostFolder, HostProcess, Listener, RunOptions, RunResult } from "./lab/host.ts";
export { type Lab, type LabOptions, startLab } from "./lab/lab.ts";
export { type ForwardArguments, parseForwardArguments } from "./openssh/forward-arguments.ts";
export { type SshdConfig, sshdConfigFromText } from "./openssh/sshd-config.ts";
export { type DiffOptions, diffPaths, diffResults, diffRevisions } from "./pipelines/diff.ts";
export { mergeResults, type Part } from "./pipelines/merge.ts";
export { readResult } from "./pipelines/read-result.ts";
export { type ReviewOptions, reviewPath, reviewServers } from "./pipelines/review.ts";
export type { SubjectOptions } from "./pipelines/review-subject.ts";
export { toolVersion } from "./pipelines/tool-version.ts";
export { type VerifyOptions, verifyPolicy } from "./pipelines/verify.ts";
export { type FleetOptions, verifyFleet } from "./pipelines/verify-fleet.ts";
export { type FleetJudged, type Judged, watchFleet, watchPolicy } from "./pipelines/watch-policy.ts";
export { type LoadedPolicy, loadPolicy } from "./policy/load-policy.ts";
export { loadSshdConfig } from "./policy/load-sshd-config.ts";
export type { Policy } from "./policy/policy.ts";
export { PolicyErrors } from "./policy/policy-errors.ts";
export type { Service } from "./probe/services.ts";
export { adaptationText } from "./report/adaptations.ts";
export { type ReportOptions, renderReport, reportFormats } from "./report/render.ts";
export { type DiffReportOptions, diffFormats, renderDiff } from "./report/render-diff.ts";
export { type ReviewReportOptions, renderReview, reviewFormats } from "./report/render-review.ts";
export { warningText } from "./report/warnings.ts";
export { type ForwardHandle, ForwardLab, type ForwardLabOptions } from "./session/forward-lab.ts";
export type { ServerCgroups } from "./ssh/cgroups.ts";
export type { ServerAccount } from "./ssh/server.ts";
export { reportPage } from "./web/report-page.ts";
