/** What each language says of a review. Types only. */
import type { Audience } from "../core/audience.ts";
import type { CoveredLine, Review, ReviewAnswer, TargetKind } from "../core/review.ts";

type Uncovered = Review["sources"]["uncovered"][number];

/** What a report begins with. */
export interface Headline {
  verdict: string;
  /** Empty where the verdict says it all. */
  summary: string;
}

export interface ReviewWords {
  audience: Record<Audience, string>;
  target: Record<TargetKind, string>;
  state: Record<CoveredLine["state"], string>;
  /** The first line: what was found, or that nothing can be exposed. */
  head(review: Review): Headline;
  counts(review: Review): string;
  everybody: string;
  everybodyOver(family: 4 | 6): string;
  /** `list`: those that are told; `more`: how many are not. */
  except(who: string, list: readonly string[], more: number): string;
  /** Names, addresses, ports. */
  list(list: readonly string[], more: number): string;
  /** In place of what is not told, on a line of its own. */
  more(count: number): string;
  moreNetworks(count: number): string;
  /** By the server's interface; none where the server has but one. */
  lan(interfaces: readonly string[]): string;
  /** `reached`: addresses of the server; `missed`: those where nobody gets in; `mixed`: not all visitors get in at each. */
  destinations(reached: string, missed: string, mixed: boolean): string;
  /** Before lines of an address and who gets in there. */
  reachedAt: string;
  noVisitors: string;
  and(parts: readonly string[]): string;
  accounts(names: readonly string[], everybody: boolean): string;
  /** `at`: what `destinations` says, or nothing. */
  listenerOutside(who: string, ports: string, visitors: string, at: string): string;
  listenerLocal(who: string, ports: string): string;
  targets(who: string, targets: string): string;
  settingsDiffer(who: string, setting: string, shown: string): string;
  socket(who: string): string;
  tunnel(who: string): string;
  x11(who: string, listeners: readonly string[], visitors: string | undefined): string;
  agent(who: string): string;
  /** What a finding says, without who, for a table. */
  what: {
    outside(ports: string, visitors: string, at: string): string;
    local(ports: string): string;
    targets(targets: string): string;
    settings(setting: string, shown: string): string;
    socket: string;
    tunnel: string;
    x11(listeners: readonly string[], visitors: string | undefined): string;
    agent: string;
  };
  /** Of several servers: findings, servers, servers without a complete review. */
  fleetHead(findings: number, servers: number, unknown: number): Headline;
  noReview: string;
  columns: Record<"audience" | "who" | "what" | "ports" | "request" | "login" | "place" | "rule" | "state", string>;
  letBy: string;
  example: string;
  fix: string;
  noFix: string;
  /** In brackets, after a fix. */
  alsoCloses(count: number): string;
  references: string;
  diff: {
    opened: string;
    gone: string;
    changed: string;
    summary(opened: number, gone: number, changed: number): string;
    rest(count: number): string;
  };
  whatIf: {
    title(changes: number): string;
    counts(of: { opens: number; closes: number; without: number; refused: number }): string;
    alone: string;
    backedUp: string;
    without: string;
    removed: string;
    score(noticed: number, of: number): string;
    unnoticed: string;
    proposals: string;
    notTried: string;
  };
  refusals: string;
  /** How many kinds of requests, by how many principals. */
  requests(kinds: number, principals: number): string;
  request(asked: ReviewAnswer["request"]): string;
  /** In place of the line that refused. */
  noReason: string;
  cannotLogIn(names: readonly string[], more: number): string;
  /** After a setting that no file sets. */
  byDefault: string;
  coverage: string;
  covered(line: CoveredLine[]): string;
  principals: string;
  listeners: string;
  targetsAsked: string;
  /** Exactly who reaches it, as prefixes. */
  addresses: string;
  /** Layers of defence that it passes. */
  passed: string;
  noKeyOptions: string;
  provenance: string;
  notProbed(because: Uncovered["because"], prefixes: string): string;
  warning: string;
  agreement(review: Review): string;
}
