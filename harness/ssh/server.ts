/** A running sshd with the user's own config, and how it treats each account. */
import { isDeepStrictEqual } from "node:util";
import { adapted, type HostAdaptation } from "../core/adaptation.ts";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { type Warning, warning } from "../core/warning.ts";
import type { Host, HostFile, HostProcess } from "../lab/host.ts";
import type { EffectiveSettings } from "../openssh/effective.ts";
import { idleLimits } from "../openssh/idle-limits.ts";
import { adaptationFolder } from "../openssh/login-needs.ts";
import { isInMatch, locateSetting, settingsElsewhere } from "../openssh/setting-source.ts";
import { missingListenAddress } from "../openssh/sshd-messages.ts";
import type { OpenSshVersion } from "../openssh/version.ts";
import { Authorities } from "./authorities.ts";
import { makeCgroups, namedGroups } from "./cgroups.ts";
import { prepareHostKeys } from "./host-keys.ts";
import { type PreparedLogins, prepareLogins } from "./prepare-logins.ts";
import { type PreparedAccount, ServerAccounts } from "./server-accounts.ts";
import { asArguments, commandLineSettings, configuredPort, sshdIdentity } from "./server-settings.ts";
import type { AccountKey, EffectiveAnswer, SshServer, SshServerOptions } from "./ssh-server.ts";
import { awaitSshd, type RunningSshd } from "./sshd-process.ts";
import { findSshd, type SshdProgram } from "./sshd-program.ts";
import { SshdQuestions } from "./sshd-questions.ts";

export type { ServerAccount, SshServer, SshServerOptions } from "./ssh-server.ts";

/**
 * Starts sshd of the host's image with the user's config; ready when it listens on every Port and ListenAddress.
 * Throws UserError `no-sshd` (image without sshd), `sshd-config` (sshd refuses the config: with the user's file and line),
 * `sshd-start` (sshd ended or did not listen).
 */
export async function startSshServer(host: Host, options: SshServerOptions): Promise<SshServer> {
  const server = new Server(host, await findSshd(host), options);
  await server.start();
  return server;
}

class Server implements SshServer {
  readonly host: Host;
  readonly #program: SshdProgram;
  #options: SshServerOptions;
  readonly #accounts: ServerAccounts;
  readonly #authorities = new Authorities();
  #questions: SshdQuestions;
  #running: RunningSshd | undefined;
  #uploaded: string[] = [];
  #lastLog: string[] = [];
  #warnings: Warning[] = [];
  /** PAM's rules that move logins into their control groups. */
  #pam: string | undefined;
  adaptations: HostAdaptation[] = [];
  knownHosts = "";

  constructor(host: Host, program: SshdProgram, options: SshServerOptions) {
    this.host = host;
    this.#program = program;
    this.#options = options;
    this.#accounts = new ServerAccounts(host);
    this.#questions = this.#newQuestions([]);
  }

  get identity(): string {
    return sshdIdentity(this.host.name);
  }

  get version(): OpenSshVersion {
    return this.#program.version;
  }

