/** What commands say themselves, beside reports, errors and progress. Types only. */
import type { Outcome } from "../core/result.ts";
import type { FoundLab } from "../lab/find-labs.ts";

export interface CommandWords {
  interrupted: string;
  /** Before a bug's stack. */
  bug: string;
  warning(text: string): string;
  keeps(lab: string): string;
  init: {
    leftOut(is: { forward: string; because: string }): string;
    /** `outside`: the server's files lie outside of the policy's folder. */
    done(is: { file: string; held: number; outcome: Outcome; outside: boolean }): string;
  };
  lab: {
    selfCheckFailed(check: string, detail: string | undefined): string;
    up(name: string): string;
    try: string;
    /** After a command that gets an answer only then. */
    ifOpen: string;
    none: string;
    /** Of `ls`: name, state, id, hosts. */
    columns: readonly [string, string, string, string];
    states: Readonly<Record<FoundLab["state"], string>>;
    removed(name: string): string;
    removedLabs(count: number): string;
    removedImages: string;
  };
  engine: {
    running(version: string, endpoint: string): string;
    stopped(was: boolean): string;
    removed(was: boolean): string;
  };
  learn: {
    invitation(url: string): string;
    otherwise(lesson: string): string;
  };
}
