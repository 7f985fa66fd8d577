/** Accounts and groups that sshd's config names: whoever reads it without the server's password file knows no others. Pure. */
import { matchPattern, matchPatternList } from "./patterns.ts";
import type { SshdConfig } from "./sshd-config.ts";

export const accountName = /^[a-z_][a-z0-9_-]*$/i;

/** Accounts that the config names without wildcards, in its order. */
export function namedAccounts(config: SshdConfig): string[] {
  return userPatterns(config).filter((name) => accountName.test(name));
}

/** An account that nobody has, in place of those that a pattern of the config means. */
export interface StandIn {
  name: string;
  groups?: string[];
  /** Criterion of a `Match` that holds for all it stands for; left out where none does. */
  match?: string;
}

/** One account that each pattern for accounts matches: `dev-*` becomes `dev-x`. */
export function accountsLike(config: SshdConfig): StandIn[] {
  return likePatterns(userPatterns(config)).map(([name, pattern]) => ({ name, match: `User ${pattern}` }));
}

/** One member of each group that the config names, by a pattern or without. */
export function membersLike(config: SshdConfig): StandIn[] {
  const patterns = groupPatterns(config);
  const plain = patterns.filter((name) => accountName.test(name)).map((name) => [name, name] as const);
  return [...plain, ...likePatterns(patterns)].map(([group, pattern]) => ({
    name: `${group}-member`,
    groups: [group],
    match: `Group ${pattern}`,
  }));
}

/** Where AllowGroups lets in only groups in which an account is not known to be: one of them, with as few `Match` blocks of its own as there are. */
export function groupToLogIn(config: SshdConfig, account: string): { group: string; file: string; line: number } | undefined {
  const allowing = config.lines.filter(({ keyword, match }) => keyword === "allowgroups" && match.length === 0);
  const patterns = allowing.flatMap(({ args }) => args);
  // Most systems give each account a group of its own name.
  if (patterns.length === 0 || matchPatternList(account, patterns.join(","))) return undefined;
  const matched = criterionValues(config, "group");
  const rank = (group: string) => Number(matched.some((pattern) => matchPattern(group, pattern))) + (group === "root" ? 2 : 0);
  const found = allowing.flatMap(({ args, file, line }) =>
    args.map((pattern) => ({ group: filled(pattern), file, line })).filter(({ group }) => matchPatternList(group, patterns.join(","))),
  );
  return found.filter(({ group }) => accountName.test(group)).toSorted((one, other) => rank(one.group) - rank(other.group))[0];
}

function likePatterns(patterns: readonly string[]): (readonly [name: string, pattern: string])[] {
  const names = new Map<string, string>();
  for (const pattern of patterns) {
    const name = filled(pattern);
    if (name !== pattern && !/^[*?]+$/.test(pattern) && accountName.test(name) && !names.has(name)) names.set(name, pattern);
  }
  return [...names];
}

function filled(pattern: string): string {
  return pattern.replaceAll(/[*?]/g, "x");
}

/** Of AllowGroups, DenyGroups and `Match Group`, without negation. */
export function groupPatterns({ lines }: SshdConfig): string[] {
  const listed = lines.filter(({ keyword }) => keyword === "allowgroups" || keyword === "denygroups").flatMap(({ args }) => args);
  return [...new Set([...listed, ...criterionValues({ lines }, "group")].map((each) => each.replace(/^!/, "")))];
}

/** Of AllowUsers, DenyUsers and `Match User`, without hosts and negation. */
export function userPatterns(config: SshdConfig): string[] {
  const listed = config.lines.filter(({ keyword }) => keyword === "allowusers" || keyword === "denyusers").flatMap(({ args }) => args);
  const all = [...listed.map((each) => each.replace(/@.*$/, "")), ...criterionValues(config, "user")];
  return [...new Set(all.map((each) => each.replace(/^!/, "")))];
}

function criterionValues({ lines }: Pick<SshdConfig, "lines">, name: string): string[] {
  return lines
    .flatMap(({ match }) => match)
    .flatMap(({ criteria }) =>
      criteria.flatMap((word, at) => {
        if (word.toLowerCase().startsWith(`${name}=`)) return word.slice(name.length + 1).split(",");
        return criteria[at - 1]?.toLowerCase() === name ? word.split(",") : [];
      }),
    );
}
