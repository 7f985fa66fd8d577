/** Everything that the user's files say, read once before a lab starts: later stages read no file. */

import { textOf } from "../core/plain-text.ts";
import type { Progress } from "../core/step.ts";
import { type Warning, warning } from "../core/warning.ts";
import type { AllowedFolders } from "../files/allowed-folders.ts";
import type { MembersOf } from "../firewall/cloud/front-firewall.ts";
import type { FirewallFiles } from "../firewall/firewall-files.ts";
import { loadFirewall } from "../firewall/load-firewall.ts";
import { readSshdConfig, type SshdConfig } from "../openssh/sshd-config.ts";
import { type GivenCertificate, type LoginFile, type StatedLogin, statedLogins } from "../openssh/stated-logins.ts";
import type { UserDatabase } from "../openssh/user-database.ts";
import { type FilesOfAccount, keyFilesOf, principalFilesOf } from "./account-keys.ts";
import { readCertificates } from "./certificates.ts";
import { behindFront, readFront } from "./front-firewall.ts";
import type { InputFile, InputFiles, PolicyPath } from "./input-files.ts";
import { serverTree } from "./load-sshd-config.ts";
import { accountsOf, type Policy, type PolicyAccount } from "./policy.ts";
import type { PolicyPaths } from "./policy-paths.ts";
import { userWarnings } from "./server-users.ts";
import { statedSshdOptions } from "./sshd-options.ts";

/** An account of the server with the keys that it has there. */
export interface AccountInput extends Omit<PolicyAccount, "authorized_keys" | "authorized_principals" | "certificate"> {
  name: string;
  /** Empty: it is not known which keys it has. */
  keyFiles: readonly LoginFile[];
  /** Empty: it is not known which principals may log in. */
  principalFiles: readonly LoginFile[];
  /** Of the account and of its forwards, each once. */
  certificates: readonly GivenCertificate[];
}

export interface RunInputs {
  sshdConfig: SshdConfig;
  /** `Keyword=value` of sshd's command line. */
  sshdOptions: readonly string[];
  /** Undefined: no firewall. */
  firewall: FirewallFiles | undefined;
  homeFirewall: FirewallFiles | undefined;
  /** Output of `ipset save`. */
  ipsets: { text: string; display: string } | undefined;
  accounts: readonly AccountInput[];
  /** Undefined: nobody gave the server's /etc/passwd. */
  users: UserDatabase | undefined;
  /** Every file that was read, for the provenance; the policy itself comes first. */
  files: readonly InputFile[];
  /** For a person, besides those of the config and of the firewall. */
  warnings: readonly Warning[];
}

interface Reading {
  allowed: AllowedFolders;
  /** Told of what takes longer than a second. */
  progress?: Progress;
  /** Output of `ipset save`. */
  ipsets?: string;
  names?: Policy["server"]["names"];
  /** Names of the kernel settings that the policy gives the host. */
  sysctl?: readonly string[];
  /** The policy's other servers, as members of security groups. */
  membersOf?: MembersOf;
  /** What the server's files say of its accounts. */
  users?: UserDatabase;
}

/**
 * Reads what the policy names.
 * @throws UserError of the file that cannot be read or used, e.g. `sshd-config`, `sshd-include`, `firewall-file`
 */
