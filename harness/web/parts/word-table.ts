/** What each language says on the page beside the sentences that `report/` has. Types only. */

import type { CellChange } from "../../core/cell-change.ts";
import type { Fleet } from "../../core/fleet.ts";
import type { Layer } from "../../core/reason.ts";
import type { Result, ResultForward, Status } from "../../core/result.ts";
import type { ReviewMutation } from "../../core/review.ts";
import type { Verdict } from "../../core/verdict.ts";
import type { LegName, LegState } from "./legs.ts";
import type { Membership } from "./prefixes.ts";

/** What a line of a file is worth. */
export const worths = ["alone", "exposes", "backed-up", "none", "refused", "untried", "unmet", "unrelated"] as const;
export type Worth = (typeof worths)[number];

export interface PageWords {
  report: Record<"verify" | "fleet" | "review" | "diff", string>;
  skip: string;
  otherLanguage: string;
  outcome: Record<Result["outcome"], string>;
  outcomeSentence(result: Result): string;
  fleetSentence(fleet: Fleet): string;
  fleetCounts(fleet: Fleet): string;
  fleetRun(fleet: Fleet): string;
  servers: string;
  /** Leads back to them. */
  allServers(count: number): string;
  noServerResult: string;
  status: Record<Status, string>;
  verdict: Record<Verdict, string>;
  layer: Record<Layer, string>;
  expectation(expected: string | null): string;
  family(family: 4 | 6 | null): string;
  /** Who connects: a host, or an account there. */
  visitor(cell: Pick<Result["cells"][number], "vantage" | "as" | "family">): string;
  /** How long the server keeps a port after its client; seconds. */
  gone(is: NonNullable<ResultForward["gone"]>): string;
  problems(violated: number, inconclusive: number): string;
  noProblems: string;
  expected: string;
  observed: string;
  difference: string;
  /** Lines of an error. */
  error: { found: string; expected: string; todo: string };
  decidedBy: string;
  because: string;
  remedy: string;
  patch: string;
  /** How it is applied. */
  patchUse: string;
  copy: string;
  copied: string;
  next: string;
  cells: string;
  more(count: number): string;
  waivers: string;
  waiverCovers(waiver: Result["waivers"][number], cells: number): string;
  warnings: string;
  lab: string;
  labHint: string;
  noTopology: string;
  nodes: Record<"host" | "router" | "lan" | "core", string>;
  /** NATs translate IPv4; an IPv6 packet passes them untouched. */
  nat(family: 4 | 6 | null | undefined): string;
  firewall: string;
  inbound: string;
  decidedHere: string;
  matrix: string;
  listensOn(host: string): string;
  from: string;
  show: string;
  search: string;
  searchHint: string;
  searchFindingsHint: string;
  filter: string;
  found(shown: number, all: number): string;
  nothingFound: string;
  reset: string;
  cellLabel(is: {
    who: string;
    target: string;
    forward: string;
    family: 4 | 6 | null;
    expected: string;
    observed: string;
    status: string;
  }): string;
  legend: string;
  close: string;
  path: string;
  leg: Record<LegName, (from: string, to: string) => string>;
  legKind: Record<"clear" | "ssh" | "local", string>;
  legKindShort: Record<"clear" | "ssh" | "local", string>;
  legState: Record<LegState, string>;
  stoppedAt(node: string): string;
  proof: string;
  evidence: Record<
    | "command"
    | "login"
    | "requested"
    | "listeners"
    | "source"
    | "seenAs"
    | "arrived"
    | "connect"
    | "nonce"
    | "received"
    | "peer"
    | "time"
    | "note"
    | "target"
    | "via"
    | "keyOptions",
    string
  >;
  nonce: Record<"match" | "mismatch" | "none", string>;
  yes: string;
  no: string;
  trace: string;
  traceColumns: readonly [string, string, string];
  settings: string;
  settingColumns: readonly [string, string, string];
  byDefault: string;
  clientLog: string;
  serverLog: string;
  emptyLog: string;
  sources: string;
  sourcesHint: string;
  sourceColumns: readonly [string, string];
  restOf(example: string): string;
  addressQuestion: string;
  addressHint: string;
  membership: Record<Membership, string>;
  getsIn(address: string, forwards: readonly string[], unknown: readonly string[]): string;
  inClass(prefix: string, vantage: string): string;
  inNoClass(address: string): string;
  notProbed(because: "private" | "taken" | "link-local", prefixes: readonly string[]): string;
  allPrefixes(count: number): string;
  forwards: string;
  granted(granted: boolean | null): string;
  run: string;
  files: string;
  adaptations: string;
  selfCheck(passed: number, of: number): string;
  images: string;
  natKinds: string;
  made(parts: { tool: string; started?: string; duration?: number }): string;
  findings: string;
  findingsWidest: string;
  audienceFilter: string;
  coverage: string;
  whatIf: string;
  whatIfHint: string;
  changesTried(count: number): string;
  worth: Record<Worth, string>;
  worthLegend: string;
  worthMeaning: Record<Worth, string>;
  effect: Record<ReviewMutation["effect"], string>;
  line: string;
  gap(lines: number): string;
  instead(text: string): string;
  noticed(noticed: boolean): string;
  closes(count: number): string;
  before: string;
  after: string;
  changes: string;
  change: Record<CellChange, string>;
  rest: string;
  versionUnknown(version: string): string;
}
