/** A running lab that many use in turn: what one of them opens, starts and changes is gone before the next. */

import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { Check } from "../core/self-check.ts";
import { parseForwardArguments } from "../openssh/forward-arguments.ts";
import type { Service } from "../probe/services.ts";
import { equipClient } from "../ssh/equip-client.ts";
import { Changes } from "./changes.ts";
import { DeclaredServer, type ServerFiles } from "./declared-server.ts";
import type { ForwardHandle } from "./forward-handle.ts";
import { ForwardLab } from "./forward-lab.ts";
import { readServer, type ServerInput } from "./server-input.ts";
import { type LabOptions, statedInput, statedServer, statedSpec } from "./stated-lab.ts";

export interface SshOptions {
  /** Account on the server. Default: the first one. */
  as?: string;
  /** Which of the account's keys, from 0. */
  key?: number;
  /** `false`: the lab puts no service of its own at the place that the forward leads to; what was started there, if anything, answers. */
  service?: boolean;
}

export class LabSession implements AsyncDisposable {
  readonly lab: ForwardLab;
  readonly changes: Changes;
  readonly #server: DeclaredServer;
  readonly #forwards = new Set<ForwardHandle>();
  /** Hosts whose own ssh was given keys. */
  readonly #equipped = new Set<string>();

  private constructor(lab: ForwardLab, server: DeclaredServer) {
    this.lab = lab;
    this.changes = new Changes(lab.lab);
    this.#server = server;
  }

  /**
   * Starts the lab. Paths in `options` are relative to `folder`.
   * @throws UserError also when the lab fails its self-check: then it can give no verdicts
   */
  static async start(options: LabOptions<string>, folder: string): Promise<LabSession> {
    const declared = statedInput(options);
    const { sshdConfig, firewall, accounts } = await readServer(declared, folder);
    const server = statedServer(options);
    await using started = new AsyncDisposableStack();
    const lab = started.use(
      await ForwardLab.start({
        spec: statedSpec(options),
        sshdConfig,
        accounts,
        // Whoever states a lab is a program's author: the program could pull as well.
        pull: true,
        ...(firewall ? { firewall } : {}),
        ...(options.cgroups ? { cgroups: options.cgroups } : {}),
        ...(server ? { server } : {}),
      }),
    );
    requireSound(lab.checks);
    started.move();
    return new LabSession(lab, new DeclaredServer(lab, declared, folder));
  }

  /** For the next user, whose relative paths start from `folder`: the server is wanted as declared. */
  begin(folder: string): void {
    this.#server.reset(folder);
  }

  /** Another sshd_config, firewall or set of accounts until the end; what is left out stays. */
  async use(server: ServerInput): Promise<void> {
    this.#server.want(server);
    await this.#server.settle();
  }

  /** The server runs what is wanted. */
  settle(): Promise<void> {
    return this.#server.settle();
  }

  /** Nobody knows what still runs there: the server starts anew with the next `settle`. */
  distrust(): void {
    this.#server.distrust();
  }

  /** What is wanted of the server, as texts. */
  describeServer(): Promise<ServerFiles> {
    return this.#server.describe();
  }

  /** The account that logs in where none is named. */
  get defaultAccount(): string {
    return this.#server.accounts[0] ?? "tunnel";
  }

  /** Opens a forward with the real ssh; the words are as typed. That it is refused is a result. */
  async open(from: string, words: readonly string[], { as, key, service }: SshOptions): Promise<ForwardHandle> {
    await this.settle();
    const ssh = parseForwardArguments(words.length === 1 ? (words[0] as string) : words.map(quoted).join(" "));
    const handle = await this.lab.open({
      name: `ssh ${ssh.text}`,
      from,
      account: as ?? this.defaultAccount,
      ssh,
      ...(key === undefined ? {} : { keyIndex: key }),
      ...(service === false ? { onlyGivenServices: "anywhere" } : {}),
    });
    this.#forwards.add(handle);
    return handle;
  }

  async serve(host: string, port: number, address: string | undefined): Promise<Service> {
    await this.settle();
    return this.lab.service(host, port, address);
  }

  /** The same on a Unix socket. */
  async serveSocket(host: string, path: string): Promise<Service> {
    await this.settle();
    return this.lab.socketService(host, path);
  }

  /** Lets root's own ssh on a host log in by name. */
  async equip(host: string): Promise<void> {
    await this.settle();
    this.#equipped.add(host);
    await equipClient(this.lab.lab.host(host), this.lab.server, this.#server.accounts);
  }

  /** What the next user must not find. Throws, when all the rest is done, the first failure to undo a change. */
  async clean(): Promise<void> {
    const { silenced, failure } = await this.changes.undo();
    // Nobody knows which sessions sshd still holds after its clients fell silent: it starts anew.
    if (silenced) this.#server.distrust();
    const forwards = [...this.#forwards];
    this.#forwards.clear();
    await Promise.all(forwards.map((forward) => forward[Symbol.asyncDispose]()));
    await this.lab.endServices();
    await this.lab.removeSocketFiles();
    await Promise.all([...this.#equipped].map((name) => this.lab.lab.host(name).remove(["/root/.ssh"])));
    this.#equipped.clear();
    if (failure !== undefined) throw failure;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lab[Symbol.asyncDispose]();
  }
}

function requireSound(checks: readonly Check[]): void {
  const failed = checks.filter(({ ok }) => !ok);
  if (failed.length === 0) return;
  throw new UserError("self-check", "the lab failed its self-check, so it gives no verdicts", {
    fault: faultOf("lab-unsound", {}),
    log: failed.map(({ name, detail }) => (detail === undefined ? `not so: ${name}` : `not so: ${name} (${detail})`)).join("\n"),
    todo: "check the lab's spec: is every host connected to a router with a route to the server?",
  });
}

/** A word as a shell would need it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./[\]*-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
