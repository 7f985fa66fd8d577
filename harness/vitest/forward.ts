/** What a test probes: a forward that it opened, or a service that it started. */

import type { ForwardOutcome } from "../core/forward-outcome.ts";
import type { HostProcess } from "../lab/host.ts";
import type { Service } from "../probe/services.ts";
import type { ForwardHandle, Probeable } from "../session/forward-handle.ts";
import type { ForwardLab } from "../session/forward-lab.ts";
import { observableService } from "../session/observable-service.ts";
import type { PendingAssertions } from "./pending.ts";
import type { RecordedTarget } from "./recorder.ts";

/** Something that hosts of the lab may or may not reach. */
export interface Reachable {
  /** As messages name it. */
  readonly text: string;
  readonly outcome: ForwardOutcome;
  /** @internal */
  readonly lab: ForwardLab;
  /** @internal */
  readonly probed: Probeable;
  /** @internal */
  readonly ended: boolean;
  /** @internal */
  readonly pending: PendingAssertions;
  /** Set where the run is recorded. @internal */
  readonly recorded?: RecordedTarget | undefined;
}

/** A forward opened by the real ssh. `await using` closes it. */
export interface Forward extends Reachable, AsyncDisposable {
  /** Did the server (for -R) or ssh itself (for -L, -D) report that the forward is open? A refusal is a result, not an error. */
  readonly granted: boolean;
  /** What the kernel says really listens, `address:port`, IPv6 in brackets, sorted; a Unix socket as `/path (srw------- owner:group)`. Empty after `kill()`. */
  readonly listeners: readonly string[];
  /** The port that listens, also when the server chose it; 0 for a Unix socket. */
  readonly port: number;
  /** All that is known of it: who refused it and why, the effective settings of sshd, both logs. */
  readonly outcome: ForwardOutcome;
  /** `kill -9` of ssh; resolves when its listener is gone. */
  kill(): Promise<void>;
  /** A signal to ssh and its children: `SIGSTOP` makes it a client that has fallen silent, without a word to the server. */
  signal(name: Parameters<HostProcess["kill"]>[0]): Promise<void>;
}

/** A service on a host of the lab, which proves by a nonce that it was really reached. It ends with the test. */
export interface RunningService extends Reachable {
  readonly host: string;
  readonly port: number;
  /** What its answer carries and nobody else knows: for commands that reach it in ways of their own, such as `curl`. */
  readonly identity: string;
}

type Recording = (outcome: ForwardOutcome) => RecordedTarget | undefined;

export class OpenedForward implements Forward {
  readonly lab: ForwardLab;
  readonly probed: ForwardHandle;
  readonly pending: PendingAssertions;
  readonly recorded: RecordedTarget | undefined;
  #ended = false;

  constructor(lab: ForwardLab, standing: ForwardHandle, pending: PendingAssertions, record?: Recording) {
    this.lab = lab;
    this.probed = standing;
    this.pending = pending;
    this.recorded = record?.(this.outcome);
  }

  get text(): string {
    return `ssh ${this.outcome.ssh}`;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get granted(): boolean {
    return this.probed.open.answer.granted;
  }

  get listeners(): readonly string[] {
    return this.outcome.listeners;
  }

  get port(): number {
    return this.probed.port;
  }

  get outcome(): ForwardOutcome {
    const { outcome } = this.probed.open;
    return { ...outcome, listeners: this.#ended ? [] : [...outcome.listeners] };
  }

  async kill(): Promise<void> {
    if (this.#ended) return;
    await this.pending.settle();
    this.#ended = true;
    await this.probed[Symbol.asyncDispose]();
    this.recorded?.closed();
  }

  async signal(name: Parameters<HostProcess["kill"]>[0]): Promise<void> {
    await this.probed.open.process?.kill(name);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}

export class StartedService implements RunningService {
  readonly lab: ForwardLab;
  readonly text: string;
  readonly probed: Probeable;
  readonly outcome: ForwardOutcome;
  readonly ended = false;
  readonly pending: PendingAssertions;
  readonly host: string;
  readonly port: number;
  readonly identity: string;
  readonly recorded: RecordedTarget | undefined;

  constructor(lab: ForwardLab, service: Service, pending: PendingAssertions, record?: Recording) {
    const { host, port, identity } = service;
    this.lab = lab;
    this.text = `the service on port ${port} of ${host}`;
    const { probed, outcome } = observableService(service, this.text);
    this.probed = probed;
    this.outcome = outcome;
    this.pending = pending;
    this.host = host;
    this.port = port;
    this.identity = identity;
    this.recorded = record?.(outcome);
  }
}
