/** Records what a test does in its lab, and what it observes there. It changes nothing of either. */
import type { ForwardOutcome } from "../core/forward-outcome.ts";
import type { RunEvent, StatedLab } from "../core/lesson.ts";
import type { Observation } from "../core/observation.ts";
import { observedCell, observedForward } from "../judgement/observed.ts";
import { topologyOf } from "../judgement/topology.ts";
import type { RunResult } from "../lab/host.ts";
import { wordedCell, wordedForward } from "../report/worded.ts";
import type { Settings } from "../session/changes.ts";
import type { LabSession } from "../session/lab-session.ts";
import { recordChannel } from "./record-channel.ts";

/** Of what a command prints, this much is kept, in characters. */
const mostOutput = 32_768;

/** A forward or a service, once it is recorded. */
export interface RecordedTarget {
  cells(observations: readonly Observation[]): void;
  closed(): void;
}

/** `net.ipv4.ip_forward=1`, as sysctl(8) takes them. */
export function settingsText(settings: Settings): string {
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${value}`)
    .join(" ");
}

/** Counts forwards and services of this process: an id is never used again. */
let ids = 0;

export class LabRecorder {
  readonly #session: LabSession;
  readonly #stated: StatedLab;
  readonly #send: (event: RunEvent) => void;
  readonly #delivered: () => Promise<void>;
  /** What was last told of the server in this experiment. */
  #server = "";

  private constructor(session: LabSession, stated: StatedLab, send: (event: RunEvent) => void, delivered: () => Promise<void>) {
    this.#session = session;
    this.#stated = stated;
    this.#send = send;
    this.#delivered = delivered;
  }

  /** Undefined: nobody asked for a recording. */
  static of(session: LabSession, stated: StatedLab): LabRecorder | undefined {
    const channel = recordChannel();
    return (
      channel &&
      new LabRecorder(
        session,
        stated,
        (event) => channel.send(event),
        () => channel.delivered(),
      )
    );
  }

  experiment(name: string): void {
    this.#server = "";
    const { lab } = this.#session;
    this.#send({ type: "lab", topology: topologyOf(lab.lab.spec), openssh: lab.server.version.text, stated: this.#stated });
    this.#send({ type: "experiment", name });
  }

  async over(name: string, held: boolean, message: string | undefined): Promise<void> {
    this.#send({ type: "experiment-over", name, held, ...(message === undefined ? {} : { message }) });
    await this.#delivered();
  }

  /** What the server runs, if that is news. */
  async server(): Promise<void> {
    const server = await this.#session.describeServer();
    const text = JSON.stringify(server);
    if (text === this.#server) return;
    this.#server = text;
    this.#send({ type: "server", ...server });
  }

  async asked(from: string, account: string, ssh: string): Promise<number> {
    await this.server();
    const id = ++ids;
    this.#send({ type: "asked", id, from, account, ssh });
    return id;
  }

  opened(id: number, outcome: ForwardOutcome): RecordedTarget {
    this.#send({ type: "opened", id, forward: wordedForward(observedForward(outcome, this.#spec)) });
    return this.#target(id);
  }

  served(host: string, port: number, outcome: ForwardOutcome): RecordedTarget {
    const id = ++ids;
    this.#send({ type: "served", id, host, port, forward: { ...wordedForward(observedForward(outcome, this.#spec)), ssh: "" } });
    return this.#target(id);
  }

  command(host: string, argv: readonly string[], { code, stdout, stderr }: Pick<RunResult, "code" | "stdout" | "stderr">): void {
    this.#send({ type: "command", host, argv, code, stdout: stdout.slice(0, mostOutput), stderr: stderr.slice(0, mostOutput) });
  }

  change(at: string, what: "cut" | "mended" | "set" | "written", detail = ""): void {
    this.#send({ type: "change", at, what, detail });
  }

  get #spec() {
    return this.#session.lab.lab.spec;
  }

  #target(id: number): RecordedTarget {
    return {
      cells: (observations) =>
        this.#send({ type: "cells", id, cells: observations.map((each) => wordedCell(observedCell(each, this.#spec))) }),
      closed: () => this.#send({ type: "closed", id }),
    };
  }
}
