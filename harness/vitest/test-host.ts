/** A host of the lab, as a test speaks of it. */
import type { Family } from "../core/address.ts";
import type { ForwardOutcome } from "../core/forward-outcome.ts";
import type { HostProcess, RunOptions, RunResult } from "../lab/host.ts";
import { unacknowledgedBytes } from "../lab/unacknowledged.ts";
import type { Settings } from "../session/changes.ts";
import type { LabSession, SshOptions } from "../session/lab-session.ts";
import type { ObserveOptions } from "../session/observe-from.ts";
import type { StartOptions } from "../session/program.ts";
import { formatSocket } from "../ssh/forward-listeners.ts";
import { atCaller } from "./at-caller.ts";
import { type Forward, OpenedForward, type Reachable, type RunningService, StartedService } from "./forward.ts";
import { type JudgedObservation, observeAndJudge } from "./judged-observation.ts";
import type { PendingAssertions } from "./pending.ts";
import { type LabRecorder, settingsText } from "./recorder.ts";

export class TestHost {
  readonly name: string;
  readonly #session: LabSession;
  readonly #pending: PendingAssertions;
  readonly #recorder: LabRecorder | undefined;

  constructor(name: string, session: LabSession, pending: PendingAssertions, recorder?: LabRecorder) {
    this.name = name;
    this.#session = session;
    this.#pending = pending;
    this.#recorder = recorder;
  }

  /** Addresses without prefix length, in the order of the spec. */
  get addresses(): readonly { address: string; family: Family; interface: string }[] {
    return this.#host.addresses;
  }

  /**
   * Opens a forward with the real ssh of this host, as typed: `ssh("-R", ":43234:localhost:3389")` or `ssh("-fN -R :43234:localhost:3389")`.
   * The lab adds account, address, port and key. Resolves when ssh has reported whether the forward is open; a refusal is a result.
   * @throws UserError when the login fails, or ssh would refuse the arguments
   */
  ssh(...args: readonly [string, ...(string | SshOptions)[]]): Promise<Forward> {
    const words = args.filter((arg) => typeof arg === "string");
    const options = args.find((arg): arg is SshOptions => typeof arg === "object") ?? {};
    return atCaller(this.ssh, async () => {
      const id = await this.#recorder?.asked(this.name, options.as ?? this.#session.defaultAccount, words.join(" "));
      const handle = await this.#session.open(this.name, words, options);
      const record = (outcome: ForwardOutcome) => (id === undefined ? undefined : this.#recorder?.opened(id, outcome));
      return new OpenedForward(this.#session.lab, handle, this.#pending, record);
    });
  }

  /** Starts a service here, which answers with a nonce that nobody else knows. It ends with the test. */
  serve(port: number, address?: string): Promise<RunningService> {
    return atCaller(this.serve, async () => {
      const service = await this.#session.serve(this.name, port, address);
      await this.#recorder?.server();
      const record = (outcome: ForwardOutcome) => this.#recorder?.served(this.name, port, outcome);
      return new StartedService(this.#session.lab, service, this.#pending, record);
    });
  }

  /** What this host sees of the forward, at each address. */
  sees(target: Reachable, options?: ObserveOptions): Promise<JudgedObservation[]> {
    return atCaller(this.sees, () => observeAndJudge(target, this.name, options));
  }

  /** Runs a command here to its end, as root unless `user` says otherwise. A non-zero exit status is a result. */
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult> {
    return atCaller(this.run, async () => {
      await this.#session.settle();
      await this.#recorder?.server();
      const result = await this.#host.run(argv, options);
      this.#recorder?.command(this.name, argv, result);
      return result;
    });
  }

  /**
   * Starts a program that goes on, in the foreground: a real service, a supervisor, ssh without a listener. It ends with the test.
   * @throws UserError `program` when it ends, or 30 s pass, before it is ready
   */
  start(argv: readonly string[], options: StartOptions = {}): Promise<HostProcess> {
    return atCaller(this.start, async () => {
      await this.#session.settle();
      await this.#recorder?.server();
      const program = await this.#session.changes.start(this.name, argv, options);
      this.#recorder?.command(this.name, argv, { code: null, stdout: program.log.join("\n"), stderr: "" });
      return program;
    });
  }

  /** Writes files, absolute paths, readable by all; what was there before is back when the test ends. A host with an image of its own only. */
  write(files: Readonly<Record<string, string>>): Promise<void> {
    return atCaller(this.write, async () => {
      await this.#session.changes.write(this.name, files);
      for (const path of Object.keys(files)) this.#recorder?.change(this.name, "written", path);
    });
  }

  /** Kernel settings of this host's network, e.g. `{ "net.ipv4.tcp_retries2": 3 }`. They are as before when the test ends. */
  set(settings: Settings): Promise<void> {
    return atCaller(this.set, async () => {
      await this.#session.settle();
      await this.#session.changes.set(this.name, settings);
      this.#recorder?.change(this.name, "set", settingsText(settings));
    });
  }

  /**
   * Makes root's own ssh here ready to log in by name, `run(["ssh", "alice@server", …])`, for what is no forward with a listener: -W, -J,
   * a master connection. Its keys go with the test; a host with an image of its own only.
   */
  equip(): Promise<void> {
    return atCaller(this.equip, () => this.#session.equip(this.name));
  }

  /** What the kernel says listens here now, `address:port`, IPv6 in brackets, sorted. */
  async listeners(port: number): Promise<string[]> {
    const all = await this.#host.listeners();
    return all
      .filter((each) => each.port === port)
      .map(formatSocket)
      .sort();
  }

  /**
   * Bytes that TCP connections of this port here have sent and the other side has not acknowledged. At 0 a cut finds nothing on its way:
   * `await expect.poll(() => lab.server.unacknowledged(22)).toBe(0)`.
   */
  unacknowledged(port: number): Promise<number> {
    return unacknowledgedBytes(this.#session.lab.lab, this.name, port);
  }

  get #host() {
    return this.#session.lab.lab.host(this.name);
  }
}
