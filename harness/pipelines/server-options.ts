/** A server as the command line describes it, without a policy: made into one. */
import { stat } from "node:fs/promises";
import { dirname, relative, resolve, sep } from "node:path";
import { enumerated } from "../core/enumerated.ts";
import { type Place, UserError } from "../core/errors.ts";
import { type Fault, faultOf } from "../core/fault.ts";
import { type Warning, warning } from "../core/warning.ts";
import type { FileTree } from "../openssh/file-tree.ts";
import { keyFileAccounts } from "../openssh/key-file-accounts.ts";
import { groupToLogIn, namedAccounts, type StandIn } from "../openssh/named-accounts.ts";
import type { SshdConfig } from "../openssh/sshd-config.ts";
import { allowFor, type LoadedPolicy, loadPolicy, type Told } from "../policy/load-policy.ts";
import type { KeyPath } from "../policy/yaml-source.ts";

export interface ServerOptions {
  /** An nft ruleset, a copy of /etc/ufw or /etc/firewalld, or one or two iptables-save dumps. Left out: no firewall. */
  firewall?: readonly string[];
  /** The server's interface, as its firewall names it. */
  interface?: string;
  /** The server's addresses with prefix length. */
  addresses?: readonly string[];
  /** `NAME[:GROUP,…][=FILE]`: an account, its groups, its authorized_keys. Left out: those that the server's files name. */
  accounts?: readonly string[];
}

export interface OptionAccount {
  groups?: string[];
  authorized_keys?: string;
}
export type OptionAccounts = Record<string, OptionAccount>;

export interface OptionForward {
  ssh: string;
  as?: string;
}

/** What a policy says besides the options. */
interface Stated {
  /** None: the account that a policy has without any. */
  accounts: OptionAccounts;
  forwards?: Record<string, OptionForward>;
  /** Copies of the server's files, besides those of /etc/ssh. */
  files?: Readonly<Record<string, string>>;
}

/**
 * @param path an sshd_config, or a folder laid out like /etc/ssh
 * @throws UserError, whose place is the option where an option is at fault
 */
export async function policyOfOptions(
  path: string,
  options: ServerOptions & Told,
  { accounts, forwards = {}, files = {} }: Stated,
): Promise<LoadedPolicy> {
  const { firewall = [], interface: name, addresses = [] } = options;
  for (const file of firewall) await requireFile(file, "--firewall", "firewall");
  const keyFiles = Object.values(accounts).flatMap(({ authorized_keys: file }) => file ?? []);
  for (const file of keyFiles) await requireFile(file, "--account", "keys");
  const [first, ...more] = firewall.map(fromHere);
  const policy = {
    server: {
      sshd_config: fromHere(path),
      ...(first === undefined ? {} : { firewall: more.length > 0 ? [first, ...more] : first }),
      ...(Object.keys(accounts).length > 0 ? { accounts } : {}),
      ...(Object.keys(files).length > 0
        ? { files: Object.fromEntries(Object.entries(files).map(([at, copy]) => [at, fromHere(copy)])) }
        : {}),
    },
    ...(name === undefined && addresses.length === 0 ? {} : { network: { server: networkOf(name, addresses) } }),
    forwards,
  };
  const copies = Object.values(files);
  const folders = [path, ...copies, ...[path, ...firewall, ...keyFiles].map((each) => dirname(each))].map((each) => resolve(each));
  return loadPolicy("policy.yaml", {
    // JSON is YAML.
    text: JSON.stringify(policy),
    placeOf: placeIn(path, options),
    display: path,
    ...allowFor(options, folders),
  });
}

/** A list of addresses says that there are no others. */
export function networkOf(name: string | undefined, addresses: readonly string[]) {
  return {
    ...(name === undefined ? {} : { interface: name }),
    ...(addresses.length > 0 ? { address: addresses, ...(addresses.some((each) => each.includes(":")) ? {} : { ipv6: false }) } : {}),
  };
}

/** Those of `--account`. */
export function accountsOfOptions(words: readonly string[]): OptionAccounts {
  return Object.fromEntries(
    words.map((word): [string, OptionAccount] => {
      const [, name = "", groups, file] = /^([^:=]*)(?::([^=]*))?(?:=(.*))?$/s.exec(word) ?? [];
      return [
        name,
        {
          ...(groups === undefined ? {} : { groups: groups.split(",") }),
          ...(file === undefined ? {} : { authorized_keys: fromHere(file) }),
        },
      ];
    }),
  );
}

