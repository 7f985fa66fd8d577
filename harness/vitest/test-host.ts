/** A host of the lab, as a test speaks of it. */
import type { Family } from "../core/address.ts";
import type { Host, HostProcess, RunOptions, RunResult } from "../lab/host.ts";
import { formatSocket } from "../ssh/forward-listeners.ts";
import { atCaller } from "./at-caller.ts";
import type { Forward, Reachable, RunningService } from "./forward.ts";
import { look, type Sight, type SightOptions } from "./sight.ts";

export interface SshOptions {
  /** Account on the server. Default: the first one. */
  as?: string;
  /** Which of the account's keys, from 0. */
  key?: number;
  /** `false`: the lab puts no service of its own at the place that the forward leads to; what the test started there, if anything, answers. */
  service?: boolean;
}

export interface StartOptions extends Omit<RunOptions, "timeoutMs"> {
  /** Ready when it listens on this TCP port. */
  listensOn?: number;
  /** Ready when it prints a line like this. */
  says?: RegExp;
}

/** What a host needs of its lab. */
export interface LabOfHost {
  ssh(from: string, args: readonly string[], options: SshOptions): Promise<Forward>;
  serve(host: string, port: number, address: string | undefined): Promise<RunningService>;
  settle(): Promise<void>;
  host(name: string): Host;
  equip(host: string): Promise<void>;
  start(host: string, argv: readonly string[], options: StartOptions): Promise<HostProcess>;
  write(host: string, files: Readonly<Record<string, string>>): Promise<void>;
  set(host: string, settings: Readonly<Record<string, string | number>>): Promise<void>;
  unacknowledged(host: string, port: number): Promise<number>;
}

export class TestHost {
  readonly name: string;
  readonly #lab: LabOfHost;

  constructor(name: string, lab: LabOfHost) {
    this.name = name;
    this.#lab = lab;
  }

  /** Addresses without prefix length, in the order of the spec. */
  get addresses(): readonly { address: string; family: Family; interface: string }[] {
    return this.#lab.host(this.name).addresses;
  }

  /**
   * Opens a forward with the real ssh of this host, as typed: `ssh("-R", ":43234:localhost:3389")` or `ssh("-fN -R :43234:localhost:3389")`.
   * The lab adds account, address, port and key. Resolves when ssh has said whether the forward stands; that it does not is a result.
   * @throws UserError when the login fails, or ssh would refuse the arguments
   */
  ssh(...args: readonly [string, ...(string | SshOptions)[]]): Promise<Forward> {
    const words = args.filter((arg) => typeof arg === "string");
    const options = args.find((arg): arg is SshOptions => typeof arg === "object") ?? {};
    return atCaller(this.ssh, () => this.#lab.ssh(this.name, words, options));
  }

  /** Starts a service here, which answers with a nonce that nobody else knows. It ends with the test. */
  serve(port: number, address?: string): Promise<RunningService> {
    return atCaller(this.serve, () => this.#lab.serve(this.name, port, address));
  }

  /** What this host sees of the forward, at each address. */
  sees(target: Reachable, options?: SightOptions): Promise<Sight[]> {
    return atCaller(this.sees, () => look(target, this.name, options));
  }

  /** Runs a command here to its end, as root unless `user` says otherwise. A non-zero exit status is a result. */
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult> {
    return atCaller(this.run, async () => {
      await this.#lab.settle();
      return this.#lab.host(this.name).run(argv, options);
    });
  }

  /**
   * Starts a program that goes on, in the foreground: a real service, a supervisor, ssh without a listener. It ends with the test.
   * @throws UserError `program` when it ends, or 30 s pass, before it is ready
   */
  start(argv: readonly string[], options: StartOptions = {}): Promise<HostProcess> {
    return atCaller(this.start, () => this.#lab.start(this.name, argv, options));
  }

  /** Writes files, absolute paths, readable by all; what was there before is back when the test ends. A host with an image of its own only. */
  write(files: Readonly<Record<string, string>>): Promise<void> {
    return atCaller(this.write, () => this.#lab.write(this.name, files));
  }

  /** Kernel settings of this host's network, e.g. `{ "net.ipv4.tcp_retries2": 3 }`. They are as before when the test ends. */
  set(settings: Readonly<Record<string, string | number>>): Promise<void> {
    return atCaller(this.set, () => this.#lab.set(this.name, settings));
  }

  /**
   * Makes root's own ssh here ready to log in by name, `run(["ssh", "alice@server", …])`, for what is no forward with a listener: -W, -J,
   * a master connection. Its keys go with the test; a host with an image of its own only.
   */
  equip(): Promise<void> {
    return atCaller(this.equip, () => this.#lab.equip(this.name));
  }

  /** What the kernel says listens here now, `address:port`, IPv6 in brackets, sorted. */
  async listeners(port: number): Promise<string[]> {
    const all = await this.#lab.host(this.name).listeners();
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
    return this.#lab.unacknowledged(this.name, port);
  }
}
