/** Something the lab added or set that the user's files do not say: a code with parameters, as warnings have. `report/` puts it into words. */
import { distinctValues } from "./distinct.ts";

/** What the words of each code need. A table of words that lacks one, or asks for more, does not compile. */
interface ParamsByCode {
  // every host
  "kernel-settings": { settings: readonly string[]; why: "privileged-ports" | "no-routing" | "ipv6-at-once" };
  "ports-reserved": { ports: string };
  "names-written": Record<never, never>;
  "tun-made": Record<never, never>;
  "tun-missing": Record<never, never>;
  "observation-table": Record<never, never>;
  "runtime-folder": { folder: string; account: string };
  "lab-socket": { path: string };
  "front-firewall": Record<never, never>;
  "neighbour-added": { lan: string };

  // sshd and its config
  "keyword-commented-out": { place: string; keyword: string };
  "host-keys": { paths: readonly string[] };
  "cgroups-made": { groups: readonly string[]; pam?: string };
  "sshd-options": { settings: readonly string[] };
  "revoked-keys-emptied": { path: string };
  "chroot-made": { paths: readonly string[] };
  "xauth-made": { path: string };

  // accounts and logins
  "account-unlocked": { account: string };
  "accounts-created": { accounts: readonly string[] };
  /** How many of each, and the files that list them. */
  "accounts-copied": { accounts: number; groups: number; passwd: string; group: string };
  "login-shell-replaced": { shell: string };
  "login-setting": { account: string; line: string; why: LoginSettingBecause; instead?: string };
  "command-output-given": { setting: string; account: string; prints: "keys" | "principals" };
  "lab-keys": { path: string };
  "lab-ca": { path: string };
  "principals-copied": { file: string; path: string };
  "lab-principal": { account: string; path: string };
  "certificate-copied": { account: string; file: string };
  "certificate-made": { account: string; principals: readonly string[]; place?: string };
}

/** Why a setting must hold for an account. `instead`: what the config says, where that is told. */
export type LoginSettingBecause =
  | "no-public-keys"
  | "other-methods"
  | "keys-elsewhere"
  | "no-plain-key"
  | "no-plain-certificate"
  | "no-common-ca"
  | "command-not-run"
  | "principals-elsewhere"
  | "log-too-short";

export type AdaptationCode = keyof ParamsByCode;
export type AdaptationParams<Code extends AdaptationCode> = ParamsByCode[Code];

/** One of a host that goes without saying. */
export type HostAdaptation = { [Code in AdaptationCode]: { code: Code; params: ParamsByCode[Code] } }[AdaptationCode];

export type Adaptation = HostAdaptation & ({ host: string } | { every: "host" | "container" });

export function adapted<Code extends AdaptationCode>(code: Code, params: ParamsByCode[Code]): HostAdaptation {
  return { code, params } as HostAdaptation;
}

export function adaptationsOf(host: string, all: readonly HostAdaptation[]): Adaptation[] {
  return all.map((each) => ({ host, ...each }));
}

/** Each once, in order. */
export function distinctAdaptations(all: readonly HostAdaptation[]): HostAdaptation[] {
  return distinctValues(all);
}
