/** One running lab, lent to one test after the other: each finds it as it was declared. */
import { dirname } from "node:path";
import { UserError } from "../core/errors.ts";
import { type ArticleHost, articleLab, type LabSpec, type LabSpecOf } from "../core/lab-spec.ts";
import { suiteOf } from "../engine/index.ts";
import type { Capture } from "../lab/capture.ts";
import type { Cut } from "../lab/cut.ts";
import { unacknowledgedBytes } from "../lab/unacknowledged.ts";
import { parseForwardArguments } from "../openssh/forward-arguments.ts";
import { ForwardLab, type ForwardLabOptions } from "../session/forward-lab.ts";
import { prepareImages } from "../session/lab-images.ts";
import { equipClient } from "../ssh/equip-client.ts";
import { atCaller } from "./at-caller.ts";
import { Changes } from "./changes.ts";
import { type Forward, OpenedForward, type RunningService, StartedService } from "./forward.ts";
import { readAccounts, readFirewall, readSshd, type ServerInput, type ServerState } from "./inputs.ts";
import { PendingAssertions } from "./pending.ts";
import { type SshOptions, TestHost } from "./test-host.ts";
import type { TestRouter } from "./test-router.ts";

/** A lab to test in. Everything left out is the article's lab with sshd's defaults and no firewall. */
export interface LabOptions<Name extends string = ArticleHost> extends ServerInput {
  spec?: LabSpecOf<Name>;
  /** OpenSSH of the server: 8.4, 9.2, 10.0, 10.6. Left out, like `image`: what FORWARDLAB_OPENSSH or FORWARDLAB_IMAGE says, else 10.0. */
  openssh?: string;
  /** Image of the server, any that has sshd. */
  image?: string;
  /** Images of other hosts, e.g. `{ home: "forwardlab/desktop" }`: one of the lab's own, or any other. Such a host is a container. */
  images?: Partial<Record<NoInfer<Name>, string>>;
}

/** `home-lan` -> `homeLan`. */
export type CamelCase<Name extends string> = Name extends `${infer First}-${infer Rest}` ? `${First}${Capitalize<CamelCase<Rest>>}` : Name;