/** Accounts that exist as far as the server's files tell: those that sshd's config names, and those that have key files. */
export async function accountsOfFiles(config: SshdConfig, tree: FileTree): Promise<OptionAccounts> {
  const withFiles = await keyFileAccounts(config, tree);
  return Object.fromEntries([...namedAccounts(config), ...withFiles].map((name) => [name, {}]));
}

export function accountsOfStandIns(standIns: readonly StandIn[]): OptionAccounts {
  return Object.fromEntries(standIns.map(({ name, groups }) => [name, groups ? { groups } : {}]));
}

interface WithGroups {
  accounts: OptionAccounts;
  /** Those whose groups nobody has said. */
  assumed: string[];
  warnings: Warning[];
}

/** Those that the files name are let in: the files do not say which groups they are in, and outside of all of them they could log in to nothing. */
export function withLoginGroups(config: SshdConfig, accounts: OptionAccounts): WithGroups {
  const joined = Object.keys(accounts).flatMap((name) => {
    const to = accounts[name]?.groups || name === "root" ? undefined : groupToLogIn(config, name);
    return to ? [{ name, ...to }] : [];
  });
  const warnings = [...Map.groupBy(joined, ({ group }) => group)].map(([group, all]) =>
    warning("groups-assumed", { accounts: all.map(({ name }) => name), group }, { file: all[0]?.file ?? "", line: all[0]?.line ?? 1 }),
  );
  const inGroups = Object.fromEntries(joined.map(({ name, group }) => [name, { groups: [group] }]));
  return { accounts: { ...accounts, ...inGroups }, assumed: joined.map(({ name }) => name), warnings };
}

function fromHere(file: string): string {
  return relative(process.cwd(), resolve(file)).split(sep).join("/") || ".";
}

const optionFiles = {
  firewall: "an nft ruleset, an iptables-save dump, or a copy of /etc/ufw or /etc/firewalld",
  keys: "an authorized_keys file",
};

async function requireFile(file: string, option: string, what: keyof typeof optionFiles): Promise<void> {
  const error = await stat(file).then(
    () => undefined,
    (thrown: NodeJS.ErrnoException) => thrown,
  );
  if (error === undefined) return;
  const said = error.code === "ENOENT" ? undefined : error.message;
  throw new UserError("option-file", `${option}: cannot read ${file}`, {
    place: { file },
    fault: faultOf("option-file", { option, file, what, said }),
    found: said ?? "no such file",
    expected: optionFiles[what],
  });
}

function placeIn(path: string, { interface: name, addresses = [], accounts = [] }: ServerOptions): (at: KeyPath) => Place {
  return ([room, what, detail, index]) => {
    if (room === "network" && detail === "interface") return { file: `--interface ${name}` };
    if (room === "network") return { file: `--address ${addresses[Number(index ?? 0)] ?? ""}`.trimEnd() };
    if (room === "server" && what === "firewall") return { file: "--firewall" };
    if (room === "server" && what === "accounts" && accounts.length > 0) return { file: "--account" };
    return { file: room === "forwards" ? "--forward" : path };
  };
}

/** What a policy would say under `network` is said on the command line. */
const optionTodos: Record<string, string> = {
  "firewall-interface": "add `--interface NAME`, and the server's addresses with `--address ADDRESS/PREFIX`",
  "firewall-address": "add the server's addresses with `--address ADDRESS/PREFIX`",
  "sshd-start": "add the server's addresses with `--address ADDRESS/PREFIX`",
};

function byOptions(fault: Fault): Fault {
  if (fault.code === "firewall-interface") return faultOf(fault.code, { ...fault.params, options: true });
  if (fault.code === "firewall-address") return faultOf(fault.code, { ...fault.params, options: true });
  return fault.code === "sshd-does-not-start" ? faultOf(fault.code, { ...fault.params, options: true }) : fault;
}

function alsoFor(fault: Fault | undefined): string {
  const also = fault?.code === "firewall-interface" ? (fault.params.also ?? []) : [];
  return also.length > 0 ? ` (the same goes for ${enumerated(also)})` : "";
}

/** The error of a run without a policy: what to do about it names options. */
export function asOptionError(error: unknown): unknown {
  if (!(error instanceof UserError)) return error;
  const todo = optionTodos[error.code];
  if (todo === undefined) return error;
  const { code, message, place, found, expected, log, cause, fault } = error;
  return new UserError(code, message, {
    place,
    fault: fault && byOptions(fault),
    found,
    expected,
    log,
    cause,
    todo: `${todo}${alsoFor(fault)}; if it has several interfaces, write a policy`,
  });
}
