/** Whom a review logs in as, on a server that no policy describes. */
import { anybody } from "../core/anybody.ts";
import { type Warning, warning } from "../core/warning.ts";
import type { FileTree } from "../openssh/file-tree.ts";
import { keyFileAccounts } from "../openssh/key-file-accounts.ts";
import { accountsLike, membersLike, type StandIn } from "../openssh/named-accounts.ts";
import { reviewedAccounts } from "../openssh/reviewed-accounts.ts";
import { readSshdConfig, type SshdConfig } from "../openssh/sshd-config.ts";
import { refusesLocked, type UserDatabase } from "../openssh/user-database.ts";
import { keyFilesOf, principalFilesOf } from "../policy/account-keys.ts";
import { InputFiles } from "../policy/input-files.ts";
import type { LoadedPolicy, Told } from "../policy/load-policy.ts";
import { copyAround, type ServerCopy, treeOf } from "../policy/server-copy.ts";
import { readServerUsers } from "../policy/server-users.ts";
import { accountsOfFiles, accountsOfStandIns, policyOfOptions, type ServerOptions, withLoginGroups } from "./server-options.ts";

/** A server's files, read. */
interface Bare extends ServerCopy {
  tree: FileTree;
  config: SshdConfig;
}

/** A server's files that no policy names, made into one with the accounts that are to be reviewed. */
export async function bareServer(copy: ServerCopy, options: ServerOptions & Told): Promise<LoadedPolicy> {
  const tree = await treeOf(copy);
  const bare = { ...copy, tree, config: await readSshdConfig(tree, { display: copy.ssh }) };
  const users = await readServerUsers(tree, new InputFiles());
  const loaded = await (users ? withListed(bare, users, options) : withStandIns(bare, options));
  const firewalls = options.firewall?.length ? [] : await firewallsIn(tree);
  if (firewalls.length === 0) return loaded;
  return {
    ...loaded,
    inputs: { ...loaded.inputs, warnings: [warning("firewalls-not-read", { paths: firewalls }), ...loaded.inputs.warnings] },
  };
}

/** Where distributions keep the rules that are loaded at boot. */
const firewallPaths = [
  "/etc/nftables.conf",
  "/etc/sysconfig/nftables.conf",
  "/etc/iptables/rules.v4",
  "/etc/iptables/rules.v6",
  "/etc/sysconfig/iptables",
  "/etc/sysconfig/ip6tables",
  "/etc/ufw",
  "/etc/firewalld",
];

async function firewallsIn(tree: FileTree): Promise<string[]> {
  const found = await Promise.all(firewallPaths.map((path) => tree.look(path)));
  return found.flatMap((entry) => (entry.kind === "file" || entry.kind === "folder" ? [entry.display] : []));
}

/** Whoever the server's files name is an account; whoever they mean without a name has a stand-in. */
async function withStandIns({ ssh, files, tree, config }: Bare, options: ServerOptions & Told): Promise<LoadedPolicy> {
  const { accounts, warnings } = withLoginGroups(config, await accountsOfFiles(config, tree));
  const standIns = standInsOf(config);
  const around = Object.keys(files).length > 0 ? undefined : await copyAround(ssh);
  const beside = around ? [warning("accounts-not-read", { folder: around.folder }, { file: around.passwd })] : [];
  const all = { ...accounts, ...accountsOfStandIns(standIns), root: {}, [anybody]: {}, ...accounts };
  const loaded = await policyOfOptions(ssh, options, { accounts: all, files });
  return standingIn(loaded, criteriaOf(standIns.filter(({ name }) => !(name in accounts))), [...warnings, ...beside]);
}

/** The server's own accounts: each that something tells apart, and one of each kind. */
async function withListed({ ssh, files, tree, config }: Bare, users: UserDatabase, options: ServerOptions & Told): Promise<LoadedPolicy> {
  const withFiles = await keyFileAccounts(config, tree);
  for (const { name } of users.accounts) {
    const server = { config, tree, users };
    const found = [await keyFilesOf(name, {}, server), await principalFilesOf(name, {}, server)];
    if (found.some((each) => each.files.length > 0)) withFiles.push(name);
  }
  const load = (apart: boolean) => {
    const locks = refusesLocked(config, []);
    const { accounts, alike, unlisted } = reviewedAccounts({ config, users, withFiles, apart, locks });
    const elsewhere = users.elsewhere.length > 0;
    const others = alike.some(({ account }) => account === undefined);
    const standIns = [...(elsewhere ? standInsOf(config) : []), ...(elsewhere || others ? [{ name: anybody }] : [])];
    const own = Object.fromEntries([...accounts, ...(elsewhere ? unlisted : [])].map((name) => [name, {}]));
    return {
      accounts: { ...accountsOfStandIns(standIns), ...own },
      criteria: {
        ...criteriaOf(standIns.filter(({ name }) => !(name in own))),
        ...Object.fromEntries(
          alike.flatMap(({ account, match, others: all }) => (account && match && all.length > 0 ? [[account, match]] : [])),
        ),
      },
      warnings: [
        ...alike.flatMap(({ account = anybody, others: all }) => (all.length > 0 ? [alikeWarning(account, all, users)] : [])),
        ...(unlisted.length > 0 && !elsewhere
          ? [warning("accounts-nobody-has", { accounts: unlisted }, { file: users.files.passwd })]
          : []),
        ...(elsewhere ? [warning("accounts-elsewhere", { sources: users.elsewhere })] : []),
      ],
    };
  };
  const few = load(false);
  const loaded = await policyOfOptions(ssh, options, { accounts: few.accounts, files });
  if (!namesOwners(loaded)) return standingIn(loaded, few.criteria, few.warnings);
  const all = load(true);
  return standingIn(await policyOfOptions(ssh, options, { accounts: all.accounts, files }), all.criteria, all.warnings);
}

/** How many of those that are alike a warning names. */
const mostNamed = 8;

function alikeWarning(account: string, all: readonly string[], users: UserDatabase): Warning {
  const accounts = all.slice(0, mostNamed);
  return warning("accounts-alike", { account, accounts, more: all.length - accounts.length }, { file: users.files.passwd });
}

/** Rules by the owner of a socket tell all accounts apart. */
function namesOwners({ inputs: { firewall } }: LoadedPolicy): boolean {
  return (firewall?.rules ?? []).some(({ text }) => /\bsk[ug]id\b|--[ug]id-owner/.test(text));
}

function standInsOf(config: SshdConfig): StandIn[] {
  return [...accountsLike(config), ...membersLike(config)];
}

/** By stand-in: the criterion of a `Match` for all whom it stands for; null where there is none. */
function criteriaOf(standIns: readonly StandIn[]): Record<string, string | null> {
  const all: readonly StandIn[] = [...standIns, { name: anybody }];
  return Object.fromEntries(all.map(({ name, match }) => [name, match ?? null]));
}

function standingIn(loaded: LoadedPolicy, criteria: Record<string, string | null>, warnings: readonly Warning[]): LoadedPolicy {
  // Of an account that nobody has, no key is missing, and no file lists it.
  const told = loaded.inputs.warnings.flatMap((each): Warning[] => {
    if (each.code === "keys-missing") return each.params.account in criteria ? [] : [each];
    if (each.code !== "accounts-not-listed") return [each];
    const accounts = each.params.accounts.filter((name) => !(name in criteria));
    return accounts.length > 0 ? [{ ...each, params: { ...each.params, accounts } }] : [];
  });
  return { ...loaded, standIns: criteria, inputs: { ...loaded.inputs, warnings: [...warnings, ...told] } };
}
