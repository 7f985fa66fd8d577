/** A running sshd with the user's own config, and how it treats each account. */
import { UserError } from "../errors.ts";
import type { Host, HostFile } from "../lab/host.ts";
import type { Account } from "./accounts.ts";
import { labKeyLine, parseAuthorizedKeys } from "./authorized-keys.ts";
import { type ConnectionContext, connectionSpec, type EffectiveSettings, effectiveValue, parseEffective } from "./effective.ts";
import { prepareHostKeys } from "./host-keys.ts";
import { type KeyType, type LabKey, makeKey } from "./keys.ts";
import { adaptationsFile, authorizedKeysPaths, loginNeeds } from "./login-needs.ts";
import type { SettingSource } from "./outcome.ts";
import { groupsNamedIn, writeAccounts } from "./server-files.ts";
import { locateSetting } from "./setting-source.ts";
import type { SshdConfig } from "./sshd-config.ts";
import { readSshdMessage, sshdConfigError } from "./sshd-messages.ts";
import { type RunningSshd, runSshd } from "./sshd-process.ts";
import { findSshd, type SshdProgram } from "./sshd-program.ts";
import { atLeast, type OpenSshVersion } from "./version.ts";

/** An account of the server, as the policy names it. */
export interface ServerAccount {
  name: string;
  /** Default: from 1000 up. */
  uid?: number;
  /** Supplementary groups; made when the image has none of that name. */
  groups?: readonly string[];
  /** Login shell, e.g. /usr/sbin/nologin. Default: /bin/sh, or what the image has for the account. */
  shell?: string;
  /** The user's authorized_keys; left out: one key without options. */
  authorizedKeys?: { text: string; display: string };
}

/** A login that the lab can do: one of the account's key lines, with the lab's own key in place of the user's. */
export interface AccountKey {
  /** 0-based, in the order of the file. */
  index: number;
  key: LabKey;
  /** Options of the line, byte for byte; "" when none. */
  options: string;
  /** Where the line stands in the user's file. */
  place?: { file: string; line: number };
}

export interface SshServerOptions {
  config: SshdConfig;
  accounts: readonly ServerAccount[];
  /**
   * Connections that will be made (client's address as the server sees it, server's address). `Match Address` may give each other settings,
   * for example another AuthorizedKeysFile. Left out: from 192.0.2.1 to the host's first address.
   */
  connections?: readonly { addr: string; laddr: string }[];
  /** Further `-o` settings on sshd's command line (`Keyword=value`), each listed in `adaptations`. */
  extra?: readonly string[];
}

export interface EffectiveAnswer {
  context: ConnectionContext;
  settings: EffectiveSettings;
  /** A setting with its place in the user's files; for keywords that sshd does not print, the value is "". */
  source(keyword: string): SettingSource;
}

export interface SshServer extends AsyncDisposable {
  readonly host: Host;
  readonly version: OpenSshVersion;
  /** What the lab added to the user's config, for a person. */
  readonly adaptations: readonly string[];
  readonly warnings: readonly string[];
  /** Addresses and ports that sshd says it listens on, IPv6 without brackets. */
  readonly listening: readonly { address: string; port: number }[];
  /** First port that sshd listens on. */
  readonly port: number;
  /** Lines for a client's known_hosts, any address. */
  readonly knownHosts: string;
  /** All that sshd and its sessions printed since it was started last. */
  log(): string[];
  /** sshd's settings for one connection, with the user's line for each that is asked for. */
  effectiveFor(account: string, connection: { addr: string; laddr: string; lport?: number }): Promise<EffectiveAnswer>;
  /** Keys that can log in as this account, maybe none. Throws UserError `ssh-account` for an account that was not given. */
  keysFor(account: string): readonly AccountKey[];
  /** Notes about the account's authorized_keys lines that are left out. */
  keyNotesFor(account: string): readonly string[];
  /** Ends sshd and every session, and starts it with another config (or accounts, …) in the same host. On failure nothing runs. */
  restart(options: Partial<SshServerOptions>): Promise<void>;
  /** Ends sshd and every session. */
  stop(): Promise<void>;
}

const folder = "/run/forwardlab";

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

interface PreparedAccount extends Account {
  keys: AccountKey[];
  notes: string[];
  /** Paths of authorized_keys that sshd reads for it. */
  keyFiles: Set<string>;
}

class Server implements SshServer {
  readonly host: Host;
  readonly #program: SshdProgram;
  #options: SshServerOptions;
  #running: RunningSshd | undefined;
  /** Arguments of sshd that say which config counts: the same for `-T` and for the server. */
  #configArgv: string[] = [];
  #accounts = new Map<string, PreparedAccount>();
  #answers = new Map<string, Promise<EffectiveSettings>>();
  /** Accounts that the image did not have. */
  readonly #made = new Set<string>();
  #uploaded: string[] = [];
  #lastLog: string[] = [];
  adaptations: string[] = [];
  warnings: string[] = [];
  knownHosts = "";

