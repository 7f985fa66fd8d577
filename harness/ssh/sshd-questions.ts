/** What a server's own sshd says applies to each login, asked once for each. */
import type { Host } from "../lab/host.ts";
import { connectionSpec, type EffectiveSettings } from "../openssh/effective.ts";
import type { SshdConfig } from "../openssh/sshd-config.ts";
import { askSshd, plainSettings } from "./ask-sshd.ts";

/** What sshd says applies to one login of an account. */
export interface Answer<A> {
  account: A;
  settings: EffectiveSettings;
  /** The connection that was asked about. */
  spec: string;
}

export class SshdQuestions {
  readonly #host: Host;
  readonly #config: SshdConfig;
  readonly #program: string;
  readonly #known = new Map<string, Promise<EffectiveSettings>>();
  /** Arguments of sshd that say which config counts: the same for `-T` and for the server. */
  readonly argv: string[];
  /** sshd's complaints, each once. */
  readonly warnings: string[] = [];

  constructor(host: Host, config: SshdConfig, program: string, argv: readonly string[]) {
    this.#host = host;
    this.#config = config;
    this.#program = program;
    this.argv = [...argv];
  }

  /** About each account and connection, with the arguments as they are now. */
  async askAll<A extends { name: string }>(
    accounts: readonly A[],
    connections: readonly { addr: string; laddr: string }[],
    lport: number,
  ): Promise<Answer<A>[]> {
    const questions = accounts.flatMap((account) =>
      connections.map((connection) => ({ account, spec: connectionSpec({ user: account.name, ...connection, lport }) })),
    );
    const answers = await this.#ask(questions.map(({ spec }) => spec));
    return questions.map((question, at) => ({ ...question, settings: answers[at] as EffectiveSettings }));
  }

  /** These hold from now on: they are not asked again. */
  remember(answers: readonly Answer<unknown>[]): void {
    for (const { spec, settings } of answers) this.#known.set(spec, Promise.resolve(settings));
  }

  /** About one connection (argument of `-C`). */
  about(spec: string): Promise<EffectiveSettings> {
    const answer = this.#known.get(spec) ?? this.#ask([spec]).then(([settings]) => settings as EffectiveSettings);
    this.#known.set(spec, answer);
    return answer;
  }

  /** Without any connection. */
  plain(): Promise<EffectiveSettings | undefined> {
    return plainSettings(this.#host, [this.#program, ...this.argv]);
  }

  async #ask(connections: readonly string[]): Promise<EffectiveSettings[]> {
    const { settings, warnings } = await askSshd(this.#host, this.#config, [this.#program, ...this.argv], connections);
    for (const warning of warnings) if (!this.warnings.includes(warning)) this.warnings.push(warning);
    return settings;
  }
}
