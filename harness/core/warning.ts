/** What a person should know besides the verdicts: a code with parameters, as reasons have. `report/` puts it into words, in each language. */
import { distinctValues } from "./distinct.ts";
import type { Place } from "./errors.ts";

/** What the words of each code need. A table of words that lacks one, or asks for more, does not compile. */
interface ParamsByCode {
  // sshd_config and its files
  "sshd-include-algorithms": { pattern: string };
  "sshd-include-matches-nothing": { pattern: string; config: string };
  "sshd-config-empty": Record<never, never>;
  "sshd-file-not-read": Record<never, never>;
  "distribution-keyword": { keyword: string; distribution: string };
  "sshd-said": { message: string };
  "listen-address-missing": { address: string };
  "logins-stay-in-cgroup": { group: string; accounts: readonly string[] };
  "match-unknown": { match: string; why: "no-dns" | "no-names" | "version" };
  "match-untested": { match: string };
  "no-sshd-options": { variables: readonly string[] };
  "command-not-run": { setting: string; account: string; prints: "keys" | "principals"; key: string };
  "none-taken-for-file": { account: string };

  // keys, principals and certificates
  "login-line-ignored": { why: IgnoredBecause; option?: string };
  /** A line with other options for the same key. `first`: the place of the first such line; `others`: how many more there are. */
  "key-repeated": { first: string; others: number };
  "principal-not-usable": { why: "carriage-return" | "no-name" };
  "principal-repeated": { principal: string; first: number };
  "principals-not-read": { account: string; lacks: "AuthorizedPrincipalsFile" | "TrustedUserCAKeys" };
  "principals-not-given": { account: string; paths: readonly string[] };
  "principals-missing": { account: string; paths: readonly string[] };
  "keys-missing": { account: string; paths: readonly string[]; by: "key" | "certificate" };
  /** `name`: the key's comment, or the principal, of the line that the warning is about; `others`: how many more there are. */
  "logins-untested": { account: string; name: string; others: number };
  /** A password, or an answer to a question of PAM's, is a login without the options of any key. */
  "password-without-options": { account: string; setting: string };
  "jump-by-first-key": { server: string; account: string; keys: number; first: string };

  // the client: its ssh_config, its units
  "client-canonical-name": { host: string; name: string };
  "client-include-not-read": { pattern: string };
  "client-match-undecided": Record<never, never>;
  "autossh-left-out": { entry: string; send: number; receive: number };
  "unit-variable-unset": { variable: string };
  "unit-forks": { program: string };
  "unit-does-not-fork": { program: string };
  "unit-not-restarted": { restart?: string };
  "unit-keeps-failed-forward": Record<never, never>;
  "unit-misses-silence": Record<never, never>;
  "unit-autossh-gate-time": Record<never, never>;
  "unit-other-account": { runsAs: string; account: string };
  "unit-start-limit": { burst: number; interval: number; pause: number };
  "same-listener": { forwards: readonly string[]; host: string; port?: number; path?: string };

  // firewalls
  "nft-include-folder": { pattern: string; files: string };
  "nft-include-matches-nothing": { pattern: string };
  "nft-include-twice": { pattern: string; folder: string };
  "no-chain": Record<never, never>;
  "legacy-tables": Record<never, never>;
  "one-family-only": { filtered: 4 | 6; open: 4 | 6 };
  "ufw-not-enabled": Record<never, never>;
  "ufw-script-not-run": Record<never, never>;
  /** In YAML: `net.ipv4.ip_forward: 1`. */
  "ufw-sysctls-not-set": { settings: readonly string[] };
  "firewalld-no-conf": Record<never, never>;
  "firewalld-said": { message: string };
  "firewalld-zone-unbound": { zone: string };
  "firewalld-forwards": { key: string };
  "bridge-table": { rule: string };
  "firewalld-bridge-rules": Record<never, never>;
  "group-without-members": { direction: "in" | "out" };
  "foreign-interface": { rule: string; names: readonly string[]; matches: "always" | "never" | "others" };
  "foreign-interfaces": {
    names: readonly string[];
    rules: number;
    always: readonly string[];
    never: readonly string[];
    others: readonly string[];
  };
  "rule-unsettled": { rule: string; on: "chance" | "clock" | "program" };