  constructor(host: Host, program: SshdProgram, options: SshServerOptions) {
    this.host = host;
    this.#program = program;
    this.#options = options;
  }

  get version(): OpenSshVersion {
    return this.#program.version;
  }

  get listening(): { address: string; port: number }[] {
    return this.#running?.listening ?? [];
  }

  get port(): number {
    return this.listening[0]?.port ?? this.#configuredPort();
  }

  log(): string[] {
    return this.#running?.log() ?? this.#lastLog;
  }

  async start(): Promise<void> {
    const { config } = this.#options;
    this.adaptations = [];
    this.warnings = [...config.warnings];
    this.#answers.clear();
    const [hostKeys] = await Promise.all([this.#writeConfig(), this.#makeAccounts()]);
    this.knownHosts = hostKeys;
    this.#configArgv = this.#commandLineSettings();
    await this.#prepareLogins();
    await this.#writeAuthorizedKeys();
    const first = await this.effectiveFor(
      this.#options.accounts[0]?.name ?? "root",
      this.#connections()[0] as { addr: string; laddr: string },
    );
    const expected = first.settings.get("listenaddress")?.length ?? 1;
    this.#running = await runSshd(this.host, [this.#program.path, "-D", "-e", ...this.#configArgv], config, expected);
    this.warnings.push(...this.#running.problems.map((text) => `sshd: ${text}`));
  }

  async stop(): Promise<void> {
    const running = this.#running;
    if (!running) return;
    this.#lastLog = running.log();
    this.#running = undefined;
    await running[Symbol.asyncDispose]();
  }

  async restart(options: Partial<SshServerOptions>): Promise<void> {
    await this.stop();
    this.#options = { ...this.#options, ...options };
    await this.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  keysFor(account: string): readonly AccountKey[] {
    return this.#account(account).keys;
  }

  keyNotesFor(account: string): readonly string[] {
    return this.#account(account).notes;
  }

  async effectiveFor(account: string, connection: { addr: string; laddr: string; lport?: number }): Promise<EffectiveAnswer> {
    const context = { user: account, ...connection, lport: connection.lport ?? this.port };
    const spec = connectionSpec(context);
    const pending = this.#answers.get(spec) ?? this.#ask([spec]).then((answers) => answers[0] as EffectiveSettings);
    this.#answers.set(spec, pending);
    const settings = await pending;
    const groups = this.#accounts.get(account)?.groups;
    return {
      context,
      settings,
      source: (keyword) =>
        locateSetting(this.#options.config, keyword, (settings.get(keyword.toLowerCase()) ?? []).join(" "), { ...context, groups }),
    };
  }

  #account(name: string): PreparedAccount {
    const account = this.#accounts.get(name);
    if (account) return account;
    throw new UserError("ssh-account", `the server has no account ${name} in this lab`, {
      expected: `one of ${[...this.#accounts.keys()].join(", ")}`,
      todo: "name it under `server.accounts`",
    });
  }

  #connections(): readonly { addr: string; laddr: string }[] {
    const given = this.#options.connections;
    return given && given.length > 0 ? given : [{ addr: "192.0.2.1", laddr: this.host.addresses[0]?.address ?? "127.0.0.1" }];
  }

  #configuredPort(): number {
    const line = this.#options.config.lines.find((entry) => entry.keyword === "port");
    return Number(line?.args[0]) || 22;
  }

  /** Puts the user's files where sshd looks for them, and host keys beside them. The image's own config goes. */
  async #writeConfig(): Promise<string> {
    const { config } = this.#options;
    const keys = await prepareHostKeys(config);
    await this.host.remove([...this.#uploaded, "/etc/ssh/sshd_config", "/etc/ssh/sshd_config.d", folder]);
    const files: Record<string, HostFile> = { ...keys.files };
    for (const [path, content] of Object.entries(config.files)) files[path] = { content };
    files[`${folder}/README`] = { content: "Files of the lab. The server's own config is /etc/ssh/sshd_config, unchanged.\n" };
    await this.host.writeFiles(files);
    this.#uploaded = Object.keys(files);
    this.adaptations.push(
      `host keys of the lab at ${Object.keys(keys.files)
        .filter((path) => !path.endsWith(".pub"))
        .join(", ")}`,
    );
    return keys.knownHosts;
  }

  async #makeAccounts(): Promise<void> {
    const { accounts, config } = this.#options;
    const known = this.#accounts;
    const made = await writeAccounts(this.host, accounts, groupsNamedIn(config));
    this.#accounts = new Map();
    for (const [index, account] of made.accounts.entries()) {
      const source = accounts[index]?.authorizedKeys;
      const read = source ? parseAuthorizedKeys(source.text, source.display) : undefined;
      const lines = read?.keys ?? [{ options: "", line: undefined }];
      const old = known.get(account.name)?.keys ?? [];
      const keys = await Promise.all(
        lines.map(
          async ({ options, line }, i): Promise<AccountKey> => ({
            index: i,
            key: old[i]?.key ?? (await makeKey("ed25519")),
            options,
            place: source && line !== undefined ? { file: source.display, line } : undefined,
          }),
        ),
      );
      this.#accounts.set(account.name, { ...account, keys, notes: read?.notes ?? [], keyFiles: new Set() });
      this.warnings.push(...(read?.notes ?? []));
    }
    this.adaptations.push(...made.notes);
    for (const account of made.accounts) if (!account.existing) this.#made.add(account.name);
    const fresh = accounts.map((account) => account.name).filter((name) => this.#made.has(name));
    if (fresh.length > 0) this.adaptations.push(`accounts made: ${fresh.join(", ")}`);
  }

  #commandLineSettings(): string[] {
    const settings = ["PidFile=none", "LogLevel=VERBOSE"];
    const level = this.#options.config.lines.find((line) => line.keyword === "loglevel" && line.match.length === 0)?.args[0];
    if (/^(verbose|debug)/i.test(level ?? "")) settings.pop();
    // All vantage points and all forwards share few addresses: one refused login must not shut the others out.
    if (atLeast(this.version, 9, 8)) settings.push("PerSourcePenalties=no");
    settings.push(...(this.#options.extra ?? []));
    this.adaptations.push(`sshd's command line: ${settings.map((setting) => `-o ${setting}`).join(" ")}`);
    return settings.flatMap((setting) => ["-o", setting]);
  }

  /** Asks sshd about each account and connection; adds what the lab needs to log in, and asks again where that changes the answer. */
  async #prepareLogins(): Promise<void> {
    let settings = await this.#askAll();
    const overrides = new Map<string, string[]>();
    const keyTypes = new Map<PreparedAccount, KeyType>();
    const extra: string[] = [];
    for (const { account, answer } of settings) {
      const needs = loginNeeds(account.name, answer, this.version);
      const lines = overrides.get(account.name) ?? [];
      for (const line of needs.overrides) if (!lines.includes(line)) lines.push(line);
      overrides.set(account.name, lines);
      for (const note of needs.notes) if (!this.adaptations.includes(note)) this.adaptations.push(note);
      keyTypes.set(account, needs.keyType);
    }
    await Promise.all(
      [...keyTypes].flatMap(([account, type]) =>
        account.keys.filter((entry) => entry.key.type !== type).map(async (entry) => (entry.key = await makeKey(type))),
      ),
    );
    const global = settings[0]?.answer;
    if (global) extra.push(...this.#globalNeeds(global));
    const text = adaptationsFile(overrides);
    if (text !== "") {
      await this.host.writeFiles({
        [`${folder}/adaptations.conf`]: { content: text },
        [`${folder}/sshd_config`]: { content: `Include ${folder}/adaptations.conf\nInclude /etc/ssh/sshd_config\n` },
      });
      this.#configArgv.push("-f", `${folder}/sshd_config`);
    }
    for (const setting of extra) this.#configArgv.push("-o", setting);
    if (text !== "" || extra.length > 0) settings = await this.#askAll();
    for (const { account, answer, spec } of settings) {
      this.#answers.set(spec, Promise.resolve(answer));
      for (const path of authorizedKeysPaths(effectiveValue(answer, "authorizedkeysfile"), account).slice(0, 1)) account.keyFiles.add(path);
    }
    await this.#makeFilesThatSettingsNeed(settings.map(({ account, answer }) => ({ account, answer })));
  }

  /** Settings that are not allowed in a Match and would keep the lab out. */
  #globalNeeds(settings: EffectiveSettings): string[] {
    const needs: string[] = [];
    if (effectiveValue(settings, "usepam") === "yes" && !this.#program.hasPam) needs.push("UsePAM=no");
    if (Number.parseInt(effectiveValue(settings, "maxstartups"), 10) < 10) needs.push("MaxStartups=10:30:100");
    const perSource = Number.parseInt(effectiveValue(settings, "persourcemaxstartups"), 10);
    if (perSource < 10) needs.push("PerSourceMaxStartups=none");
    if (needs.length > 0) this.adaptations.push(`sshd's command line: ${needs.map((need) => `-o ${need}`).join(" ")}`);
    return needs;
  }

  /** A RevokedKeys file that cannot be read refuses every key, a ChrootDirectory that is missing ends every session. */
  async #makeFilesThatSettingsNeed(all: readonly { account: Account; answer: EffectiveSettings }[]): Promise<void> {
    const revoked = new Set<string>();
    const roots = new Set<string>();
    for (const { account, answer } of all) {
      for (const path of effectiveValue(answer, "revokedkeys").split(/\s+/)) if (path.startsWith("/")) revoked.add(path);
      const root = authorizedKeysPaths(effectiveValue(answer, "chrootdirectory"), account)[0];
      if (root) roots.add(root);
      const command = effectiveValue(answer, "authorizedkeyscommand");
      if (command !== "" && command !== "none")
        this.#note(`AuthorizedKeysCommand ${command} is not run for its keys: accounts have the keys that the policy names`);
    }
    for (const path of revoked) {
      if ((await this.host.readFile(path)) !== undefined) continue;
      await this.host.writeFiles({ [path]: { content: "" } });
      this.#note(`RevokedKeys ${path} is not among the config's files: an empty one is made`);
    }
    if (roots.size > 0) {
      await this.host.run(["sh", "-c", 'for d; do mkdir -p "$d" && chown 0:0 "$d" && chmod 0755 "$d"; done', "sh", ...roots]);
      this.#note(`ChrootDirectory ${[...roots].join(", ")} is made, owned by root and otherwise empty`);
    }
  }

  #note(text: string): void {
    if (!this.adaptations.includes(text)) this.adaptations.push(text);
  }

  async #askAll(): Promise<{ account: PreparedAccount; answer: EffectiveSettings; spec: string }[]> {
    const questions = [...this.#accounts.values()].flatMap((account) =>
      this.#connections().map((connection) => ({
        account,
        spec: connectionSpec({ user: account.name, ...connection, lport: this.#configuredPort() }),
      })),
    );
    const answers = await this.#ask(questions.map(({ spec }) => spec));
    return questions.map(({ account, spec }, i) => ({ account, spec, answer: answers[i] as EffectiveSettings }));
  }

