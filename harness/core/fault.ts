/** What is wrong with what a person typed or edited, as a code with parameters: errors have it beside their English words where a page shows them. */

import type { CommandFaults } from "./command-faults.ts";
import type { Contradictions } from "./contradictions.ts";
import type { DocumentFaults } from "./document-faults.ts";
import type { EngineFaults } from "./engine-faults.ts";
import type { FoundFile } from "./found-file.ts";
import type { LabFaults } from "./lab-faults.ts";
import type { NetworkFaults } from "./network-faults.ts";
import type { ForeignEncoding } from "./plain-text.ts";

export type PortRefusal = "too-high" | "zero-listener" | "zero-target" | "no-service";

/** Both or neither: the port for which ssh refuses the rest. */
export interface RefusedPortParams {
  port?: string | undefined;
  why?: PortRefusal | undefined;
}

/** What the words of each code need. A table of words that lacks one, or asks for more, does not compile. `said`: words of ssh, sshd, nft, iptables. */
interface ParamsByCode extends NetworkFaults, Contradictions, CommandFaults, DocumentFaults, LabFaults, EngineFaults {
  // the ssh command
  "open-quote": Record<never, never>;
  "ssh-option-unknown": { letter: string };
  "ssh-option-needs-argument": { letter: string };
  "ssh-refuses": { said: string; form?: "forward" | "dynamic-forward" | "jump" | undefined } & RefusedPortParams;
  "ssh-refuses-option": {
    option: string;
    said: string;
    form?: "RemoteForward" | "LocalForward" | "DynamicForward" | undefined;
  } & RefusedPortParams;
  "ssh-needs-no-command": { said: string };
  "forward-with-variables": { typed: string };
  "path-with-variables": { typed: string; path: string };
  "path-relative": { typed: string; path: string };
  "socks-on-a-socket": { typed: string };
  "autossh-ports": { send: number; receive: number; asked: number; listener: string };
  "option-refused": { option: RefusedOption };
  "keyword-refused": { keyword: RefusedKeyword; value: string };
  "no-forward-asked": Record<never, never>;
  "several-forwards": { count: number };
  "destination-given": { destination: string; autossh?: boolean | undefined };
  "command-given": Record<never, never>;
  "jump-without-destination": Record<never, never>;
  /** `entry`: what would make it a host of the lab, under `network.vantages`; or under `own`, if it is `dialler`'s. */
  "target-unknown": { forward: string; host: string; known: readonly string[]; entry: string; dialler?: string; own?: string };
  "target-taken": { forward: string; host: string; port?: number | undefined; path?: string | undefined };

  // sshd, its config, its keys
  "sshd-refuses": { said: string; encoding?: ForeignEncoding | undefined };
  /** `keywords`: all that the sshd complains of and another one may know. */
  "sshd-knows-not": {
    said: string;
    keyword: string;
    keywords: readonly string[];
    distribution?: string | undefined;
    since?: string | undefined;
  };
  "sshd-knows-no-algorithm": { said: string; keyword: string };
  "sshd-does-not-start": { said: string; addresses: number; missing?: string | undefined; options?: true };
  "include-not-given": { line: string; path: string; folder: string; link?: string | undefined };
  "includes-endless": { why: "loop" | "too-many"; most: number };
  "sshd-address-unroutable": { server: string; from: string; family?: number | undefined; listening: readonly string[]; port: number };
  /** `loopback`: set if sshd listens on loopback only; an address that it could listen on as well. */
  "sshd-address-none": {
    server: string;
    from: string;
    family?: number | undefined;
    listening: readonly string[];
    loopback?: string | undefined;
  };
  /** `key`: the one that was chosen. `ignored`: places of lines that sshd passes over. */
  "no-usable-key": { account: string; key?: string | undefined; keys: number; ignored?: readonly string[] };

  // the login
  "ssh-exits": { said?: string | undefined };
  /** `told`: the port that ssh uses, if sshd listens on other ports (`listening`). */
  "ssh-cannot-connect": { address: string; said?: string | undefined; told?: number; listening?: readonly number[] };
  "jump-refuses": { hop: string; host: string; port: number; said: string };
  "jump-kept-out": { hop: string; places: readonly string[]; rule: string; host: string; port: number };
  /** `option`: the key's option because of which sshd passed over it. */
  "login-refused": {
    account: string;
    server: string;
    jump?: string | undefined;
    said: string;
    key: string;
    options?: string | undefined;
    option?: "from" | "expiry-time" | undefined;
    /** The place of another line with the same key. */
    next?: string | undefined;
  };
  "ssh-ended": { account: string; said?: string | undefined };
  "ssh-timeout": { seconds: number };
  "ssh-filtered": { from: string; target: string; port: number; by: string; fresh?: boolean | undefined };
  "ssh-silent": { from: string; target: string; seconds: number };

