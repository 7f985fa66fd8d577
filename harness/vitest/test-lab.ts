/** One running lab, lent to one test after the other: each finds it as it was declared. */
import { dirname } from "node:path";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { ArticleHost } from "../core/lab-spec.ts";
import type { Capture } from "../lab/capture.ts";
import type { Cut } from "../lab/cut.ts";
import type { ForwardLab } from "../session/forward-lab.ts";
import { LabSession } from "../session/lab-session.ts";
import type { ServerInput } from "../session/server-input.ts";
import { type LabOptions, statedLab } from "../session/stated-lab.ts";
import { atCaller } from "./at-caller.ts";
import { PendingAssertions } from "./pending.ts";
import { LabRecorder } from "./recorder.ts";
import { TestHost } from "./test-host.ts";
import { TestRouter } from "./test-router.ts";

/** `home-lan` -> `homeLan`. */
export type CamelCase<Name extends string> = Name extends `${infer First}-${infer Rest}` ? `${First}${Capitalize<CamelCase<Rest>>}` : Name;

/** The lab that a test gets: its hosts by name (`lab.home`, `lab.otherLan`), and operations on the whole lab. */
export type TestLab<Name extends string = ArticleHost> = LabControls<Name> & { readonly [Each in Name as CamelCase<Each>]: TestHost };

export interface LabControls<Name extends string = string> {
  /**
   * Gives the server another sshd_config, firewall or set of accounts; what is left out stays. Forwards are gone when sshd's config or
   * the accounts change. A second time with the same text costs nothing.
   * @throws UserError with the user's own line when sshd or nft refuses it
   */
  use(server: ServerInput): Promise<void>;
  host(name: Name): TestHost;
  router(name: string): TestRouter;
  /**
   * Cuts every link of a host, or the uplink of a router, silently: packets vanish, and nobody is told. Disposing what it returns mends
   * it; the end of the test does, too.
   */
  cut(name: string): Promise<Cut>;
  /** What passes at a host or a router from now on, until the test ends. The filter is tcpdump's: `capture("core", "tcp port 80")`. */
  capture(name: string, filter?: string): Promise<Capture>;
  /** The lab itself, for what this interface does not offer. */
  readonly forwardLab: ForwardLab;
}

/** Keeps one lab for many tests. */
export class SharedLab implements AsyncDisposable {
  readonly #session: LabSession;
  readonly #hosts: ReadonlyMap<string, TestHost>;
  readonly #pending = new PendingAssertions();
  readonly #recorder: LabRecorder | undefined;
  #turn: Promise<void> = Promise.resolve();

  private constructor(session: LabSession, options: LabOptions<string>) {
    this.#session = session;
    this.#recorder = LabRecorder.of(session, statedLab(options));
    const names = Object.keys(session.lab.lab.spec.hosts);
    this.#hosts = new Map(names.map((name) => [name, new TestHost(name, session, this.#pending, this.#recorder)]));
  }

  /** Starts the lab. Paths in `options` are relative to the folder of `file`. @throws UserError as `LabSession.start` does */
  static async start(options: LabOptions<string>, file: string): Promise<SharedLab> {
    return new SharedLab(await LabSession.start(options, dirname(file)), options);
  }

  /** Set where the run is recorded. */
  get recorder(): LabRecorder | undefined {
    return this.#recorder;
  }

  /** The lab as declared, for one test; the next one waits until `giveBack`. */
  async lend(file: string): Promise<{ lab: TestLab<string>; giveBack: () => Promise<void> }> {
    const before = this.#turn;
    const over = Promise.withResolvers<void>();
    this.#turn = over.promise;
    await before;
    const session = this.#session;
    const { changes } = session;
    session.begin(dirname(file));
    const controls: LabControls = {
      use: (server) => atCaller(controls.use, () => session.use(server).then(() => this.#recorder?.server())),
      host: (name) => this.#host(name),
      router: (name) => new TestRouter(changes.router(name), changes, this.#recorder),
      cut: (name) => atCaller(controls.cut, () => session.settle().then(() => this.#cut(name))),
      capture: (name, filter) => atCaller(controls.capture, () => changes.capture(name, filter)),
      forwardLab: session.lab,
    };
    const hosts = [...this.#hosts.entries()].map(([name, host]) => [camelCase(name), host]);
    return {
      lab: Object.freeze({ ...Object.fromEntries(hosts), ...controls }) as TestLab<string>,
      giveBack: () => this.#clean().finally(() => over.resolve()),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
  }

  async #cut(name: string): Promise<Cut> {
    const cut = await this.#session.changes.cut(name);
    const recorder = this.#recorder;
    if (!recorder) return cut;
    recorder.change(name, "cut");
    return {
      of: cut.of,
      async [Symbol.asyncDispose]() {
        await cut[Symbol.asyncDispose]();
        recorder.change(name, "mended");
      },
    };
  }

  /** What the next test must not find. */
  async #clean(): Promise<void> {
    await this.#pending.settle();
    await this.#session.clean();
    this.#pending.throwForgotten();
  }

  #host(name: string): TestHost {
    const host = this.#hosts.get(name);
    if (!host)
      throw new UserError("unknown-host", `the lab has no host ${name}`, {
        fault: faultOf("host-unknown", { name, is: "host", known: [...this.#hosts.keys()] }),
        expected: [...this.#hosts.keys()].join(", "),
      });
    return host;
  }
}

function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
