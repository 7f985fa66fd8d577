/** Lets the lab in: asks sshd how it treats each account, and adds what logging in with a key of the lab needs. */
import { adapted, distinctAdaptations, type HostAdaptation } from "../core/adaptation.ts";
import type { Warning } from "../core/warning.ts";
import type { Host } from "../lab/host.ts";
import type { KeyType } from "../openssh/key-types.ts";
import { adaptationFolder, adaptationsFile, authorityType, type LoginNeeds, loginNeeds } from "../openssh/login-needs.ts";
import type { SshdConfig } from "../openssh/sshd-config.ts";
import type { Authorities } from "./authorities.ts";
import { loginFiles, ownKeyFolders } from "./login-files.ts";
import { makeLogins } from "./make-logins.ts";
import { commandsNotRun, makeFilesThatSettingsName, misleadingNone } from "./named-files.ts";
import { type LoginPlan, planLogins } from "./plan-logins.ts";
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
  authorities: Authorities;
  /** The ssh2 library logs in, too. */
  ssh2?: boolean;
}

type AccountAnswer = Answer<PreparedAccount>;

export interface PreparedLogins {
  /** Paths that were written. */
  paths: string[];
  /** What the lab has added. */
  notes: HostAdaptation[];
  /** What is not tested. */
  warnings: Warning[];
}

/**
 * Asks sshd about each account and connection; adds what the lab needs to log in, and asks again where that changes the answer. Makes the accounts' keys
 * and certificates, and writes what lets them in.
 */
export async function prepareLogins(asked: LoginPreparation): Promise<PreparedLogins> {
  const { host, config, program, accounts, questions, authorities } = asked;
  const askAll = () => questions.askAll(accounts, asked.connections, asked.port);
  const first = await askAll();
  const authority = authorityType(first.map(({ settings }) => settings));
  authorities.use(authority);
  const plans = accounts.map((account) => {
    const answers = settingsOf(first, account);
    return { account, answers, plan: planLogins(account.source, { answers, config, version: program.version }) };
  });
  const needs = needsOf(plans, authority, program);
  const extra = first[0] ? globalNeeds(first[0].settings, program, asked.ssh2) : [];
  const changed = await putBefore(asked, adaptationsFile(new Map([...needs].map(([account, { overrides }]) => [account.name, overrides]))));
  questions.argv.push(...asArguments(extra));
  const answers = changed || extra.length > 0 ? await askAll() : first;
  questions.remember(answers);
  const named = await makeFilesThatSettingsName(host, answers);
  const logins = await Promise.all(
    plans.map(async ({ account, plan }) => {
      const made = await makeLogins(account.name, plan, needs.get(account) as LoginNeeds, authorities, account.keys);
      account.keys = made.keys;
      account.notes = plan.notes;
      return { account, made, answers: settingsOf(answers, account) };
    }),
  );
  const { files, notes } = loginFiles(logins, config);
  await host.writeFiles(files, { folders: ownKeyFolders(accounts, Object.keys(files)) });
  // The commands of the user's config: the lab may have turned them off.
  const commands = commandsNotRun(first, config);
  return {
    paths: Object.keys(files),
    notes: distinctAdaptations([
      ...[...needs.values()].flatMap((each) => each.notes),
      ...(extra.length > 0 ? [adapted("sshd-options", { settings: extra })] : []),
      ...named,
      ...commands.notes,
      ...notes,
      ...accounts.flatMap(certificateNotes),
    ]),
    warnings: [...accounts.flatMap((account) => account.notes), ...commands.warnings, ...misleadingNone(first, config, program.version)],
  };
}

function settingsOf(answers: readonly AccountAnswer[], account: PreparedAccount): AccountAnswer["settings"][] {
  return answers.filter((answer) => answer.account === account).map(({ settings }) => settings);
}

/** What an account needs for any of its connections. */
function needsOf(
  plans: readonly { account: PreparedAccount; answers: AccountAnswer["settings"][]; plan: LoginPlan }[],
  authority: KeyType,
  { version }: SshdProgram,
): Map<PreparedAccount, LoginNeeds> {
  return new Map(
    plans.map(({ account, answers, plan }) => {
      const certificates = plan.logins.flatMap(({ certificate }) => certificate ?? []);
      const kinds = {
        plainKey: plan.logins.length > certificates.length,
        keysFile: plan.keyLines.length > 0,
        certificate: certificates.length > 0,
        trustedCa: certificates.some((each) => plan.trusted.some(({ authority }) => authority === each.authority)),
        authority,
      };
      const all = answers.map((settings) => loginNeeds(account.name, settings, version, kinds));
      const [one] = all.slice(-1);
      return [
        account,
        {
          overrides: [...new Set(all.flatMap(({ overrides }) => overrides))],
          notes: all.flatMap(({ notes }) => notes),
          keyType: one?.keyType ?? "ed25519",
          certificateType: one?.certificateType ?? "ed25519",
        },
      ] as const;
    }),
  );
}

/** Makes the config that is read first: the lab's lines, then the user's own files. */
async function putBefore({ host, questions }: LoginPreparation, text: string): Promise<boolean> {
  if (text === "") return false;
  await host.writeFiles({
    [`${adaptationFolder}/adaptations.conf`]: { content: text },
    [`${adaptationFolder}/sshd_config`]: { content: `Include ${adaptationFolder}/adaptations.conf\nInclude /etc/ssh/sshd_config\n` },
  });
  questions.putBefore(`${adaptationFolder}/sshd_config`, ["user", ""]);
  return true;
}

function certificateNotes({ name, keys }: PreparedAccount): HostAdaptation[] {
  return keys.flatMap(({ certificate, place }) => {
    if (!certificate) return [];
    const { content, file } = certificate;
    if (file !== undefined) return [adapted("certificate-copied", { account: name, file })];
    const at = place ? { place: `${place.file}:${place.line}` } : {};
    return [adapted("certificate-made", { account: name, principals: content.principals, ...at })];
  });
}
