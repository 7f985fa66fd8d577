/** What a server's own sshd says applies to each login, asked once for each. */
import { distinctWarnings, type Warning } from "../core/warning.ts";
import type { Host } from "../lab/host.ts";
import { type ConnectionContext, connectionSpec, type EffectiveSettings } from "../openssh/effective.ts";
import { tellApart } from "../openssh/match-criteria.ts";
import type { SshdConfig } from "../openssh/sshd-config.ts";
import { askSshd, plainSettings } from "./ask-sshd.ts";

/** What sshd says applies to one login of an account. */
export interface Answer<A> {
  account: A;
  settings: EffectiveSettings;
  /** The connection that was asked about. */
  connection: ConnectionContext;
}

export class SshdQuestions {
  readonly #host: Host;
  readonly #config: SshdConfig;
  readonly #program: string;
  /** By what sshd can tell of a connection. */
  readonly #known = new Map<string, Promise<EffectiveSettings>>();
  #told: (connection: ConnectionContext) => string;
  /** Arguments of sshd that say which config counts: the same for `-T` and for the server. */
  readonly argv: string[];
  /** sshd's complaints, each once. */
  warnings: readonly Warning[] = [];

  constructor(host: Host, config: SshdConfig, program: string, argv: readonly string[]) {
    this.#host = host;
    this.#config = config;
    this.#program = program;
    this.argv = [...argv];
    this.#told = tellApart(matchesOf(config));
  }

  /** From now on sshd reads a file before the config, with blocks of this criterion. */
  putBefore(file: string, criteria: readonly string[]): void {
    this.argv.push("-f", file);
    this.#told = tellApart([...matchesOf(this.#config), criteria]);
  }

  /** About each account and connection, with the arguments as they are now. */
  async askAll<A extends { name: string }>(
    accounts: readonly A[],
    connections: readonly { addr: string; laddr: string }[],
    lport: number,
  ): Promise<Answer<A>[]> {
    const questions = accounts.flatMap((account) =>
      connections.map((each) => ({ account, connection: { user: account.name, ...each, lport } })),
    );
    const distinct = new Map(questions.map(({ connection }) => [this.#told(connection), connection]));
    const answers = await this.#ask([...distinct.values()]);
    const known = new Map([...distinct.keys()].map((told, at) => [told, answers[at] as EffectiveSettings]));
    return questions.map((each) => ({ ...each, settings: known.get(this.#told(each.connection)) as EffectiveSettings }));
  }

  /** These hold from now on: they are not asked again. */
  remember(answers: readonly Answer<unknown>[]): void {
    for (const { connection, settings } of answers) this.#known.set(this.#told(connection), Promise.resolve(settings));
  }

  about(connection: ConnectionContext): Promise<EffectiveSettings> {
    const told = this.#told(connection);
    const answer = this.#known.get(told) ?? this.#ask([connection]).then(([settings]) => settings as EffectiveSettings);
    this.#known.set(told, answer);
    return answer;
  }

  /** Without any connection. */
  plain(): Promise<EffectiveSettings | undefined> {
    return plainSettings(this.#host, [this.#program, ...this.argv]);
  }

  async #ask(connections: readonly ConnectionContext[]): Promise<EffectiveSettings[]> {
    const { settings, warnings } = await askSshd(this.#host, this.#config, [this.#program, ...this.argv], connections.map(connectionSpec));
    this.warnings = distinctWarnings([...this.warnings, ...warnings]);
    return settings;
  }
}

function matchesOf({ lines }: SshdConfig): string[][] {
  return lines.flatMap(({ keyword, args }) => (keyword === "match" ? [[...args]] : []));
}
