/** Which of a server's accounts a review logs in as: each that something tells apart from the others, and one of each kind that nothing does. Pure. */
import { groupPatterns, namedAccounts, userPatterns } from "./named-accounts.ts";
import { matchPattern } from "./patterns.ts";
import type { SshdConfig } from "./sshd-config.ts";
import { groupsIn, type ListedAccount, type UserDatabase } from "./user-database.ts";

export interface ReviewedAccounts {
  /** In the order of /etc/passwd. */
  accounts: string[];
  /** Whom each of them stands for, besides itself; the key `undefined` is for those whom no line and no file means. */
  alike: { account: string | undefined; others: string[]; match?: string }[];
  /** Named by the config or by a key file, and in no list. */
  unlisted: string[];
}

interface Facts {
  config: SshdConfig;
  users: UserDatabase;
  /** Accounts that have a file of keys or of principals. */
  withFiles: readonly string[];
  /** Each is a case of its own: rules of the firewall go by the owner of a socket. */
  apart: boolean;
  /** Whether sshd refuses locked accounts. */
  locks: boolean;
}

const closedShell = /\/(nologin|false)$/;

export function reviewedAccounts({ config, users, withFiles, apart, locks }: Facts): ReviewedAccounts {
  const named = [...new Set([...namedAccounts(config), ...withFiles])];
  const marksOf = marks(config, users);
  // Whoever has root's number is root to sshd and to the kernel.
  const isOwn = ({ name, uid }: ListedAccount) => apart || uid === 0 || named.includes(name);
  /** When it may not log in, whatever the config says. */
  const limitOf = ({ name }: ListedAccount) => {
    const { locked = false, expires } = users.limits?.[name] ?? {};
    return locks && locked ? "locked" : expires;
  };
  const kinds = Map.groupBy(
    users.accounts.filter((account) => !isOwn(account)),
    (account) => JSON.stringify([marksOf(account), limitOf(account)]),
  );
  const alike = [...kinds.values()].map((kind) => {
    const first = kind[0] as ListedAccount;
    const [match] = marksOf(first);
    const names = kind.map(({ name }) => name);
    // No one of them is what the finding would be about.
    if (match === undefined && limitOf(first) === undefined) return { account: undefined, others: names };
    const account = (kind.find(({ shell }) => !closedShell.test(shell)) ?? first).name;
    return { account, others: names.filter((name) => name !== account), ...(match === undefined ? {} : { match }) };
  });
  const chosen = new Set([...users.accounts.filter(isOwn).map(({ name }) => name), ...alike.map(({ account }) => account)]);
  return {
    accounts: users.accounts.map(({ name }) => name).filter((name) => chosen.has(name)),
    alike,
    unlisted: named.filter((name) => !users.accounts.some((account) => account.name === name)),
  };
}

/** Criteria of a `Match` that hold for an account, one for each pattern of the config that means it without naming it. */
function marks(config: SshdConfig, users: UserDatabase): (account: ListedAccount) => string[] {
  const forSome = (pattern: string) => !/^[*?]+$/.test(pattern);
  const names = userPatterns(config).filter(forSome);
  const groups = groupPatterns(config).filter(forSome);
  return (account) => {
    const own = groupsIn(users, account);
    return [
      ...names.filter((pattern) => matchPattern(account.name, pattern)).map((pattern) => `User ${pattern}`),
      ...groups.filter((pattern) => own.some((group) => matchPattern(group, pattern))).map((pattern) => `Group ${pattern}`),
    ];
  };
}
