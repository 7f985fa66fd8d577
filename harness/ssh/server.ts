/** A running sshd with the user's own config, and how it treats each account. */
import { UserError } from "../core/errors.ts";
import type { Host, HostFile } from "../lab/host.ts";
import { parseAuthorizedKeys } from "../openssh/authorized-keys.ts";
import { connectionSpec, type EffectiveSettings, effectiveValue } from "../openssh/effective.ts";
import type { KeyType } from "../openssh/key-types.ts";
import { adaptationsFile, authorizedKeysPaths, loginNeeds } from "../openssh/login-needs.ts";
import { locateSetting, settingsElsewhere } from "../openssh/setting-source.ts";
import type { SshdConfig } from "../openssh/sshd-config.ts";
import { atLeast, type OpenSshVersion } from "../openssh/version.ts";
import { askSshd } from "./ask-sshd.ts";
import { prepareHostKeys } from "./host-keys.ts";
import { makeKey } from "./keys.ts";
import { type AccountWithKeys, authorizedKeysFiles, makeFilesThatSettingsName, ownKeyFolders } from "./login-files.ts";
import { groupsNamedIn, writeAccounts } from "./server-files.ts";
import type { AccountKey, EffectiveAnswer, SshServer, SshServerOptions } from "./ssh-server.ts";
import { type RunningSshd, runSshd } from "./sshd-process.ts";
import { findSshd, type SshdProgram } from "./sshd-program.ts";

export type { ServerAccount, SshServer, SshServerOptions } from "./ssh-server.ts";

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

/** Every AuthorizedKeysFile value that can be in force; sshd's default when no global line sets one. */
function keysFileValues(config: SshdConfig): string[] {
  const lines = config.lines.filter((line) => line.keyword === "authorizedkeysfile");
  const values = lines.map((line) => line.args.join(" "));
  return lines.length > 0 && lines.every((line) => line.match.length > 0) ? [...values, ".ssh/authorized_keys"] : values;
}

interface PreparedAccount extends AccountWithKeys {
  notes: string[];
}

