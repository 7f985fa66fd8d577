/** Everything that the user's files say, read once before a lab starts: later stages read no file. */
import type { FirewallFiles } from "../firewall/firewall-files.ts";
import { loadFirewall } from "../firewall/load-firewall.ts";
import { parseAuthorizedKeys } from "../openssh/authorized-keys.ts";
import { readSshdConfig, type SshdConfig } from "../openssh/sshd-config.ts";
import { type KeyFile, keyFilesOf } from "./account-keys.ts";
import type { InputFile, InputFiles, PolicyPath } from "./input-files.ts";
import { serverTree } from "./load-sshd-config.ts";
import { accountsOf, type Policy, type PolicyAccount } from "./policy.ts";
import type { PolicyPaths } from "./policy-paths.ts";
import { readSshdOptions } from "./sshd-options.ts";

/** An account of the server with the keys that it has there. */
export interface AccountInput extends Omit<PolicyAccount, "authorized_keys"> {
  name: string;
  /** Empty: the lab gives it one plain key. */
  keyFiles: readonly KeyFile[];
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
  /** Every file that was read, for the provenance; the policy itself comes first. */
  files: readonly InputFile[];
  /** For a person, besides those of the config and of the firewall. */
  warnings: readonly string[];
}

/**
 * Reads what the policy names.
 * @throws UserError of the file that cannot be read or used, e.g. `sshd-config`, `sshd-include`, `firewall-file`
 */
export async function readInputs(policy: Policy, folder: string, paths: PolicyPaths, files: InputFiles): Promise<RunInputs> {
  const tree = await serverTree(paths.sshdConfig.absolute, paths.sshdConfig.display, paths.serverFiles);
  const sshdConfig = await readSshdConfig(tree, { display: paths.sshdConfig.display, ignoredKeywords: policy.server.ignore_unknown });
  for (const [path, content] of Object.entries(sshdConfig.read)) files.note(sshdConfig.displayOf[path] as string, content);
  const firewalls = await Promise.all([
    readFirewall(paths.firewall, Array.isArray(policy.server.firewall), folder),
    readFirewall(paths.homeFirewall, Array.isArray(policy.home?.firewall), folder),
  ]);
  for (const each of firewalls.flatMap((firewall) => Object.values(firewall?.files ?? {})))
    files.note(each.display, each.whole ?? each.content);
  const warnings: string[] = [];
  const accounts: AccountInput[] = [];
  for (const [name, account] of Object.entries(accountsOf(policy))) {
    const given = paths.authorizedKeys[name];
    const found = given
      ? { files: [{ text: await files.text(given), display: given.display }], missing: [] }
      : await keyFilesOf(name, account, sshdConfig, tree);
    for (const file of found.files) files.note(file.display, file.text);
    if (found.missing.length > 0)
      warnings.push(`${name}: no key at ${found.missing.join(", ")}; the lab logs in with a key of its own, without options`);
    const { authorized_keys: _, ...rest } = account;
    accounts.push({ name, ...rest, keyFiles: found.files });
  }
  const ipsets = paths.ipsets && { text: await files.text(paths.ipsets), display: paths.ipsets.display };
  const options = readSshdOptions(policy.server.sshd_options ?? []);
  return {
    sshdConfig,
    sshdOptions: "settings" in options ? options.settings : [],
    firewall: firewalls[0] && { ...firewalls[0], ...(ipsets ? { ipsets: ipsets.text } : {}) },
    homeFirewall: firewalls[1],
    ipsets,
    accounts,
    files: files.all,
    warnings,
  };
}

/** A list means dumps, the IPv4 one first; a single name may be either kind of firewall. */
async function readFirewall(source: readonly PolicyPath[] | undefined, list: boolean, folder: string): Promise<FirewallFiles | undefined> {
  const [first, second] = source?.map(({ absolute }) => absolute) ?? [];
  if (first === undefined) return undefined;
  if (!list) return loadFirewall(first, folder);
  return loadFirewall(second === undefined ? [first] : [first, second], folder);
}

/**
 * Which of an account's keys logs in: `key` is the number of its line, or its comment. Undefined: none of them.
 * The index counts usable keys only, over all of the account's files, as the lab's server does.
 */
export function keyIndexOf(account: AccountInput, key: string | number): number | undefined {
  const keys = usableKeys(account);
  const index = keys.findIndex(({ line, comment }) => (typeof key === "number" ? line === key : comment === key));
  return index < 0 ? undefined : index;
}

/** Lines that sshd takes, of all files of an account. */
export function usableKeys({ keyFiles }: AccountInput) {
  return keyFiles.flatMap(({ text, display }) => parseAuthorizedKeys(text, display).keys);
}
