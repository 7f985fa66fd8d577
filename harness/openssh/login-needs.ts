/** What an account's settings demand beyond a public key, and how the lab gets in all the same. Pure. */
import { type EffectiveSettings, effectiveValue } from "./effective.ts";
import { acceptedKeyType, type KeyType } from "./key-types.ts";
import { atLeast, type OpenSshVersion } from "./version.ts";

export interface LoginNeeds {
  /** sshd_config lines that must hold for this account, to be put before the user's config. */
  overrides: string[];
  /** Reasons for them, for a person. */
  notes: string[];
  /** Type of key that this account may log in with. */
  keyType: KeyType;
}

/** Folder of the lab's own files on the server. */
export const adaptationFolder = "/run/forwardlab";

/** Where keys go when the config has no AuthorizedKeysFile of its own. */
const labKeysFile = `${adaptationFolder}/keys/%u`;

/** Reads the needs from `sshd -T -C user=…`. */
export function loginNeeds(account: string, settings: EffectiveSettings, version: OpenSshVersion): LoginNeeds {
  const overrides: string[] = [];
  const notes: string[] = [];
  const override = (line: string, why: string) => {
    overrides.push(line);
    notes.push(`for ${account}: ${line} (${why})`);
  };
  const value = (keyword: string) => effectiveValue(settings, keyword);

  if (value("pubkeyauthentication") === "no") override("PubkeyAuthentication yes", "the config says no; the lab logs in with a key");
  const methods = value("authenticationmethods");
  if (methods !== "" && methods !== "any" && !methods.split(/\s+/).includes("publickey"))
    override("AuthenticationMethods publickey", `the config demands ${methods}; the lab has one key and no second factor`);
  const keyFiles = value("authorizedkeysfile");
  if (keyFiles === "" || keyFiles === "none")
    override(`AuthorizedKeysFile ${labKeysFile}`, "the config takes keys from elsewhere; the lab keeps them in a file");
  const keyType = acceptedKeyType(value("pubkeyacceptedalgorithms"));
  if (!keyType)
    override(
      `${atLeast(version, 8, 5) ? "PubkeyAcceptedAlgorithms" : "PubkeyAcceptedKeyTypes"} +ssh-ed25519`,
      "the config accepts no plain key, only certificates or hardware keys",
    );
  if (!/^(verbose|debug)/i.test(value("loglevel"))) override("LogLevel VERBOSE", "the lab reads sshd's reasons from its log");
  return { overrides, notes, keyType: keyType ?? "ed25519" };
}

/** The file that goes first in the wrapper config: the first Match that holds wins, and these hold for one account each. */
export function adaptationsFile(needs: ReadonlyMap<string, readonly string[]>): string {
  const blocks = [...needs].filter(([, overrides]) => overrides.length > 0);
  return blocks.map(([account, overrides]) => `Match User "${account}"\n${overrides.map((line) => `    ${line}\n`).join("")}`).join("");
}

/**
 * Paths of an AuthorizedKeysFile value for one account: `%h` home, `%u` name, `%U` uid, `%%`; relative ones are below the home folder.
 * Source: sshd_config(5), TOKENS; OpenSSH `auth.c` `expand_authorized_keys`.
 */
export function authorizedKeysPaths(value: string, account: { name: string; uid: number; home: string }): string[] {
  const tokens: Record<string, string> = { "%h": account.home, "%u": account.name, "%U": String(account.uid), "%%": "%" };
  return value
    .split(/\s+/)
    .filter((path) => path !== "" && path !== "none")
    .map((path) => path.replace(/%./g, (token) => tokens[token] ?? token))
    .map((path) => (path.startsWith("/") ? path : `${account.home.replace(/\/$/, "")}/${path}`));
}