  // the firewall
  "firewall-load": {
    said: string;
    advice: "from-iptables" | "template" | "line-ends" | "last-line" | "dump-line-ends" | "kernel" | "nft" | "iptables";
  };
  /** `also`: others of the kind that the rules name. */
  "firewall-needs": { said: string; lacks: FirewallLacks; name?: string | undefined; also?: readonly string[] };
  "firewall-table-missing": { file: string; table: string };
  "firewall-hidden-extension": { file: string; text: string };
  "firewall-not-loadable": {
    file: string;
    is: "nothing" | "iptables-commands" | "nft-json" | "iptables-listing" | "template" | "unknown";
    second?: boolean | undefined;
  };
  "firewall-fragment": { file: string; chains?: string | undefined; ufw?: boolean | undefined };
  "firewall-not-a-dump": { file: string };
  "firewall-other-family": { file: string; family: 4 | 6; swapped: boolean; tool: string; header?: boolean | undefined };
  "firewall-family-unclear": { file: string };
  "firewall-include-missing": { include: string; expected: string };
  "firewall-include-outside": { path: string };
  "firewall-includes-endless": { why: "loop" | "too-many"; most: number };
  "firewall-interface": {
    does: "accepts" | "redirects" | "blocks";
    port: number;
    from?: number | undefined;
    name: string;
    /** Name for the policy, where the rule's own is a pattern. */
    declare: string;
    /** Left out: the only server. */
    host?: string | undefined;
    has: readonly string[];
    key: string;
    /** Others for which the same goes, as in `declare`. */
    also?: readonly string[];
    /** What the run knows of the server's network was said by options. */
    options?: true;
  };
  "firewall-address": {
    does: "accepts" | "redirects";
    port: number;
    from?: number | undefined;
    /** Or a prefix. */
    address: string;
    host?: string | undefined;
    has: readonly string[];
    key: string;
    /** What the run knows of the server's network was said by options. */
    options?: true;
  };
  "firewall-lost": Record<never, never>;
  "firewall-unreadable": {
    file: string;
    found: "missing" | "denied" | "path" | "folder" | "binary" | "no-file";
  } & FoundFile;
  "firewall-variable": { file: string };
  "firewalld-no-rules": { said?: string | undefined };
  "ufw-not-plain": Record<never, never>;
  "ufw-policy": { name: string; value?: string | undefined };
  "firewalld-no-xml": { file: string };
  "firewalld-chain": { chain: string; instead: string };
  /** `from`, `to`: a packaged file that the copy lacks, and where to put it. */
  "firewalld-refuses": { said: string; from?: string | undefined; to?: string | undefined };
  "firewalld-unloadable": { said: string; kind: "direct" | "ipsets" | "rules" };
  /** `files`: as the error shows them; `copies`: what they are copies of. */
  "ufw-files-missing": { files: readonly string[]; copies: readonly string[] };

