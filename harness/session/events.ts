/** What a session tells while it works: typed, in the order in which it happens. The terminal's progress is made from it. Types only. */
import type { Step } from "../core/step.ts";
import type { Verdict } from "../core/verdict.ts";

export type SessionEvent =
  /** A stage of the start or of the run; `text` is for a person, `code` and `params` say the same. */
  | ({ type: "step" } & Step)
  /** The selected forwards, before the first is opened. */
  | { type: "planned"; forwards: readonly string[] }
  | { type: "opening"; forwards: readonly string[] }
  /** What ssh, or the server, said of one forward. */
  | { type: "opened"; forward: string; granted: boolean; listeners: readonly string[] }
  /** `done` of `of` cells of the forwards that are open now. */
  | { type: "probed"; forward: string; vantage: string; target: string; verdict: Verdict; done: number; of: number }
  | { type: "closed"; forwards: readonly string[] };

export type OnEvent = (event: SessionEvent) => void;