export async function readInputs(
  policy: Policy,
  folder: string,
  paths: PolicyPaths,
  files: InputFiles,
  reading: Reading,
): Promise<RunInputs> {
  const tree = await serverTree(paths.sshdConfig.absolute, paths.sshdConfig.display, paths.serverFiles);
  const sshdConfig = await readSshdConfig(tree, { display: paths.sshdConfig.display, ignoredKeywords: policy.server.ignore_unknown });
  for (const [path, content] of Object.entries(sshdConfig.read)) files.note(sshdConfig.displayOf[path] as string, content);
  const ipsets = paths.ipsets && { text: await files.text(paths.ipsets), display: paths.ipsets.display };
  const firewalls = await Promise.all([
    readFirewall(paths.firewall, Array.isArray(policy.server.firewall), folder, {
      ...reading,
      ...(ipsets ? { ipsets: ipsets.text } : {}),
      ...(policy.server.names ? { names: policy.server.names } : {}),
      sysctl: Object.keys(policy.server.sysctl ?? {}),
    }),
    readFirewall(paths.homeFirewall, Array.isArray(policy.home?.firewall), folder, reading),
  ]);
  for (const each of firewalls.flatMap((firewall) => Object.values(firewall?.files ?? {})))
    if (!each.origins) files.note(each.display, each.whole ?? each.content);
  const front = await readFront(policy, paths.frontFirewall, files, reading.membersOf);
  const warnings: Warning[] = emptyConfig(sshdConfig);
  const { settings: sshdOptions, warnings: optionWarnings } = await statedSshdOptions(policy, paths, { files, allowed: reading.allowed });
  warnings.push(...optionWarnings);
  const { users } = reading;
  if (users) warnings.push(...userWarnings(policy, users, sshdConfig, sshdOptions));
  const trusts =
    sshdConfig.lines.some(({ keyword }) => keyword === "trustedusercakeys") ||
    sshdOptions.some((each) => /^trustedusercakeys=/i.test(each));
  const accounts: AccountInput[] = [];
  const certificates = await readCertificates(policy, paths, files);
  for (const [name, account] of Object.entries(accountsOf(policy))) {
    const read = async (given: PolicyPath | undefined, otherwise: typeof keyFilesOf) => {
      const found = given
        ? { files: [{ text: await files.text(given), display: given.display }], missing: [], notGiven: [] }
        : await otherwise(name, account, { config: sshdConfig, tree, users });
      for (const file of found.files) files.note(file.display, file.text);
      return found;
    };
    const keys = await read(paths.authorizedKeys[name], keyFilesOf);
    const principals = await read(paths.authorizedPrincipals[name], principalFilesOf);
    warnings.push(...(keys.files.length > 0 ? [] : standIns(name, keys, principals, trusts)));
    const { authorized_keys: _keys, authorized_principals: _principals, certificate: _certificate, ...rest } = account;
    accounts.push({
      name,
      ...rest,
      keyFiles: keys.files,
      principalFiles: principals.files,
      certificates: certificates[name] ?? [],
    });
  }
  return {
    sshdConfig,
    sshdOptions,
    firewall: behindFront(firewalls[0] && { ...(ipsets ? { ipsets: ipsets.text } : {}), ...firewalls[0] }, front),
    homeFirewall: firewalls[1],
    ipsets,
    accounts,
    users,
    files: files.all,
    warnings,
  };
}

/** As a copy that failed leaves it. */
function emptyConfig({ read, displayOf }: SshdConfig): Warning[] {
  const main = "/etc/ssh/sshd_config";
  const bytes = read[main];
  return bytes && textOf(bytes).trim() === "" ? [warning("sshd-config-empty", {}, { file: displayOf[main] ?? main })] : [];
}

/** What the lab takes where an account has no key: a principals file goes before a key of the lab's. */
function standIns(name: string, keys: FilesOfAccount, principals: FilesOfAccount, trusts: boolean): Warning[] {
  if (trusts && principals.files.length > 0) return [];
  const { missing, notGiven } = principals;
  const files = { account: name, paths: [...missing, ...notGiven] };
  if (trusts && notGiven.length > 0) return [warning("principals-not-given", files)];
  if (trusts && missing.length > 0) return [warning("principals-missing", files)];
  if (keys.missing.length === 0) return [];
  return [warning("keys-missing", { account: name, paths: keys.missing, by: trusts ? "certificate" : "key" })];
}

/** A list means dumps, the IPv4 one first; a single name may be either kind of firewall. */
async function readFirewall(
  source: readonly PolicyPath[] | undefined,
  list: boolean,
  folder: string,
  { allowed, ...more }: Reading,
): Promise<FirewallFiles | undefined> {
  const [first, second] = source?.map(({ absolute }) => absolute) ?? [];
  if (first === undefined) return undefined;
  if (!list) return loadFirewall(first, folder, allowed, more);
  return loadFirewall(second === undefined ? [first] : [first, second], folder, allowed, more);
}

/**
 * By which line an account logs in: `key` is its number, the comment of its key, or its principal. Undefined: by none.
 * The index counts usable lines only, over all of the account's files, as the lab's server does.
 */
export function keyIndexOf(account: AccountInput, key: string | number): number | undefined {
  const index = usableLogins(account).findIndex(({ place, name }) => (typeof key === "number" ? place.line === key : name === key));
  return index < 0 ? undefined : index;
}

/** Lines that sshd takes, of all files of an account. */
export function usableLogins({ keyFiles, principalFiles }: AccountInput): StatedLogin[] {
  return statedLogins({ authorizedKeys: keyFiles, authorizedPrincipals: principalFiles }).logins;
}