  // the policy
  "policy-unreadable": { file: string; found: "no-file" | "not-utf-8" | "unreadable" } & FoundFile;
  "policy-errors": { file: string; count: number };
  "policy-empty": Record<never, never>;
  /** A file of another kind, such as an sshd_config. */
  "policy-foreign": { begins: string };
  /** `line`: which does not read; empty, or left out, where there is none. */
  "policy-no-yaml": { said: string; line?: string | undefined; todo: YamlTodo };
  "policy-key-twice": { key: string; line: number };
  "policy-key-unknown": { key: string; path: string; known: readonly string[]; meant?: string | undefined };
  "policy-key-missing": { key: string; path: string };
  /** `found`: as the policy has it. `expected`: one of these. */
  "policy-value": { path: string; found: PolicyFound; expected: readonly PolicyExpectation[]; todo: PolicyTodo };
  "policy-name": { name: string; path: string; expected: readonly PolicyExpectation[] };
  "policy-too-large": {
    is: "long" | "deep" | "aliases";
    found: number;
    most: number;
    unit: "characters" | "blanks" | "levels" | "aliases";
  };
  "policy-key-collection": Record<never, never>;
  "policy-two-firewalls": { policy: string };
  "policy-name-unknown": { kind: PolicyName; name: string; known: readonly string[]; meant?: string | undefined };
  "policy-file-missing": { file: string; what?: PolicyFile };
  "policy-file": {
    file: string;
    is: "unreadable" | "outside" | "folder" | "no-file" | "no-sshd_config";
    what?: PolicyFile | undefined;
  } & FoundFile;
  /** `config`: an sshd_config that is there instead. */
  "policy-none": { path: string; folder: boolean; config?: string | undefined };
  "copy-unreadable": { file: string } & FoundFile;
  // /etc/passwd and its like
  "accounts-line": {
    kind: "passwd" | "group" | "shadow";
    /** What is wrong, or how many fields there are. */
    found: string | number;
    is: "fields" | "name" | "number";
    form: string;
  };
  "accounts-file-missing": { there: string; missing: string };
  /** `owner`: as messages call it, e.g. `server.accounts.alice`; `place`: `file:line` of what the server says. */
  "account-contradicts": { owner: string; key: "uid" | "shell" | "groups"; stated: string; listed: string; place: string };
  // an entry of reachable_from
  /** `via`: through the next hop that the entry names. */
  "entry-address": { forward: string; host: string; vantage: string; via: boolean; addresses: readonly string[] };
  "entry-next-hop": { forward: string; host: string; vantage: string; addresses: readonly string[] };
  "entry-not-routed": { forward: string; host: string; vantage: string; family?: number | undefined };
  "entry-link-local": { forward: string; host: string; vantage: string; addresses: readonly string[] };
  /** `files`: where keys are looked for; none: the account has none. */
  "key-unmatched": { path: string; account: string; files: readonly string[]; lines: readonly number[]; principals: boolean };
  "key-not-on-the-way": { path: string; server: string; known: readonly string[]; meant?: string | undefined };

  // configs that are read
  "sshd-config-unreadable": { file: string; missing: boolean; said: string };
  "sshd-config-none": { path: string };
  "ssh-config-unreadable": { path: string };
  "ssh-config-no-file": { file: string } & FoundFile;
  "ssh-config-refused": {
    said: string;
    form?: "jump" | "RemoteForward" | "LocalForward" | "DynamicForward" | undefined;
  } & RefusedPortParams;
  "ssh-config-too-many": { most: number };
  "ssh-config-include": { file: string; pattern: string; path: string };
  "ssh-config-no-forward": { host: string };
  /** The block is for a name that ssh would have to look up. */
  "ssh-config-other-host": { host: string; name: string; place: string };
  "certificate-unreadable": { file: string; why: string };
  "certificate-none": { file: string; found: NoCertificate; type?: string | undefined };

  // service units
  "unit-not-ssh": { program: string; shell: boolean };
  "unit-file-not-given": { path: string; key: string; optional: boolean };
  "unit-config-not-given": { path: string };
  "unit-runs-command": { command: string; comment: boolean };
  /** `unset`: a variable of the command that nothing sets. `configGiven`: whether the policy has an ssh_config, if ssh reads one. */
  "unit-no-destination": { unset?: string | undefined };
  "unit-no-forward": { unset?: string | undefined; configGiven?: boolean | undefined };
  "unit-word-unknown": { word: string };
  /** `comment`: what follows the name looks like one. */
  "unit-user": { value: string; comment: boolean };
  "unit-setting-ignored": { key: string };
  "unit-commands": { unit: string; count: number };
  "unit-no-program": { key: string };
  /** `section`: the first section is missing. */
  "unit-not-a-unit": { file: string; section: boolean };
  "unit-starts-nothing": { file: string };
  "unit-name": { file: string };
  "unit-template": { file: string; prefix: string };
  "unit-file-pattern": { path: string };
  "unit-file-absent": { path: string; folder: boolean };
  "unit-not-sshd": { file: string; program?: string | undefined };
  "sshd-option-other": { word: string };

  // the cloud's firewall
  "cloud-not-json": { file: string };
  "cloud-other-file": { list: boolean };
  "cloud-no-groups": { found: string };
  "cloud-groups-unnamed": { count: number; groups: string };
  "cloud-group-name": { name: string; groups: string; several: boolean };
  "cloud-group-incomplete": { key: string };
  "cloud-key-unknown": { key: string; known: readonly string[] };
  "cloud-prefix-list": { list: string };
  "cloud-after-apply": { field: string; resource: string };
  "cloud-range": { range: string };
  "cloud-protocol": { protocol: string };
  "cloud-ports": { ports: string };

