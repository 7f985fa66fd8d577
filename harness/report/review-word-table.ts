/** What each language says of a review. Types only. */
import type { Audience, CoveredLine, Review, TargetKind } from "../core/review.ts";

export interface ReviewWords {
  audience: Record<Audience, string>;
  target: Record<TargetKind, string>;
  state: Record<CoveredLine["state"], string>;
  /** The first line: what was found, or that nothing can be exposed. */
  head(review: Review): string;
  counts(review: Review): string;
  /** `list`: those whose addresses are told. */
  everybody: string;
  everybodyOver(family: 4 | 6): string;
  except(who: string, list: readonly string[], more: number): string;
  addresses(list: readonly string[], more: number): string;
  lan: string;
  noVisitors: string;
  and(parts: readonly string[]): string;
  accounts(names: readonly string[], everybody: boolean): string;
  listenerOutside(who: string, ports: string, visitors: string): string;
  listenerLocal(who: string, ports: string): string;
  targets(who: string, targets: string): string;
  settingsDiffer(who: string, setting: string, shown: string): string;
  socket(who: string): string;
  tunnel(who: string): string;
  x11(who: string, listeners: readonly string[], visitors: string | undefined): string;
  agent(who: string): string;
  letBy: string;
  example: string;
  fix: string;
  noFix: string;
  alsoCloses(count: number): string;
  references: string;
  refusals: string;
  noReason: string;
  coverage: string;
  covered(line: CoveredLine[]): string;
  cannotLogIn: string;
  principals: string;
  warning: string;
  agreement(review: Review): string;
}
