/** Lets the lab in: asks sshd how it treats each account, and adds what logging in with a key of the lab needs. */
import type { Host } from "../lab/host.ts";
import { effectiveValue } from "../openssh/effective.ts";
import type { KeyType } from "../openssh/key-types.ts";
import { adaptationFolder, adaptationsFile, authorizedKeysPaths, loginNeeds } from "../openssh/login-needs.ts";
import type { SshdConfig } from "../openssh/sshd-config.ts";
import { makeKey } from "./keys.ts";
import { authorizedKeysFiles, makeFilesThatSettingsName, ownKeyFolders } from "./login-files.ts";
import type { PreparedAccount } from "./server-accounts.ts";
import { asArguments, globalNeeds } from "./server-settings.ts";
import type { SshdProgram } from "./sshd-program.ts";
import type { Answer, SshdQuestions } from "./sshd-questions.ts";

export interface LoginPreparation {
  host: Host;
  config: SshdConfig;
  program: SshdProgram;
  accounts: readonly PreparedAccount[];
  connections: readonly { addr: string; laddr: string }[];
  /** Port of sshd that logins go to. */
  port: number;
  questions: SshdQuestions;
}

type AccountAnswer = Answer<PreparedAccount>;

/**
 * Asks sshd about each account and connection; adds what the lab needs to log in, and asks again where that changes the answer. Writes the accounts' keys.
 * Returns the paths that it wrote for them, and notes for a person.
 */
export async function prepareLogins(asked: LoginPreparation): Promise<{ paths: string[]; notes: string[] }> {
  const { host, accounts, questions } = asked;
  const askAll = () => questions.askAll(accounts, asked.connections, asked.port);
  const first = await askAll();
  const { overrides, keyTypes, notes } = planLogins(first, asked.program);
  await useKeyTypes(keyTypes);
  const extra = first[0] ? globalNeeds(first[0].settings, asked.program) : [];
  if (extra.length > 0) notes.add(`sshd's command line: ${extra.map((need) => `-o ${need}`).join(" ")}`);
  const changed = await putBefore(asked, adaptationsFile(overrides));
  questions.argv.push(...asArguments(extra));
  const answers = changed || extra.length > 0 ? await askAll() : first;
  questions.remember(answers);
  for (const note of await makeFilesThatSettingsName(host, answers)) notes.add(note);
  findKeyFiles(answers, asked.config);
  const files = authorizedKeysFiles(accounts);
  await host.writeFiles(files);
  await ownKeyFolders(host, accounts);
  const paths = Object.keys(files);
  for (const path of paths) notes.add(`authorized_keys with the lab's keys at ${path}`);
  return { paths, notes: [...notes] };
}

function planLogins(
  answers: readonly AccountAnswer[],
  { version }: SshdProgram,
): { overrides: Map<string, string[]>; keyTypes: Map<PreparedAccount, KeyType>; notes: Set<string> } {
  const overrides = new Map<string, string[]>();
  const keyTypes = new Map<PreparedAccount, KeyType>();
  const notes = new Set<string>();
  for (const { account, settings } of answers) {
    const needs = loginNeeds(account.name, settings, version);
    overrides.set(account.name, [...new Set([...(overrides.get(account.name) ?? []), ...needs.overrides])]);
    for (const note of needs.notes) notes.add(note);
    keyTypes.set(account, needs.keyType);
  }
  return { overrides, keyTypes, notes };
}

async function useKeyTypes(types: ReadonlyMap<PreparedAccount, KeyType>): Promise<void> {
  await Promise.all(
    [...types].flatMap(([account, type]) =>
      account.keys.filter((entry) => entry.key.type !== type).map(async (entry) => (entry.key = await makeKey(type))),
    ),
  );
}

/** Makes the config that is read first: the lab's lines, then the user's own files. */
async function putBefore({ host, questions }: LoginPreparation, text: string): Promise<boolean> {
  if (text === "") return false;
  await host.writeFiles({
    [`${adaptationFolder}/adaptations.conf`]: { content: text },
    [`${adaptationFolder}/sshd_config`]: { content: `Include ${adaptationFolder}/adaptations.conf\nInclude /etc/ssh/sshd_config\n` },
  });
  questions.argv.push("-f", `${adaptationFolder}/sshd_config`);
  return true;
}

/** Where sshd looks for each account's keys. A connection that nobody announced may fall under another Match: keys lie wherever any line looks for them. */
function findKeyFiles(answers: readonly AccountAnswer[], config: SshdConfig): void {
  const elsewhere = keysFileValues(config);
  for (const { account, settings } of answers) {
    for (const value of [effectiveValue(settings, "authorizedkeysfile"), ...elsewhere]) {
      const [path] = authorizedKeysPaths(value, account);
      if (path) account.keyFiles.add(path);
    }
  }
}

/** Every AuthorizedKeysFile value that can be in force; sshd's default when no global line sets one. */
function keysFileValues(config: SshdConfig): string[] {
  const lines = config.lines.filter((line) => line.keyword === "authorizedkeysfile");
  const values = lines.map((line) => line.args.join(" "));
  return lines.length > 0 && lines.every((line) => line.match.length > 0) ? [...values, ".ssh/authorized_keys"] : values;
}