  /** `sshd -T` for each connection, in one round trip. It checks the whole config first, as `sshd -t` does. */
  async #ask(specs: readonly string[]): Promise<EffectiveSettings[]> {
    const script =
      'n=$1; shift; specs=; i=0; while [ $i -lt "$n" ]; do specs="$specs $1"; shift; i=$((i+1)); done; for spec in $specs; do echo "@@"; "$@" -C "$spec" || exit 70; done';
    const result = await this.host.run([
      "sh",
      "-c",
      script,
      "sh",
      String(specs.length),
      ...specs,
      this.#program.path,
      "-T",
      ...this.#configArgv,
    ]);
    if (result.code !== 0) throw sshdConfigError(this.#options.config, result.stderr || result.stdout);
    for (const line of new Set(result.stderr.split("\n"))) {
      const message = readSshdMessage(this.#options.config, line);
      const text = message.place ? `${message.place.file}:${message.place.line}: ${message.text}` : message.text;
      if (message.place && !this.warnings.includes(text)) this.warnings.push(text);
    }
    return result.stdout
      .split("@@\n")
      .slice(1)
      .map((text) => parseEffective(text));
  }

  /** Writes each file once with the lines of all accounts that share it: sshd reads it as the account, so it must be readable and safe for StrictModes. */
  async #writeAuthorizedKeys(): Promise<void> {
    const contents = new Map<string, { lines: string[]; owners: Set<PreparedAccount> }>();
    for (const account of this.#accounts.values()) {
      for (const path of account.keyFiles) {
        const entry = contents.get(path) ?? { lines: [], owners: new Set<PreparedAccount>() };
        contents.set(path, entry);
        entry.owners.add(account);
        for (const { key, options, index } of account.keys)
          entry.lines.push(labKeyLine(options, key.publicKey, `${account.name}-${index}`));
      }
    }
    const files: Record<string, HostFile> = {};
    for (const [path, { lines, owners }] of contents) {
      const [owner, ...others] = owners;
      const content = lines.map((line) => `${line}\n`).join("");
      const atHome = owner && others.length === 0 && path.startsWith(`${owner.home.replace(/\/$/, "")}/`);
      files[path] = atHome ? { content, mode: 0o600, uid: owner.uid, gid: owner.gid } : { content, mode: 0o644 };
    }
    await this.host.writeFiles(files);
    this.#uploaded.push(...Object.keys(files));
    for (const path of Object.keys(files)) this.adaptations.push(`authorized_keys with the lab's keys at ${path}`);
  }
}