  get warnings(): Warning[] {
    return [...this.#warnings, ...this.#questions.warnings];
  }

  get listening(): { address: string; port: number }[] {
    return this.#running?.listening ?? [];
  }

  get port(): number {
    const first = configuredPort(this.#options);
    return this.listening.some(({ port }) => port === first) ? first : (this.listening[0]?.port ?? first);
  }

  log(from?: number, to?: number): string[] {
    return this.#running?.log(from, to) ?? this.#lastLog.slice(from, to);
  }

  onLine(listener: () => void): () => void {
    return this.#running?.onLine(listener) ?? (() => undefined);
  }

  /** `stopped`: a former sshd has ended. */
  async start(stopped?: Promise<void>): Promise<void> {
    const { config } = this.#options;
    this.adaptations = [...config.adaptations];
    this.#warnings = [...config.warnings];
    const [hostKeys, notes] = await Promise.all([this.#writeConfig(), this.#accounts.make(this.#options), stopped]);
    this.knownHosts = hostKeys;
    await this.#makeCgroups();
    const settings = commandLineSettings(this.#options, this.#program, this.host.name);
    this.#questions = this.#newQuestions(asArguments(settings));
    const logins = await this.#startAndPrepare();
    this.#uploaded.push(...logins.paths);
    this.#warnings.push(...logins.warnings);
    this.#warnings.push(...(await this.#loginsNotMoved()));
    this.adaptations.push(...notes, adapted("sshd-options", { settings }), ...logins.notes);
  }

  /** Most configs need nothing added: sshd starts while it is asked how it treats each login, and once more where its answers call for other arguments. */
  async #startAndPrepare(): Promise<PreparedLogins> {
    const argv = this.#argv;
    await using early = new AsyncDisposableStack();
    const preparing = prepareLogins({
      host: this.host,
      config: this.#options.config,
      program: this.#program,
      accounts: this.#accounts.all,
      connections: this.#connections(),
      port: configuredPort(this.#options),
      questions: this.#questions,
      authorities: this.#authorities,
      ...(this.#options.ssh2 ? { ssh2: true } : {}),
    });
    // After the question, whose answer is waited for longer.
    const spawning = this.#spawn(argv).then((process) => early.use(process));
    // Of a config that sshd refuses, its answer has the file and line.
    const [prepared, spawned] = await Promise.allSettled([preparing, spawning]);
    if (prepared.status === "rejected") throw prepared.reason;
    if (spawned.status === "rejected") throw spawned.reason;
    if (isDeepStrictEqual(argv, this.#argv)) {
      early.move();
      await this.#awaitListening(spawned.value);
    } else {
      await early.disposeAsync();
      await this.#awaitListening(await this.#spawn(this.#argv));
    }
    return prepared.value;
  }

  #spawn(argv: readonly string[]): Promise<HostProcess> {
    const cgroup = this.#options.cgroups?.sshd;
    return this.host.spawn(argv, cgroup === undefined ? {} : { cgroup });
  }

  async #makeCgroups(): Promise<void> {
    const { cgroups, config } = this.#options;
    if (!cgroups) return;
    const service = config.lines.find(({ keyword }) => keyword === "pamservicename")?.args[0] ?? "sshd";
    const accounts = this.#accounts.all.map(({ name }) => name);
    this.#pam = await makeCgroups(this.host, cgroups, { accounts, service });
    this.adaptations.push(
      adapted("cgroups-made", { groups: namedGroups(cgroups), ...(this.#pam === undefined ? {} : { pam: this.#pam }) }),
    );
  }

  /** Without PAM nobody moves a login; nor does anybody on the server. */
  async #loginsNotMoved(): Promise<Warning[]> {
    const { sshd = "", logins = {} } = this.#options.cgroups ?? {};
    const accounts = Object.keys(logins);
    const [account] = accounts;
    if (account === undefined) return [];
    const { settings } = await this.effectiveFor(account, this.#connections()[0] as { addr: string; laddr: string });
    const isMoved = this.#pam !== undefined && settings.get("usepam")?.[0] === "yes";
    return isMoved ? [] : [warning("logins-stay-in-cgroup", { group: sshd, accounts })];
  }

  async #awaitListening(process: HostProcess): Promise<void> {
    const first = await this.effectiveFor(
      this.#options.accounts[0]?.name ?? "root",
      this.#connections()[0] as { addr: string; laddr: string },
    );
    const expected = first.settings.get("listenaddress")?.length ?? 1;
    this.#running = await awaitSshd(process, this.#options.config, expected);
    this.#warnings.push(...this.#running.problems.map((message) => this.#unbound(message)));
  }

  #unbound(message: string): Warning {
    const missing = missingListenAddress(this.#options.config, message);
    return missing ? warning("listen-address-missing", { address: missing.address }, missing.place) : warning("sshd-said", { message });
  }

  get #argv(): string[] {
    return [this.#program.path, "-D", "-e", ...this.#questions.argv];
  }

  async stop(): Promise<void> {
    const running = this.#running;
    if (!running) return;
    this.#lastLog = running.log();
    this.#running = undefined;
    await running[Symbol.asyncDispose]();
  }

  async restart(options: Partial<SshServerOptions>): Promise<void> {
    // It has been told to end before anything is changed: what it takes to do so is no time to wait.
    const stopped = this.stop();
    this.#options = { ...this.#options, ...options };
    try {
      await this.start(stopped);
    } finally {
      await stopped;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  keysFor(account: string): readonly AccountKey[] {
    return this.#account(account).keys;
  }

  keyNotesFor(account: string): readonly Warning[] {
    return this.#account(account).notes;
  }

  async effectiveFor(account: string, connection: { addr: string; laddr: string; lport?: number }): Promise<EffectiveAnswer> {
    const context = { user: account, ...connection, lport: connection.lport ?? this.port };
    const settings = await this.#questions.about(context);
    const { config } = this.#options;
    const who = { ...context, groups: this.#accounts.find(account)?.groups };
    const source = (keyword: string) => locateSetting(config, keyword, (settings.get(keyword.toLowerCase()) ?? []).join(" "), who);
    return {
      context,
      settings,
      source,
      idleLimits: (request) => idleLimits(request, source, this.version, (setting) => isInMatch(config, setting)),
      elsewhere: (sources) => settingsElsewhere(config, sources, who),
    };
  }

  plainSettings(): Promise<EffectiveSettings | undefined> {
    return this.#questions.plain();
  }

  #account(name: string): PreparedAccount {
    const account = this.#accounts.find(name);
    if (account) return account;
    throw new UserError("ssh-account", `the server has no account ${name} in this lab`, {
      fault: faultOf("server-account-unknown", { name, known: this.#accounts.all.map((each) => each.name) }),
      expected: `one of ${this.#accounts.all.map((each) => each.name).join(", ")}`,
      todo: "add it under `server.accounts`",
    });
  }

  #newQuestions(argv: readonly string[]): SshdQuestions {
    return new SshdQuestions(this.host, this.#options.config, this.#program.path, argv);
  }

  #connections(): readonly { addr: string; laddr: string }[] {
    const given = this.#options.connections;
    return given && given.length > 0 ? given : [{ addr: "192.0.2.1", laddr: this.host.addresses[0]?.address ?? "127.0.0.1" }];
  }

  /** Puts the user's files where sshd looks for them, and host keys beside them. The image's own config goes. */
  async #writeConfig(): Promise<string> {
    const { config } = this.#options;
    const keys = await prepareHostKeys(config);
    const files: Record<string, HostFile> = { ...keys.files };
    for (const [path, content] of Object.entries(config.files)) files[path] = { content };
    files[`${adaptationFolder}/README`] = {
      content: "Files of the lab. The server's own config is /etc/ssh/sshd_config, unchanged.\n",
    };
    const insteadOf = [...this.#uploaded, "/etc/ssh/sshd_config", "/etc/ssh/sshd_config.d", adaptationFolder];
    await this.host.writeFiles(files, { insteadOf });
    this.#uploaded = Object.keys(files);
    this.adaptations.push(adapted("host-keys", { paths: Object.keys(keys.files).filter((path) => !path.endsWith(".pub")) }));
    return keys.knownHosts;
  }
}
