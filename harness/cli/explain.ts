/** `forwardlab explain`: the model's answer about one ssh command line. No lab, no Docker. */

import { parseAddress } from "../core/address.ts";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { articleLab } from "../core/lab-spec.ts";
import { type Warning, warning } from "../core/warning.ts";
import { readFileOr } from "../files/user-file.ts";
import { permitsForwarding } from "../openssh/certificate.ts";
import { destinationOf, parseCommandLine } from "../openssh/forward-arguments.ts";
import { explainAll } from "../openssh/model/explanation.ts";
import { explanationText } from "../openssh/model/explanation-text.ts";
import { type LoginSettings, settingsForLogin } from "../openssh/model/login-settings.ts";
import type { Language, Sentence } from "../openssh/model/sentence.ts";
import { splitWords } from "../openssh/shell-words.ts";
import { optionsForHost, settingsForHost } from "../openssh/ssh-config.ts";
import { isNoConfig, type SshLine } from "../openssh/ssh-line.ts";
import { distributionNotes, requireAcceptable } from "../openssh/sshd-check.ts";
import { readSshdConfig } from "../openssh/sshd-config.ts";
import { type StatedLogin, statedLogins } from "../openssh/stated-logins.ts";
import { accountIn, groupsIn, type UserDatabase } from "../openssh/user-database.ts";
import type { OpenSshVersion } from "../openssh/version.ts";
import { keyFilesOf } from "../policy/account-keys.ts";
import { requireCertificate } from "../policy/certificates.ts";
import { undecidedBlocks } from "../policy/client-config.ts";
import { InputFiles } from "../policy/input-files.ts";
import { loadSshConfig } from "../policy/load-ssh-config.ts";
import { serverCopy, treeOf } from "../policy/server-copy.ts";
import { readServerUsers } from "../policy/server-users.ts";
import { warningText } from "../report/warnings.ts";
import { languageOf } from "./language.ts";
import { exitCodes } from "./run-command.ts";

export interface ExplainFlags {
  sshdConfig?: string;
  sshConfig?: string;
  openssh?: string;
  account?: string;
  groups?: string;
  keyOptions?: string;
  certificate?: string;
  from?: string;
  lang: string;
  json?: boolean;
}

const defaultAccount = "tunnel";

export async function explainCommand(words: readonly string[], before: ExplainFlags): Promise<number> {
  process.stdout.write(`${await explainWords(words, before)}\n`);
  return exitCodes.held;
}

/**
 * What is printed.
 * @param words ssh's arguments, as words or as one quoted string; our own `--options` may stand among them
 * @param before our options that stood before them
 */
export async function explainWords(words: readonly string[], before: ExplainFlags = { lang: "en" }): Promise<string> {
  const { flags, rest } = splitFlags(words, before);
  const lang = languageOf(flags.lang);
  const from = flags.from === undefined ? undefined : address(flags.from);
  const version = flags.openssh === undefined ? undefined : opensshVersion(flags.openssh);
  const typed = rest.length === 1 ? (splitWords(rest[0] as string) ?? rest) : rest;
  const { options, user, through } = await clientOptions(typed, flags.sshConfig, lang);
  const { line, forwards } = parseCommandLine(typed, options);
  const account = flags.account ?? line.account ?? user ?? defaultAccount;
  const spec = articleLab();
  const groups = flags.groups === undefined ? undefined : flags.groups.split(",").filter((name) => name !== "");
  const way = proxyOf(line) ?? through;
  const login = { account, from: from ?? (way === undefined ? undefined : null), groups, version };
  const { settings, idle, loginLists, sshdPort, keys } = await readSettings(flags.sshdConfig, login, { spec, lang });
  const [key] = flags.keyOptions === undefined && flags.certificate === undefined ? keys : [];
  const assumed = [...(way === undefined ? [] : [throughOther(way, line.destination, from)]), ...(key ? [firstKey(account, keys)] : [])];
  const certificate = flags.certificate === undefined ? undefined : await readCertificate(flags.certificate);
  const explanations = explainAll(
    forwards.map((ssh) => ({
      typed: (forwards.length === 1 ? typed : ssh.argv).map(asOneWord).join(" "),
      ssh,
      family: addressFamily(line.addressFamily),
      account,
      keyOptions: flags.keyOptions ?? key?.options ?? "",
      assumed,
      ...(certificate ? { certificate } : {}),
      settings,
      hasConfig: flags.sshdConfig !== undefined,
      idle,
      loginLists,
      spec,
      sshdPort,
    })),
  );
  return flags.json
    ? JSON.stringify({ schemaVersion: 1, model: true, forwards: explanations }, null, 2)
    : explanations.map((each) => explanationText(each, lang)).join(`\n\n${"-".repeat(72)}\n\n`);
}

