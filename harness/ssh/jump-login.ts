/** Logging in through jump hosts: what the client host needs for it, and what keeps an ssh from getting through. */
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { Refusal } from "../core/forward-outcome.ts";
import type { HostFile } from "../lab/host.ts";
import { loginAddress, peerAddress } from "../openssh/client-log.ts";
import type { ForwardRequest } from "../openssh/forward-request.ts";
import { refusingGate } from "../openssh/gates.ts";
import type { HopLimits } from "../openssh/idle-limits.ts";
import { type JumpHop, type JumpLogin, jumpConfig } from "../openssh/jump.ts";
import { readLog } from "../openssh/log-events.ts";
import { LoginError, loginError, loginReason } from "../openssh/login-failure.ts";
import { refusalBy } from "../openssh/refusal.ts";
import { connectTimeoutS } from "../openssh/ssh-command.ts";
import { awaitLog } from "./await-log.ts";
import { chooseKey } from "./choose-key.ts";
import { keyInQuestion } from "./describe-forward.ts";
import type { SshServer } from "./ssh-server.ts";

/** A server on the way of an ssh. */
export interface JumpServer {
  /** As typed. */
  hop: JumpHop;
  sshd: SshServer;
  /** Account that logs in there. */
  account: string;
  /** Which of its logins; default 0. */
  keyIndex?: number;
  /** Where the one before connects to, and the server's end of that connection. */
  address: string;
  port: number;
  local: { address: string; port: number };
  /** What it is asked to connect to: names as ssh sends them. */
  target: { host: string; port: number };
  /** Asked where the server after it gets no connection: rejects when it knows what keeps this one from it. */
  findObstacle?: () => Promise<void>;
}

/** One ssh's way through them. */
export class JumpWay {
  readonly #hops: readonly JumpServer[];
  readonly #marks: readonly number[];
  readonly #folder: string;

  /** @param folder on the client host, for the files of this ssh */
  constructor(hops: readonly JumpServer[], folder: string) {
    this.#hops = hops;
    this.#folder = folder;
    this.#marks = hops.map(({ sshd }) => sshd.log().length);
  }

  /** Path of ssh's config on the client host. */
  get configFile(): string {
    return `${this.#folder}/config`;
  }

