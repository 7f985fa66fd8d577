/** What the server needs of a lab in which a person works. Types only. */
import type { Duplex } from "node:stream";
import type { EditedFile, LiveEvent, RecordedRun } from "../../core/lesson.ts";
import type { Size } from "./requests.ts";

/** A shell on a host: its bytes both ways. It ends when the shell ends. */
export interface TerminalPort extends AsyncDisposable {
  readonly stream: Duplex;
  resize(size: Size): Promise<void>;
}

export interface LivePort extends AsyncDisposable {
  /** What returns ends that. */
  onEvent(listener: (event: LiveEvent) => void): () => void;
  /** Is it the lab of that experiment? */
  fits(run: RecordedRun, experiment: number): boolean;
  /** The server of one experiment of a recorded run that fits, and what is to be reached. */
  begin(run: RecordedRun, experiment: number): Promise<void>;
  use(files: readonly EditedFile[]): Promise<void>;
  check(): Promise<void>;
  terminal(host: string, size: Size): Promise<TerminalPort>;
}
