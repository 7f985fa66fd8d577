/** Accounts as which `init` asks, where no option names them. */
import { anybody } from "../core/anybody.ts";
import { type Warning, warning } from "../core/warning.ts";
import { membersLike } from "../openssh/named-accounts.ts";
import { readSshdConfig } from "../openssh/sshd-config.ts";
import { accountIn, type UserDatabase } from "../openssh/user-database.ts";
import type { LoadedPolicy } from "../policy/load-policy.ts";
import { copyAround, type ServerCopy, treeOf } from "../policy/server-copy.ts";
import { bareServer } from "./review-accounts.ts";
import { accountsOfFiles, accountsOfStandIns, type OptionAccounts, type ServerOptions, withLoginGroups } from "./server-options.ts";

export interface DraftAccounts {
  accounts: OptionAccounts;
  /** Those whose groups are not known. */
  assumed: string[];
  warnings: Warning[];
}

export async function draftAccounts(
  copy: ServerCopy,
  options: ServerOptions & { allowOutside?: boolean | undefined },
): Promise<DraftAccounts> {
  const tree = await treeOf(copy);
  const config = await readSshdConfig(tree, { display: copy.ssh });
  const loaded = Object.keys(copy.files).length > 0 ? await bareServer(copy, options) : undefined;
  const users = loaded?.inputs.users;
  if (loaded && users) return listed(loaded, users);
  const around = loaded ? undefined : await copyAround(copy.ssh);
  const { accounts, assumed } = withLoginGroups(config, await accountsOfFiles(config, tree));
  return {
    accounts: { ...accounts, ...accountsOfStandIns(membersLike(config)) },
    assumed,
    warnings: around ? [warning("accounts-not-read", { folder: around.folder }, { file: around.passwd })] : [],
  };
}

/** As a review has them: each that something tells apart, and one of each kind. root counts if it has keys. */
function listed({ policy, inputs }: LoadedPolicy, users: UserDatabase): DraftAccounts {
  const names = inputs.accounts.filter(({ name, keyFiles }) => name !== anybody && (name !== "root" || keyFiles.length > 0));
  const chosen = names.length > 0 ? names.map(({ name }) => name) : ordinary(users);
  const groupsOf = (name: string) => (accountIn(users, name) ? undefined : policy.server.accounts?.[name]?.groups);
  const told = new Set<Warning["code"]>(["accounts-alike", "accounts-nobody-has", "accounts-elsewhere", "firewalls-not-read"]);
  return {
    accounts: Object.fromEntries(
      chosen.map((name) => {
        const groups = groupsOf(name);
        return [name, groups ? { groups } : {}];
      }),
    ),
    assumed: [],
    warnings: inputs.warnings.filter(({ code }) => told.has(code)),
  };
}

/** Of accounts that nothing tells apart, one of a person. Source of the number: login.defs(5), UID_MIN. */
function ordinary({ accounts }: UserDatabase): string[] {
  return accounts
    .filter(({ name, uid }) => uid >= 1000 && name !== "nobody")
    .map(({ name }) => name)
    .slice(0, 1);
}
