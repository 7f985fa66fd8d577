/** The library: build a lab, open forwards in it, probe who can reach them, judge, report. Tests: `forwardlab/vitest`. */
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
export { formatPlace, formatUserError, type Place, UserError } from "./errors.ts";
export { type LoadedPolicy, loadPolicy } from "./exposure/load-policy.ts";
export type { Expectation, Policy } from "./exposure/policy.ts";
export { PolicyErrors } from "./exposure/policy-errors.ts";
export type { DecidedBy, Layer, Outcome, Result, ResultCell, ResultForward, Status } from "./exposure/result.ts";
export { ForwardLab, type ForwardLabOptions, type StandingForward } from "./forward-lab.ts";
export type { Adaptation } from "./lab/adaptation.ts";
export type { FirewallFiles } from "./lab/firewall/firewall-files.ts";
export { loadFirewall } from "./lab/firewall/load-firewall.ts";
export type { Family, Host, HostFile, HostProcess, Listener, RunOptions, RunResult } from "./lab/host.ts";
export { type Lab, type LabOptions, startLab } from "./lab/lab.ts";
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
} from "./lab/spec.ts";
export type { Service } from "./probe/services.ts";
export {
  blockedVerdicts,
  type Evidence,
  type PacketDecision,
  type ProbeResult,
  type TraceStep,
  type Verdict,
  verdicts,
} from "./probe/verdict.ts";
export { type ReportOptions, renderReport, reportFormats } from "./report/render.ts";
export { type ForwardArguments, parseForwardArguments } from "./ssh/forward-arguments.ts";
export type { ForwardOutcome, SettingSource } from "./ssh/outcome.ts";
export type { ServerAccount } from "./ssh/server.ts";
export { loadSshdConfig, type SshdConfig, sshdConfigFromText } from "./ssh/sshd-config.ts";
export { toolVersion } from "./tool-version.ts";
export { type VerifyOptions, verifyPolicy } from "./verify.ts";