/** The lab that a test gets: its hosts by name (`lab.home`, `lab.otherLan`), and what can be done with the whole. */
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
  readonly #lab: ForwardLab;
  readonly #declared: Required<ServerInput>;
  readonly #hosts: Map<string, TestHost>;
  readonly #forwards = new Set<OpenedForward>();
  readonly #pending = new PendingAssertions();
  readonly #changes: Changes;
  /** Hosts whose own ssh was given keys. */
  readonly #equipped = new Set<string>();
  #wanted: Required<ServerInput>;
  /** Of the test that has the lab now: its relative paths start here. */
  #folder: string;
  /** What the server really runs; a part is undefined after it failed to load. */
  #running: { [Part in keyof ServerInput]?: string };
  #turn: Promise<void> = Promise.resolve();

  private constructor(lab: ForwardLab, declared: Required<ServerInput>, folder: string) {
    this.#lab = lab;
    this.#changes = new Changes(lab.lab);
    this.#declared = declared;
    this.#wanted = declared;
    this.#running = keysOf(declared, folder);
    this.#folder = folder;
    this.#hosts = new Map(
      Object.keys(lab.lab.spec.hosts).map((name) => [
        name,
        new TestHost(name, {
          ssh: (from, args, options) => this.#ssh(from, args, options),
          serve: (host, port, address) => this.#serve(host, port, address),
          settle: () => this.#settle(),
          host: (which) => lab.lab.host(which),
          equip: (host) => this.#equip(host),
          start: (host, argv, options) => this.#settle().then(() => this.#changes.start(host, argv, options)),
          write: (host, files) => this.#changes.write(host, files),
          set: (host, settings) => this.#settle().then(() => this.#changes.set(host, settings)),
          unacknowledged: (host, port) => unacknowledgedBytes(lab.lab, host, port),
        }),
      ]),
    );
  }

  /**
   * Starts the lab. Paths in `options` are relative to the folder of `file`.
   * @throws UserError also when the lab fails its self-check: then it can give no verdicts
   */
  static async start(options: LabOptions<string>, file: string): Promise<SharedLab> {
    const folder = dirname(file);
    const declared: Required<ServerInput> = {
      sshd: options.sshd ?? "",
      firewall: options.firewall ?? null,
      accounts: options.accounts ?? { tunnel: {} },
    };
    const { sshdConfig, firewall, accounts } = await readServer(declared, folder);
    await using started = new AsyncDisposableStack();
    const lab = started.use(
      await ForwardLab.start({
        spec: specOf(options),
        sshdConfig,
        accounts,
        ...(firewall ? { firewall } : {}),
        ...serverOf(options),
      }),
    );
    const failed = lab.checks.filter(({ ok }) => !ok);
    if (failed.length > 0) {
      throw new UserError("self-check", "the lab failed its self-check, so it gives no verdicts", {
        log: failed.map(({ name, detail }) => (detail === undefined ? `not so: ${name}` : `not so: ${name} (${detail})`)).join("\n"),
        todo: "check the lab's spec: is every host connected to a router with a route to the server?",
      });
    }
    started.move();
    return new SharedLab(lab, declared, folder);
  }

  /** The lab as declared, for one test; the next one waits until `giveBack`. */
  async lend(file: string): Promise<{ lab: TestLab<string>; giveBack: () => Promise<void> }> {
    const before = this.#turn;
    const over = Promise.withResolvers<void>();
    this.#turn = over.promise;
    await before;
    this.#wanted = this.#declared;
    this.#folder = dirname(file);
    const controls: LabControls = {
      use: (server) => atCaller(controls.use, () => this.#use(server)),
      host: (name) => this.#host(name),
      router: (name) => this.#changes.router(name),
      cut: (name) => atCaller(controls.cut, () => this.#settle().then(() => this.#changes.cut(name))),
      capture: (name, filter) => atCaller(controls.capture, () => this.#changes.capture(name, filter)),
      forwardLab: this.#lab,
    };
    const hosts = [...this.#hosts.entries()].map(([name, host]) => [camelCase(name), host]);
    return {
      lab: Object.freeze({ ...Object.fromEntries(hosts), ...controls }) as TestLab<string>,
      giveBack: () => this.#clean().finally(() => over.resolve()),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lab[Symbol.asyncDispose]();
  }

  /** What the next test must not find. The config is put back when it next matters: most tests bring their own. */
  async #clean(): Promise<void> {
    await this.#pending.settle();
    const { silenced, failure } = await this.#changes.undo();
    // Nobody knows which sessions sshd still holds after its clients fell silent: it starts anew.
    if (silenced) this.#running = {};
    const forwards = [...this.#forwards];
    this.#forwards.clear();
    await Promise.all(forwards.map((forward) => forward.kill()));
    await this.#lab.endServices();
    await this.#lab.removeSocketFiles();
    await Promise.all([...this.#equipped].map((name) => this.#lab.lab.host(name).remove(["/root/.ssh"])));
    this.#equipped.clear();
    if (failure !== undefined) throw failure;
    this.#pending.throwForgotten();
  }

  async #use(server: ServerInput): Promise<void> {
    this.#wanted = { ...this.#wanted, ...server };
    await this.#settle();
  }

  /** Makes the server run what is wanted. */
  async #settle(): Promise<void> {
    const wanted = keysOf(this.#wanted, this.#folder);
    const changed = (part: keyof ServerInput) => wanted[part] !== this.#running[part];
    const change = {
      ...(changed("sshd") ? { sshdConfig: await readSshd(this.#wanted.sshd, this.#folder) } : {}),
      ...(changed("accounts") ? { accounts: await readAccounts(this.#wanted.accounts, this.#folder) } : {}),
      ...(changed("firewall") ? { firewall: await readFirewall(this.#wanted.firewall, this.#folder) } : {}),
    };
    if (Object.keys(change).length === 0) return;
    // Until it has succeeded nobody knows what runs.
    this.#running = {};
    await this.#lab.configure(change);
    this.#running = wanted;
  }

  async #ssh(from: string, args: readonly string[], { as, key, service }: SshOptions): Promise<Forward> {
    await this.#settle();
    const ssh = parseForwardArguments(args.length === 1 ? (args[0] as string) : args.map(quoted).join(" "));
    const standing = await this.#lab.open({
      name: `ssh ${ssh.text}`,
      from,
      account: as ?? Object.keys(this.#wanted.accounts)[0] ?? "tunnel",
      ssh,
      ...(key === undefined ? {} : { keyIndex: key }),
      ...(service === false ? { onlyGivenServices: "anywhere" } : {}),
    });
    const forward = new OpenedForward(this.#lab, standing, this.#pending);
    this.#forwards.add(forward);
    return forward;
  }

  async #serve(host: string, port: number, address: string | undefined): Promise<RunningService> {
    await this.#settle();
    return new StartedService(this.#lab, await this.#lab.service(host, port, address), this.#pending);
  }

  async #equip(host: string): Promise<void> {
    await this.#settle();
    this.#equipped.add(host);
    await equipClient(this.#lab.lab.host(host), this.#lab.server, Object.keys(this.#wanted.accounts));
  }

  #host(name: string): TestHost {
    const host = this.#hosts.get(name);
    if (!host) throw new UserError("unknown-host", `the lab has no host ${name}`, { expected: [...this.#hosts.keys()].join(", ") });
    return host;
  }
}

/** The images that a lab is going to need, built or pulled where they are missing. */
export async function prepareLab(options: LabOptions<string>): Promise<void> {
  await prepareImages(specOf(options), serverOf(options).server, {
    progress: (message) => void process.stderr.write(`forwardlab: ${message}\n`),
  });
}

/** The server that a lab states; one that states none takes what the environment says: `forwardlab run --openssh`, `--image`. */
function serverOf({ image, openssh, images }: LabOptions<string>): Pick<ForwardLabOptions, "server"> {
  if (image !== undefined) return { server: { image } };
  if (openssh !== undefined) return { server: { suite: suiteOf(openssh) } };
  if (images?.server !== undefined) return {};
  const { FORWARDLAB_IMAGE, FORWARDLAB_OPENSSH } = process.env;
  if (FORWARDLAB_IMAGE) return { server: { image: FORWARDLAB_IMAGE } };
  return FORWARDLAB_OPENSSH ? { server: { suite: suiteOf(FORWARDLAB_OPENSSH) } } : {};
}

/** The topology, with the images that the lab states for its hosts; a host with an image of its own is a container. */
function specOf({ spec = articleLab(), images = {} }: LabOptions<string>): LabSpec {
  const changed = Object.entries(images).flatMap(([name, image]) => {
    const host = spec.hosts[name];
    if (!host) throw new UserError("unknown-host", `the lab has no host ${name}`, { expected: Object.keys(spec.hosts).join(", ") });
    return image === undefined ? [] : [[name, { ...host, kind: "container" as const, image }] as const];
  });
  return { ...spec, hosts: { ...spec.hosts, ...Object.fromEntries(changed) } };
}

async function readServer(input: Required<ServerInput>, folder: string): Promise<ServerState> {
  const [sshdConfig, firewall, accounts] = await Promise.all([
    readSshd(input.sshd, folder),
    readFirewall(input.firewall, folder),
    readAccounts(input.accounts, folder),
  ]);
  return { sshdConfig, firewall, accounts };
}

/** Equal for equal input. What a path leads to is taken to stay as it is while the tests run. */
function keysOf(input: Required<ServerInput>, folder: string): { [Part in keyof Required<ServerInput>]: string } {
  const key = (part: unknown) => {
    const text = JSON.stringify(part);
    return /"(path|authorizedKeys)":/.test(text) ? `${folder} ${text}` : text;
  };
  return { sshd: key(input.sshd), firewall: key(input.firewall), accounts: key(input.accounts) };
}

function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** A word as a shell would need it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./[\]*-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