/** In quotes if it has blanks, as one word for a shell. */
function asOneWord(word: string): string {
  return /\s/.test(word) ? `'${word.replaceAll("'", "'\\''")}'` : word;
}

async function readCertificate(file: string): Promise<{ permitsForwarding: boolean; file: string }> {
  const bytes = readFileOr(file, ({ code, message }) => {
    throw new UserError("certificate", `cannot read ${file}: ${code ?? message}`, {
      fault: faultOf("certificate-unreadable", { file, why: code ?? message }),
      expected: "a user's certificate",
    });
  });
  const text = bytes.toString("utf8");
  return { permitsForwarding: permitsForwarding(requireCertificate(text, file)), file };
}

function addressFamily(family: 4 | 6 | undefined): "any" | "inet" | "inet6" {
  if (family === undefined) return "any";
  return family === 4 ? "inet" : "inet6";
}

/** What the client's own config says about the host that is named, as arguments of `-o`, and whom it logs in as. */
async function clientOptions(
  typed: readonly string[],
  sshConfig: string | undefined,
  lang: Language,
): Promise<{ options: string[]; user?: string; through?: string }> {
  const { destination, account, configFile } = destinationOf(typed) ?? {};
  const path = sshConfig ?? configFile;
  if (path === undefined || isNoConfig(path)) return { options: [] };
  if (destination === undefined)
    throw new UserError("ssh-arguments", `no host is named, so no part of ${path} applies`, {
      fault: faultOf("ssh-host-missing", { config: path }),
      found: typed.join(" "),
      expected: "a host defined in it, for example: forwardlab explain --ssh-config ~/.ssh/config myserver",
    });
  const asker = { host: destination, ...(account === undefined ? {} : { user: account }) };
  const { lines, warnings } = await loadSshConfig(path);
  const found = settingsForHost(lines, asker);
  for (const each of [...warnings, ...undecidedBlocks(found, destination)])
    process.stderr.write(`forwardlab: ${warningText(each, lang)}\n`);
  const user = found.lines.find(({ keyword }) => keyword === "user")?.args[0];
  const proxy = found.lines.find(({ keyword }) => keyword === "proxyjump" || keyword === "proxycommand");
  const through = proxy && proxyText(proxy.args.join(" "));
  return {
    options: optionsForHost(found).map(({ option }) => option),
    ...(user === undefined ? {} : { user }),
    ...(through === undefined ? {} : { through }),
  };
}

/** The first of -J, ProxyJump and ProxyCommand, as ssh takes them. */
function proxyOf({ met }: SshLine): string | undefined {
  const first = met.find(({ option, keyword }) => option === "J" || keyword === "proxyjump" || keyword === "proxycommand");
  return first && proxyText(first.value ?? "");
}

function proxyText(value: string): string | undefined {
  return /^none$/i.test(value) ? undefined : value;
}

function throughOther(way: string, destination: string | undefined, from: string | undefined): Sentence {
  const to = destination ?? "the server";
  return {
    en: `ssh reaches ${to} through ${way}: what lies between, such as the jump host's own AllowTcpForwarding, is not checked${from === undefined ? ", and the address that the server sees is not known (--from states it)" : ""}.`,
    ja: `ssh は ${way} を経由して${destination === undefined ? "サーバー" : ` ${destination} `}に接続できるものとします。踏み台自身の AllowTcpForwarding など、途中の設定は確認していません${from === undefined ? "。サーバーから見た接続元のアドレスもわかりません(--from で指定できます)" : ""}。`,
  };
}