  // the run
  "sources-not-probed": { rule: string; others: number; prefixes: readonly string[]; more: number };
  "sources-elsewhere": { rule: string; others: number; prefixes: readonly string[]; more: number };
  "foreign-address": { rule: string; addresses: readonly string[] };
  /** A rule that treats an interface unlike others, and the policy does not say which the server has. */
  "interface-assumed": { rule: string; interfaces: readonly string[] };
  "interface-not-probed": { rule: string; interfaces: readonly string[] };
  /** `others`: lines of the other rules of the file that ask for the same. */
  "identity-not-probed": {
    rule: string;
    by: "listed" | "address-bits" | "hardware-address" | "ipsec" | "interfaces" | "mark";
    others?: readonly string[];
  };
  /** A rule that leads visitors of these forwards to where nobody in the lab answers. */
  "led-away": { forwards: readonly string[]; rule: string };
  "slow-dial": { forward: string; dialler: "ssh" | "sshd"; rule?: string };
  "unused-connection": { setting: string; seconds: number; forwards: readonly string[] };
  "idle-jump": { setting: string; seconds: number; hop: string; forwards: readonly string[] };
  "idle-visitor": { setting: string; seconds: number; forwards: readonly string[] };
  "waiver-covers-nothing": { id: string; forward: string; vantage: string };
  "remedies-left-out": Record<never, never>;
  /** Taken as the policy or an option says. `elsewhere`: where the server may have them from, e.g. `sss`. */
  "accounts-not-listed": { accounts: readonly string[]; elsewhere: readonly string[] };
  /** Nobody has them, although the config or a key file names them. */
  "accounts-nobody-has": { accounts: readonly string[] };
  "accounts-elsewhere": { sources: readonly string[] };
  /** The folder beside it is not the whole copy. */
  "accounts-not-read": { folder: string };
  "locks-unknown": Record<never, never>;
  /** Firewalls in the copy of a server, of which it is not known which one is in force. */
  "firewalls-not-read": { paths: readonly string[] };
  /** One account is reviewed in the place of all that nothing tells apart from it. */
  "accounts-alike": { account: string; accounts: readonly string[]; more: number };
  "groups-assumed": { accounts: readonly string[]; group: string };
  /** Of a name that a list permits. */
  "target-address-assumed": { name: string; address: string };
  "accounts-not-reviewed": { accounts: readonly string[] };
  "only-first-reviewed": { others: readonly string[] };
}

/** Why sshd ignores a line of authorized_keys or of a principals file. */
export type IgnoredBecause = "byte-order-mark" | "open-quote" | "no-key" | "certificate" | "unknown-option" | "bad-option";

export type WarningCode = keyof ParamsByCode;
export type WarningParams<Code extends WarningCode> = ParamsByCode[Code];

/** The line that it is about is left out where there is none. */
type Coded<Code extends WarningCode> = Partial<Place> & {
  code: Code;
  params: WarningParams<Code>;
  /** The server that it is about, where it is not the only one. */
  server?: string;
  /** The policy's forwards that it is about; left out: the whole run. Not part of any document. */
  forwards?: readonly string[];
};

export type WarningOf<Code extends WarningCode> = Coded<Code>;
export type Warning = { [Code in WarningCode]: WarningOf<Code> }[WarningCode];

export function warning<Code extends WarningCode>(code: Code, params: WarningParams<Code>, at: Partial<Place> = {}): WarningOf<Code> {
  const { file, line, column } = at;
  return {
    code,
    params,
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
  };
}

/** Warnings for a document: those about the whole run or one of these forwards; without `selected`, all. */
export function warningsAbout(all: readonly Warning[], selected?: readonly string[]): Warning[] {
  const about = all.filter(({ forwards }) => !selected || !forwards || forwards.some((name) => selected.includes(name)));
  return distinctWarnings(about.map(({ forwards: _, ...warning }) => warning as Warning));
}

/** Each warning once, in order. */
export function distinctWarnings(all: readonly Warning[]): Warning[] {
  return distinctValues(all);
}