  // lessons and exercises
  "file-unknown": { file: string; known?: readonly string[] };
  "nothing-of-that-name": { exercise: string; known: readonly string[] };
  "attempt-too-long": { names: readonly string[]; file: number; command: number };
  "lesson-unknown": { lesson: string };
  "lab-busy": { request: "run" | "try" | "grade" | "use" | "check" | "stop" };
  "no-lab-yet": Record<never, never>;
  "message-unknown": Record<never, never>;

  // the lab and its engine
  "lab-gone": Record<never, never>;
  "lab-agent": Record<never, never>;
  "lab-limit": { processes: number; mebibytes: number };
  "lab-does-not-start": { said: string };
  "lab-unsound": Record<never, never>;
  "disk-full": { gib?: number | undefined };

  // the playground's other fields
  "key-option-bad": { option: string };
  "key-option-unknown": { option: string };
  "group-name": { name: string };
  "account-name": { name: string };
}

export const refusedOptions = ["J", "W", "w", "O", "E", "y", "G", "Q", "V", "l", "F", "s", "1", "q", "v"] as const;
export type RefusedOption = (typeof refusedOptions)[number];

/** Kinds of values, and the shapes of texts. */
export const policyExpected = ["mapping", "list", "text", "number", "whole-number", "boolean", "entries", "full-text"] as const;
export type PolicyExpected = (typeof policyExpected)[number];

/** Forms of texts and of what stands for them. */
export const policyForms = [
  "host-name",
  "address-with-prefix",
  "unicast-address",
  "bare-address",
  "group-address",
  "listener-address",
  "link-local",
  "address-range",
  "ipv4-address",
  "date",
  "duration",
  "port",
  "target",
  "service-place",
  "absolute-path",
  "cgroup-path",
  "home-path",
  "sysctl",
  "keyword",
] as const;
export type PolicyForm = (typeof policyForms)[number];

/** What to do about a wrong value: something to write in its place (`guessed`: with the usual prefix length), a name that was meant, or one of these. */
export type PolicyTodo =
  | { write: string; guessed?: boolean }
  | { meant: string }
  | "value-or-nothing"
  | "entry-or-nothing"
  | "no-quotes"
  | "correct";

/** What may stand in a value's place: a kind, a form, one of some values, or a bound. `said`: in English. */
export type PolicyExpectation =
  | PolicyExpected
  | { form: PolicyForm }
  | { values: readonly string[] }
  | { pattern: PolicyPattern }
  | { least: number }
  | { most: number; entries: boolean }
  | { said: string };

export type PolicyPattern = "name" | "account" | "service" | "interface" | "server-path" | "other";

/** Files that a policy names. */
export type PolicyFile =
  | "firewall"
  | "dump-4"
  | "dump-6"
  | "copy"
  | "sshd_config"
  | "cloud-firewall"
  | "ssh_config"
  | "sshd-options"
  | "ipsets"
  | "authorized_keys"
  | "principals"
  | "certificate";

/** What stands in the place of a user's certificate. */
export type NoCertificate = "private-key" | "public-key" | "nothing" | "unknown-type" | "cut-off" | "mixed-up" | "of-a-host";

export type YamlTodo = "indent-with-spaces" | "end-key-with-colon" | "quote" | "one-document" | "correct";

export type PolicyFound = "nothing" | "empty-list" | "list" | "mapping" | "empty-text" | { text: string };

export type PolicyName = "server" | "host" | "account" | "vantage point" | "forward" | "LAN";

export const refusedKeywords = [
  "proxyjump",
  "proxycommand",
  "user",
  "hostname",
  "tunnel",
  "sessiontype",
  "forkafterauthentication",
  "remotecommand",
] as const;
export type RefusedKeyword = (typeof refusedKeywords)[number];

/** What a ruleset needs and the lab does not have. `name`: of the module or the extension. */
export type FirewallLacks = "account" | "host-name" | "interface" | "set" | "cgroup" | "cgroup-support" | "extension" | "kernel-module";

export type FaultCode = keyof ParamsByCode;
export type FaultParams<Code extends FaultCode> = ParamsByCode[Code];
/** `side`: which side of a comparison it comes of. */
export type Fault = { [Code in FaultCode]: { code: Code; params: ParamsByCode[Code]; side?: string } }[FaultCode];

export function faultOf<Code extends FaultCode>(code: Code, params: ParamsByCode[Code]): Fault {
  return { code, params } as Fault;
}