function firstKey(account: string, keys: readonly StatedLogin[]): Sentence {
  const [{ options, place }] = keys as [StatedLogin];
  const at = `${place.file}:${place.line}`;
  return {
    en: `${account} logs in with the key at ${at}${options === "" ? "" : ` (${options})`}${keys.length > 1 ? `, the first of ${keys.length} (--key-options states another one's options)` : ""}.`,
    ja: `${account} は ${at} の鍵${options === "" ? "" : `(${options})`}でログインするものとします。${keys.length > 1 ? `鍵は全部で ${keys.length} 個あります(別の鍵のオプションは --key-options で指定できます)。` : ""}`,
  };
}

async function readSettings(
  sshdConfig: string | undefined,
  who: { account: string; from: string | null | undefined; groups: readonly string[] | undefined; version: OpenSshVersion | undefined },
  { spec, lang }: { spec: ReturnType<typeof articleLab>; lang: Language },
): Promise<LoginSettings & { keys: StatedLogin[] }> {
  if (sshdConfig === undefined) return { ...settingsForLogin([], who, spec), keys: [] };
  const copy = (await serverCopy(sshdConfig)) ?? { ssh: sshdConfig, files: {} };
  const tree = await treeOf(copy);
  const config = await readSshdConfig(tree, { display: copy.ssh });
  requireAcceptable(config, who.version);
  for (const each of [...config.warnings, ...distributionNotes(config)]) process.stderr.write(`forwardlab: ${warningText(each, lang)}\n`);
  const users = await readServerUsers(tree, new InputFiles());
  const listed = accountIn(users, who.account);
  if (users && !listed) process.stderr.write(`forwardlab: ${warningText(unlisted(who.account, users), lang)}\n`);
  const groups = who.groups ?? (users && listed ? groupsIn(users, listed) : undefined);
  const { files } = await keyFilesOf(who.account, groups ? { groups: [...groups] } : {}, { tree, config, users });
  const { logins, notes } = statedLogins({ authorizedKeys: files });
  for (const each of notes) process.stderr.write(`forwardlab: ${warningText(each, lang)}\n`);
  return { ...settingsForLogin(config.lines, { ...who, groups }, spec), keys: logins.filter(({ by }) => by === "key") };
}

function unlisted(account: string, { elsewhere, files }: UserDatabase): Warning {
  return warning("accounts-not-listed", { accounts: [account], elsewhere }, { file: files.passwd });
}

const flagNames = new Map<string, Exclude<keyof ExplainFlags, "json">>([
  ["--sshd-config", "sshdConfig"],
  ["--ssh-config", "sshConfig"],
  ["--openssh", "openssh"],
  ["--account", "account"],
  ["--groups", "groups"],
  ["--key-options", "keyOptions"],
  ["--certificate", "certificate"],
  ["--from", "from"],
  ["--lang", "lang"],
]);

/** ssh has no option with two dashes: whatever has them is ours, wherever it stands. */
function splitFlags(words: readonly string[], before: ExplainFlags): { flags: ExplainFlags; rest: string[] } {
  const flags: ExplainFlags = { ...before };
  const rest: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (!word.startsWith("--") || word === "--") {
      // `explain -- -R …`: commander leaves the two dashes in place.
      if (word !== "--" || rest.length > 0) rest.push(word);
      continue;
    }
    const [name = "", given] = word.split(/=(.*)/s, 2);
    const flag = flagNames.get(name);
    if (name === "--json") flags.json = true;
    else if (flag) flags[flag] = requireValue(name, given ?? words[++i]);
    else throw unknownOption(word);
  }
  if (rest.length === 0)
    throw new UserError("ssh-arguments", "no ssh arguments are given", {
      fault: faultOf("ssh-arguments-missing", {}),
      expected: "ssh's arguments, for example: forwardlab explain -R :43234:localhost:3389",
    });
  return { flags, rest };
}

function requireValue(name: string, value: string | undefined): string {
  if (value === undefined)
    throw new UserError("option", `option ${name} needs a value`, {
      fault: faultOf("option-value-missing", { option: name }),
      todo: "see forwardlab explain --help",
    });
  return value;
}

function unknownOption(word: string): UserError {
  return new UserError("option", `unknown option ${word}`, {
    fault: faultOf("option-unknown", { option: word, known: [...flagNames.keys(), "--json"] }),
    expected: `${[...flagNames.keys(), "--json"].join(", ")}; everything else is ssh's`,
  });
}

function address(text: string): string {
  const parsed = parseAddress(text);
  if (parsed) return parsed.text;
  throw new UserError("option", `--from ${text}: not an IP address`, {
    fault: faultOf("option-value", { option: `--from ${text}`, is: "address" }),
    found: text,
    expected: "the client's address as the server sees it",
  });
}

function opensshVersion(text: string): OpenSshVersion {
  const [, major, minor] = /^(\d+)\.(\d+)$/.exec(text) ?? [];
  if (major !== undefined && minor !== undefined) return { text, major: Number(major), minor: Number(minor) };
  throw new UserError("option", `--openssh ${text}: not a version`, {
    fault: faultOf("option-value", { option: `--openssh ${text}`, is: "version" }),
    found: text,
    expected: "a version such as 9.2 or 10.0",
  });
}
