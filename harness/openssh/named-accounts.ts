/** Accounts and groups that sshd's config names: whoever reads it without the server's password file knows no others. Pure. */
import type { SshdConfig } from "./sshd-config.ts";

export const accountName = /^[a-z_][a-z0-9_-]*$/i;

/** Accounts that the config names without wildcards, in its order. */
export function namedAccounts(config: SshdConfig): string[] {
  return userPatterns(config).filter((name) => accountName.test(name));
}

/** One account that each pattern for accounts matches: `dev-*` becomes `dev-x`. Plain names stay. */
export function accountsLike(config: SshdConfig): string[] {
  const filled = userPatterns(config).map((pattern) => (/^[*?]+$/.test(pattern) ? "" : pattern.replaceAll(/[*?]/g, "x")));
  return [...new Set(filled.filter((name) => accountName.test(name)))];
}

/** Groups that the config names without wildcards, in its order. */
export function namedGroups({ lines }: SshdConfig): string[] {
  const listed = lines.filter(({ keyword }) => keyword === "allowgroups" || keyword === "denygroups").flatMap(({ args }) => args);
  const matched = criterionValues({ lines }, "group");
  return [...new Set([...listed, ...matched].map((each) => each.replace(/^!/, "")).filter((name) => accountName.test(name)))];
}

/** Of AllowUsers, DenyUsers and `Match User`, without hosts and negation. */
function userPatterns(config: SshdConfig): string[] {
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