  /** Keys, known hosts and the config, by path. */
  files(): Record<string, HostFile> {
    const files: Record<string, HostFile> = {};
    const logins = this.#hops.map((jump, at): JumpLogin => {
      const { hop, sshd, account, address, port } = jump;
      const [keyFile, knownHostsFile] = [`${this.#folder}/jump-${at}`, `${this.#folder}/known-jump-${at}`];
      const key = keyOf(jump);
      files[keyFile] = { content: key.key.privateKey, mode: 0o600 };
      if (key.certificate) files[`${keyFile}-cert.pub`] = { content: `${key.certificate.text}\n`, mode: 0o644 };
      files[knownHostsFile] = { content: sshd.knownHosts };
      // The first is found by the client; each further one by the one before, which is asked for what was typed.
      const found = at === 0 ? address : hop.hostName;
      return { name: hop.name, ...(found === undefined ? {} : { address: found }), account, port, keyFile, knownHostsFile };
    });
    files[this.configFile] = { content: jumpConfig(logins, connectTimeoutS), mode: 0o600 };
    return files;
  }

  /**
   * Rejects when it knows what keeps ssh from its server, hop by hop; a hop that has let the account in and refuses to go on says so itself.
   * @param ended resolves when ssh has ended
   */
  async findObstacle(first: (() => Promise<void>) | undefined, ended: Promise<unknown>): Promise<void> {
    await first?.();
    for (const [at, { sshd, findObstacle }] of this.#hops.entries()) {
      await untilLine(sshd, () => this.#acceptedFrom(at) !== undefined, ended);
      if (this.#acceptedFrom(at) === undefined || (await this.#refusal(at)) !== undefined) return;
      await findObstacle?.();
    }
  }

  /** What the hops' sshds close because nobody uses it, of an ssh that has got through. */
  async idleLimits(): Promise<HopLimits[]> {
    const all = this.#hops.map(async ({ sshd, target, address }, at) => {
      await awaitLog([sshd], () => this.#acceptedFrom(at) !== undefined);
      const { idleLimits } = await this.#settings(at, this.#acceptedFrom(at) ?? address);
      return { hop: sshd.host.name, limits: idleLimits({ kind: "local", bind: undefined, listenPort: 0, target }) };
    });
    return (await Promise.all(all)).filter(({ limits }) => limits.length > 0);
  }

  /** Why ssh did not get to the sshd behind the last hop. */
  async failure(clientLog: readonly string[]): Promise<UserError> {
    for (const [at, jump] of this.#hops.entries()) {
      const { hop, sshd, account, address, port, local, target, findObstacle } = jump;
      await awaitLog([sshd], () => this.#acceptedFrom(at) !== undefined || loginReason(this.#log(at), account) !== undefined);
      if (this.#acceptedFrom(at) === undefined) {
        const addr = peerAddress(this.#log(at));
        return loginError({
          ...(addr === undefined ? {} : { source: (await this.#settings(at, addr)).source }),
          account,
          address: `${address}, port ${port}`,
          jump: { name: hop.name, at: `${sshd.host.name}, ${local.address}` },
          key: keyOf(jump),
          keyCount: sshd.keysFor(account).length,
          // What the last ssh says of a hop that ended tells nothing.
          clientLog: clientLog.filter((line) => !/^(kex_exchange_identification|Connection closed by UNKNOWN)/.test(line)),
          serverLog: this.#log(at),
          dialled: addr !== undefined,
        });
      }
      const refusal = (await this.#hasRefused(at, clientLog)) ? await this.#refusal(at) : undefined;
      if (refusal) return jumpRefused(this.#hops[at] as JumpServer, refusal, [...clientLog, ...this.#log(at)]);
      const next = this.#hops[at + 1];
      if (next && peerAddress(this.#log(at + 1)) !== undefined) continue;
      await findObstacle?.();
      const said = clientLog.find((line) => /open failed: |^ssh: /.test(line));
      return new UserError(
        "ssh-connect",
        `the jump host ${hop.name} cannot connect to ${target.host}, port ${target.port}: ${said ?? "no reason given"}`,
        {
          fault: faultOf("jump-cannot-connect", { hop: hop.name, host: target.host, port: target.port, said }),
          expected: "a TCP connection from the jump host to the next sshd's port",
          todo: "allow the jump host in the next server's firewall, or correct its Port, its ListenAddress and the addresses under `network:`",
          log: [...clientLog.slice(-12), ...this.#log(at).slice(-12)].join("\n"),
        },
      );
    }
    return new UserError("ssh-connect", "ssh got through its jump hosts, and no further", {
      fault: faultOf("jump-no-further", {}),
      log: clientLog.slice(-12).join("\n"),
    });
  }

  #log(at: number): string[] {
    return this.#hops[at]?.sshd.log().slice(this.#marks[at]) ?? [];
  }

  /** Client's address of the login there; undefined: none, or no such hop. */
  #acceptedFrom(at: number): string | undefined {
    return loginAddress(this.#log(at), this.#hops[at]?.account ?? "");
  }

  #settings(at: number, addr: string) {
    const { sshd, account, local } = this.#hops[at] as JumpServer;
    return sshd.effectiveFor(account, { addr, laddr: local.address, lport: local.port });
  }

  /** Has a hop, as far as ssh got, said that it does not connect to the next? */
  async #hasRefused(at: number, clientLog: readonly string[]): Promise<boolean> {
    const { sshd } = this.#hops[at] as JumpServer;
    const denied = () => readLog(this.#log(at)).some(({ kind }) => kind === "target-denied");
    await awaitLog([sshd], denied);
    const last = this.#acceptedFrom(at + 1) === undefined;
    return denied() || (last && readLog(clientLog).some((event) => event.kind === "channel-refused" && event.prohibited));
  }

  /** The setting or key option by which a hop that let the account in refuses to connect to the next. */
  async #refusal(at: number): Promise<Refusal | undefined> {
    const jump = this.#hops[at] as JumpServer;
    const { sshd, account, target, hop } = jump;
    const addr = this.#acceptedFrom(at);
    if (addr === undefined) return undefined;
    const settings = (await this.#settings(at, addr)).source;
    const request: ForwardRequest = { kind: "local", bind: undefined, listenPort: 0, target };
    const gate = refusingGate({ request, settings, key: keyInQuestion(keyOf(jump)) }, target);
    const params = { hop: hop.name, server: sshd.host.name, account, target: `${target.host}:${target.port}` };
    if (gate) return { ...refusalBy(gate), code: "jump-refused", params };
    // Whatever its settings say: what it logs is what it did.
    const said = readLog(this.#log(at)).find((event) => event.kind === "target-denied")?.line;
    return said === undefined ? undefined : { layer: "sshd-policy", code: "jump-refused", params: { ...params, said }, text: said };
  }
}

function keyOf({ sshd, account, keyIndex }: JumpServer): ReturnType<typeof chooseKey> {
  return chooseKey(sshd, { account, ...(keyIndex === undefined ? {} : { keyIndex }) });
}

function jumpRefused({ hop, target }: JumpServer, refusal: Refusal, log: readonly string[]): LoginError {
  const { source, text } = refusal;
  return new LoginError(
    { kind: "jump-refused", said: text, ...(source ? { source } : {}), jump: refusal },
    `the jump host ${hop.name} refuses to connect to ${target.host}, port ${target.port}: ${text}`,
    {
      place: source?.file === undefined ? undefined : { file: source.file, ...(source.line === undefined ? {} : { line: source.line }) },
      fault: faultOf("jump-refuses", { hop: hop.name, host: target.host, port: target.port, said: text }),
      found: text,
      expected: `a jump host that lets the account connect to ${target.host}:${target.port}, by that name`,
      todo: "allow it there (AllowTcpForwarding, PermitOpen, the key's options), or state `login: refused`",
      log: log.slice(-24).join("\n"),
    },
  );
}

/** Resolves once it holds, looked at again after each line of the log, or at the end of what was waited with. */
async function untilLine(sshd: SshServer, holds: () => boolean, ended: Promise<unknown>): Promise<void> {
  const held = Promise.withResolvers<void>();
  const look = () => (holds() ? held.resolve() : undefined);
  const stop = sshd.onLine(look);
  look();
  await Promise.race([held.promise, ended]);
  stop();
}
