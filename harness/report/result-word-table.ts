/** What the reports of a result say for people, in any language: text, Markdown, and in part the page. Types only. */
import type { Fleet } from "../core/fleet.ts";
import type { DecidedBy, Outcome, Provenance, Remedy, Result, ResultCell, ResultForward, Status } from "../core/result.ts";
import type { ForwardTitle, TitleParts } from "./finding-titles.ts";

export interface ResultWords {
  outcome: Record<Outcome, string>;
  /** Without symbol; of a sentence that the judgement gives, with its stop. */
  outcomeSentence(result: Result): string;
  counts(counts: Result["counts"]): string;
  status: Record<Status, string>;
  family(family: ResultCell["family"]): string;
  /** What it connects to, with the next hop where a neighbour chose it. */
  target(cell: Pick<ResultCell, "target" | "via">): string;
  cellTitle(is: TitleParts): string;
  forwardTitle(is: ForwardTitle): string;
  expectedOfForward(forward: ResultForward): string;
  observedOfForward(forward: ResultForward): string;
  forwardLine(forward: ResultForward): string;
  remedy(remedy: Remedy): string;
  /** Names of the forwards beside the one that a reason tells. */
  likewise(others: readonly string[]): string;
  evidence(cell: ResultCell): string;
  decider(decidedBy: DecidedBy | null): string;
  /** Who runs ssh: the host, and the account that it logs in as. */
  login(from: string, account: string): string;
  waiver(waiver: Result["waivers"][number], covered: number): string;
  provenance(provenance: Provenance): string;
  labels: Record<"expected" | "observed" | "decidedBy" | "because" | "remedy" | "next", string>;
  warning(text: string): string;
  forwards: string;
  /** The matrix; `host`: that listens, where it is not the only one, or not `server`. */
  matrix(host?: string): string;
  sources: { title: string; addresses: string; from: string };
  seenAs(addresses: readonly string[]): string;
  targets(count: number): string;
  /** In place of lines that are only counted. */
  more(count: number): string;
  /** In place of addresses, or accounts, of one visitor; `all`: there are no others. */
  merged(what: "address" | "account", count: number, all: boolean): string;
  markdown: {
    head(verdict: string, sentence: string): string;
    policy(file: string, counts: string): string;
    from: string;
    /** After a verdict: what was expected instead. */
    instead(expected: string): string;
    at(address: string): string;
    logs: string;
    probes(count: number): string;
    probeColumns: readonly [string, string, string];
    forwardColumns: readonly [string, string, string];
    provenance: string;
    server: string;
  };
  fleet: {
    sentence(fleet: Fleet): string;
    noResult(because: string): string;
    run(fleet: Pick<Fleet, "servers" | "labs" | "durationMs">): string;
  };
}
