/** What somebody says about the server, in the forms that are short to write -> what the lab takes. */
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { temporaryFolder } from "../files/temporary-folder.ts";
import { readFileOr } from "../files/user-file.ts";
import type { FirewallFiles } from "../firewall/firewall-files.ts";
import { loadFirewall } from "../firewall/load-firewall.ts";
import { type SshdConfig, sshdConfigFromText } from "../openssh/sshd-config.ts";
import { loadSshdConfig } from "../policy/load-sshd-config.ts";
import type { ServerAccount } from "../ssh/server.ts";

/** The text of an sshd_config, or where one is: a file, or a folder laid out like /etc/ssh; relative to the folder that reading starts from. */
export type SshdInput = string | { path: string };

/**
 * The text of an nft ruleset or of an iptables-save dump (`[IPv4, IPv6]` for two), or where such files are.
 * `null`: no firewall.
 */
export type FirewallInput = string | readonly [v4: string, v6: string] | { path: string | readonly [v4: string, v6: string] } | null;

/** One account of the server. `{}`: a plain account with one key without options. */
export interface AccountInput {
  /** Options of each of its key lines, e.g. `restrict,port-forwarding`; `""` for none. */
  keys?: readonly string[];
  /** Where its authorized_keys is: options are kept, keys replaced by the lab's. */
  authorizedKeys?: { path: string };
  /** Lines of its principals file, e.g. `restrict web`: each is a login by certificate where the config has TrustedUserCAKeys and AuthorizedPrincipalsFile. */
  principals?: readonly string[];
  groups?: readonly string[];
  uid?: number;
  /** Login shell, e.g. /usr/sbin/nologin. Default: /bin/sh, or what the image has for the account. */
  shell?: string;
}

/** What a lab's server runs. Left out: nothing but sshd's defaults, no firewall, one plain account `tunnel`. */
export interface ServerInput {
  sshd?: SshdInput;
  firewall?: FirewallInput;
  accounts?: Readonly<Record<string, AccountInput>>;
}

/** As the lab takes it. */
interface ServerParts {
  sshdConfig: SshdConfig;
  firewall: FirewallFiles | null;
  accounts: readonly ServerAccount[];
}

/** `folder`: what relative paths start from. */
export async function readServer(input: Required<ServerInput>, folder: string): Promise<ServerParts> {
  const [sshdConfig, firewall, accounts] = await Promise.all([
    readSshd(input.sshd, folder),
    readFirewall(input.firewall, folder),
    readAccounts(input.accounts, folder),
  ]);
  return { sshdConfig, firewall, accounts };
}

export async function readSshd(input: SshdInput, folder: string): Promise<SshdConfig> {
  return typeof input === "string" ? sshdConfigFromText(input) : loadSshdConfig(resolve(folder, input.path), input.path);
}

export async function readFirewall(input: FirewallInput, folder: string): Promise<FirewallFiles | null> {
  if (input === null) return null;
  if (typeof input === "object" && "path" in input) return loadFirewall(input.path, folder);
  // nft and iptables-restore read files; what they say about text is said about a file of this name.
  const texts = [input].flat();
  const names = texts.length === 1 ? ["firewall"] : ["firewall.v4", "firewall.v6"];
  await using written = await temporaryFolder("firewall");
  await Promise.all(texts.map((text, at) => writeFile(join(written.path, names[at] as string), text)));
  return await loadFirewall(names.length === 1 ? "firewall" : (["firewall.v4", "firewall.v6"] as const), written.path);
}

export async function readAccounts(inputs: Readonly<Record<string, AccountInput>>, folder: string): Promise<ServerAccount[]> {
  return Promise.all(
    Object.entries(inputs).map(async ([name, { keys, authorizedKeys, principals, groups, uid, shell }]): Promise<ServerAccount> => {
      const text = authorizedKeys ? readFileOf(authorizedKeys.path, folder) : keys?.map(keyLine).join("");
      return {
        name,
        ...(uid === undefined ? {} : { uid }),
        ...(groups ? { groups } : {}),
        ...(shell === undefined ? {} : { shell }),
        ...(text === undefined ? {} : { authorizedKeys: [{ text, display: authorizedKeys?.path ?? `authorized_keys of ${name}` }] }),
        ...(principals ? { authorizedPrincipals: [{ text: principals.join("\n"), display: `principals of ${name}` }] } : {}),
      };
    }),
  );
}

/** Any key will do: the lab puts its own in its place. */
const someKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZvcndhcmRsYWIgZXhhbXBsZSBrZXksIG5vdCB1c2Vk";

function keyLine(options: string): string {
  return `${options === "" ? "" : `${options} `}${someKey}\n`;
}

function readFileOf(path: string, folder: string): string {
  const at = resolve(folder, path);
  const bytes = readFileOr(at, ({ code, message }) => {
    throw new UserError("authorized-keys", `cannot read ${path}: ${code ?? message}`, {
      fault: faultOf("keys-unreadable", { path, why: code ?? message }),
      found: at,
    });
  });
  return bytes.toString("utf8");
}
