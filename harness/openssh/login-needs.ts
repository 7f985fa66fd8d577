/** What an account's settings demand beyond a public key, and how the lab gets in all the same. Pure. */
import { adapted, type HostAdaptation, type LoginSettingBecause } from "../core/adaptation.ts";
import { certificateSettings } from "./certificate-settings.ts";
import { type EffectiveSettings, effectiveValue } from "./effective.ts";
import { acceptedCertificateType, acceptedKeyType, type KeyType } from "./key-types.ts";
import { atLeast, type OpenSshVersion } from "./version.ts";

export interface LoginNeeds {
  /** sshd_config lines that must hold for this account, to be put before the user's config. */
  overrides: string[];
  /** The same with the reasons. */
  notes: HostAdaptation[];
  /** Type of key that this account may log in with. */
  keyType: KeyType;
  /** The same for keys with a certificate. */
  certificateType: KeyType;
}

/** How the lab logs in as an account. */
export interface LoginKinds {
  plainKey: boolean;
  /** By a line of authorized_keys, be it a key's or a CA's. */
  keysFile: boolean;
  certificate: boolean;
  /** By a certificate of a CA that TrustedUserCAKeys names. */
  trustedCa: boolean;
  /** Type of the lab's CAs. */
  authority: KeyType;
}

/** Folder of the lab's own files on the server. */
export const adaptationFolder = "/run/forwardlab";

/** Where keys go when the config has no AuthorizedKeysFile of its own. */
const labKeysFile = `${adaptationFolder}/keys/%u`;
/** Where principals go when a command is to name them. */
const labPrincipalsFile = `${adaptationFolder}/principals/%u`;

interface Override {
  line: string;
  why: LoginSettingBecause;
  /** What the config says. */
  instead?: string;
}

/** Reads the needs from `sshd -T -C user=…`. */
export function loginNeeds(account: string, settings: EffectiveSettings, version: OpenSshVersion, kinds: LoginKinds): LoginNeeds {
  const accepted = effectiveValue(settings, "pubkeyacceptedalgorithms");
  const types = { keyType: acceptedKeyType(accepted), certificateType: acceptedCertificateType(accepted) };
  const overrides = [
    ...methodOverrides(settings, kinds),
    ...algorithmOverrides(settings, version, kinds, types),
    ...principalOverrides(settings, kinds),
    ...(/^(verbose|debug)/i.test(effectiveValue(settings, "loglevel"))
      ? []
      : [{ line: "LogLevel VERBOSE", why: "log-too-short" } as const]),
  ];
  return {
    overrides: overrides.map(({ line }) => line),
    notes: overrides.map((each) => adapted("login-setting", { account, ...each })),
    keyType: types.keyType ?? "ed25519",
    certificateType: types.certificateType ?? "ed25519",
  };
}

function methodOverrides(settings: EffectiveSettings, { keysFile }: LoginKinds): Override[] {
  const overrides: Override[] = [];
  if (effectiveValue(settings, "pubkeyauthentication") === "no")
    overrides.push({ line: "PubkeyAuthentication yes", why: "no-public-keys" });
  const methods = effectiveValue(settings, "authenticationmethods");
  if (methods !== "" && methods !== "any" && !methods.split(/\s+/).includes("publickey"))
    overrides.push({ line: "AuthenticationMethods publickey", why: "other-methods", instead: methods });
  const keyFiles = effectiveValue(settings, "authorizedkeysfile");
  if (keysFile && (keyFiles === "" || keyFiles === "none"))
    overrides.push({ line: `AuthorizedKeysFile ${labKeysFile}`, why: "keys-elsewhere" });
  return overrides;
}

function algorithmOverrides(
  settings: EffectiveSettings,
  version: OpenSshVersion,
  kinds: LoginKinds,
  { keyType, certificateType }: { keyType: KeyType | undefined; certificateType: KeyType | undefined },
): Override[] {
  const keyword = atLeast(version, 8, 5) ? "PubkeyAcceptedAlgorithms" : "PubkeyAcceptedKeyTypes";
  const plain = kinds.plainKey && !keyType ? ["ssh-ed25519"] : [];
  const certificate = kinds.certificate && !certificateType ? ["ssh-ed25519-cert-v01@openssh.com"] : [];
  const why = plain.length > 0 ? "no-plain-key" : "no-plain-certificate";
  const missing = [...plain, ...certificate].join(",");
  const signs = effectiveValue(settings, "casignaturealgorithms").split(",").includes("ssh-ed25519");
  return [
    ...(missing === "" ? [] : [{ line: `${keyword} +${missing}`, why } as const]),
    ...(kinds.certificate && kinds.authority === "ed25519" && !signs
      ? [{ line: "CASignatureAlgorithms +ssh-ed25519", why: "no-common-ca" } as const]
      : []),
  ];
}

function principalOverrides(settings: EffectiveSettings, { trustedCa }: LoginKinds): Override[] {
  const { principalsFile, principalsCommand } = certificateSettings(settings);
  if (!trustedCa || principalsCommand === undefined) return [];
  return [
    { line: "AuthorizedPrincipalsCommand none", why: "command-not-run", instead: principalsCommand },
    ...(principalsFile === undefined
      ? [{ line: `AuthorizedPrincipalsFile ${labPrincipalsFile}`, why: "principals-elsewhere" } as const]
      : []),
  ];
}

/** The type of key by which all of these logins let a CA sign; `ed25519`, which sshd signs by default, where there is none. */
export function authorityType(answers: readonly EffectiveSettings[]): KeyType {
  const lists = answers.map((settings) => effectiveValue(settings, "casignaturealgorithms").split(","));
  const common = (lists[0] ?? []).filter((name) => lists.every((list) => list.includes(name)));
  return acceptedKeyType(common.join(",")) ?? "ed25519";
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