/** What sshd says applies to a login. */
interface Answer {
  account: PreparedAccount;
  answer: EffectiveSettings;
  /** The connection that was asked about. */
  spec: string;
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
    const first = this.#configuredPort();
    return this.listening.some(({ port }) => port === first) ? first : (this.listening[0]?.port ?? first);
  }

  log(): string[] {
    return this.#running?.log() ?? this.#lastLog;
  }

  onLine(listener: () => void): () => void {
    return this.#running?.onLine(listener) ?? (() => undefined);
  }

  async start(): Promise<void> {
    const { config } = this.#options;
    this.adaptations = [...config.adaptations];
    this.warnings = [...config.warnings];
    this.#answers.clear();
    const [hostKeys] = await Promise.all([this.#writeConfig(), this.#makeAccounts()]);
    this.knownHosts = hostKeys;
    this.#configArgv = this.#commandLineSettings();
    await this.#prepareLogins();
    const keyFiles = authorizedKeysFiles(this.#accounts.values());
    await this.host.writeFiles(keyFiles);
    await ownKeyFolders(this.host, this.#accounts.values());
    this.#uploaded.push(...Object.keys(keyFiles));
    for (const path of Object.keys(keyFiles)) this.adaptations.push(`authorized_keys with the lab's keys at ${path}`);
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
    const { config } = this.#options;
    const who = { ...context, groups: this.#accounts.get(account)?.groups };
    return {
      context,
      settings,
      source: (keyword) => locateSetting(config, keyword, (settings.get(keyword.toLowerCase()) ?? []).join(" "), who),
      elsewhere: (sources) => settingsElsewhere(config, sources, who),
    };
  }

  #account(name: string): PreparedAccount {
    const account = this.#accounts.get(name);
    if (account) return account;
    throw new UserError("ssh-account", `the server has no account ${name} in this lab`, {
      expected: `one of ${[...this.#accounts.keys()].join(", ")}`,
      todo: "add it under `server.accounts`",
    });
  }

  #connections(): readonly { addr: string; laddr: string }[] {
    const given = this.#options.connections;
    return given && given.length > 0 ? given : [{ addr: "192.0.2.1", laddr: this.host.addresses[0]?.address ?? "127.0.0.1" }];
  }

  #configuredPort(): number {
    const { lines } = this.#options.config;
    const typed = (keyword: string) =>
      new RegExp(`^${keyword}=(.*)`, "i").exec(
        this.#options.extra?.find((each) => each.toLowerCase().startsWith(`${keyword}=`)) ?? "",
      )?.[1];
    const given = (keyword: string) => typed(keyword) ?? lines.find((entry) => entry.keyword === keyword)?.args[0];
    const withAddress = /^(?:\[.*\]|[^:]*):(\d+)$/.exec(given("listenaddress") ?? "")?.[1];
    return Number(given("port") ?? withAddress) || 22;
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
    const made = await writeAccounts(this.host, accounts, groupsNamedIn(config), this.#made);
    this.#accounts = new Map();
    for (const [index, account] of made.accounts.entries()) {
      const sources = accounts[index]?.authorizedKeys?.map(({ text, display }) => ({ ...parseAuthorizedKeys(text, display), display }));
      const notes = sources?.flatMap((source) => source.notes) ?? [];
      const lines = sources?.flatMap(({ keys, display }) =>
        keys.map(({ options, line }) => ({ options, place: { file: display, line } })),
      ) ?? [{ options: "", place: undefined }];
      const old = known.get(account.name)?.keys ?? [];
      const keys = await Promise.all(
        lines.map(
          async ({ options, place }, i): Promise<AccountKey> => ({
            index: i,
            key: old[i]?.key ?? (await makeKey("ed25519")),
            options,
            ...(place ? { place } : {}),
          }),
        ),
      );
      this.#accounts.set(account.name, { ...account, keys, notes, keyFiles: new Set() });
      this.warnings.push(...notes);
    }
    this.adaptations.push(...made.notes);
    for (const account of made.accounts) if (!account.existing) this.#made.add(account.name);
    const fresh = accounts.map((account) => account.name).filter((name) => this.#made.has(name));
    if (fresh.length > 0) this.adaptations.push(`accounts created: ${fresh.join(", ")}`);
  }

  #commandLineSettings(): string[] {
    const settings = ["PidFile=none", "LogLevel=VERBOSE"];
    const level = this.#options.config.lines.find((line) => line.keyword === "loglevel" && line.match.length === 0)?.args[0];
    if (/^(verbose|debug)/i.test(level ?? "")) settings.pop();
    // All vantage points and all forwards share few addresses: one refused login must not shut the others out. (`PerSourcePenalties no` loses to a
    // config that lists penalties: each of them turns them on again.)
    if (atLeast(this.version, 9, 8)) settings.push("PerSourcePenaltyExemptList=0.0.0.0/0,::/0");
    settings.push(...(this.#options.extra ?? []));
    this.adaptations.push(`sshd's command line: ${settings.map((setting) => `-o ${setting}`).join(" ")}`);
    return settings.flatMap((setting) => ["-o", setting]);
  }

  /** Asks sshd about each account and connection; adds what the lab needs to log in, and asks again where that changes the answer. */
  async #prepareLogins(): Promise<void> {
    const first = await this.#askAll();
    const { overrides, keyTypes } = this.#planLogins(first);
    await Promise.all(
      [...keyTypes].flatMap(([account, type]) =>
        account.keys.filter((entry) => entry.key.type !== type).map(async (entry) => (entry.key = await makeKey(type))),
      ),
    );
    const [one] = first;
    const extra = one ? this.#globalNeeds(one.answer) : [];
    const text = adaptationsFile(overrides);
    if (text !== "") {
      await this.host.writeFiles({
        [`${folder}/adaptations.conf`]: { content: text },
        [`${folder}/sshd_config`]: { content: `Include ${folder}/adaptations.conf\nInclude /etc/ssh/sshd_config\n` },
      });
      this.#configArgv.push("-f", `${folder}/sshd_config`);
    }
    for (const setting of extra) this.#configArgv.push("-o", setting);
    const settings = text !== "" || extra.length > 0 ? await this.#askAll() : first;
    this.#rememberAnswers(settings);
    for (const note of await makeFilesThatSettingsName(this.host, settings)) this.#note(note);
  }

  #planLogins(settings: readonly Answer[]): { overrides: Map<string, string[]>; keyTypes: Map<PreparedAccount, KeyType> } {
    const overrides = new Map<string, string[]>();
    const keyTypes = new Map<PreparedAccount, KeyType>();
    for (const { account, answer } of settings) {
      const needs = loginNeeds(account.name, answer, this.version);
      overrides.set(account.name, [...new Set([...(overrides.get(account.name) ?? []), ...needs.overrides])]);
      for (const note of needs.notes) this.#note(note);
      keyTypes.set(account, needs.keyType);
    }
    return { overrides, keyTypes };
  }

  #rememberAnswers(settings: readonly Answer[]): void {
    // A connection that nobody announced may fall under another Match: keys lie wherever any line of the config looks for them.
    const elsewhere = keysFileValues(this.#options.config);
    for (const { account, answer, spec } of settings) {
      this.#answers.set(spec, Promise.resolve(answer));
      for (const value of [effectiveValue(answer, "authorizedkeysfile"), ...elsewhere]) {
        const [path] = authorizedKeysPaths(value, account);
        if (path) account.keyFiles.add(path);
      }
    }
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

  #note(text: string): void {
    if (!this.adaptations.includes(text)) this.adaptations.push(text);
  }

  async #ask(connections: readonly string[]): Promise<EffectiveSettings[]> {
    const { settings, warnings } = await askSshd(this.host, this.#options.config, [this.#program.path, ...this.#configArgv], connections);
    for (const warning of warnings) if (!this.warnings.includes(warning)) this.warnings.push(warning);
    return settings;
  }

  async #askAll(): Promise<Answer[]> {
    const questions = [...this.#accounts.values()].flatMap((account) =>
      this.#connections().map((connection) => ({
        account,
        spec: connectionSpec({ user: account.name, ...connection, lport: this.#configuredPort() }),
      })),
    );
    const answers = await this.#ask(questions.map(({ spec }) => spec));
    return questions.map(({ account, spec }, i) => ({ account, spec, answer: answers[i] as EffectiveSettings }));
  }
}
