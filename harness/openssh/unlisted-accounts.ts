/** Who may log in besides the accounts that somebody lists, as far as sshd's config tells. Pure. */
import { namedAccounts } from "./named-accounts.ts";
import { matchPattern } from "./patterns.ts";
import type { SshdConfig } from "./sshd-config.ts";

/**
 * root, and accounts that the config names. Match blocks and groups may keep some of them out, and so may a locked password.
 * Source: sshd_config(5), AllowUsers, DenyUsers, PermitRootLogin.
 */
export function unlistedAccounts(config: SshdConfig, listed: readonly string[]): string[] {
  const { lines } = config;
  const global = lines.filter(({ match }) => match.length === 0);
  const patternsOf = (keyword: string) =>
    global.filter((line) => line.keyword === keyword).flatMap(({ args }) => args.map((each) => each.replace(/@.*$/, "")));
  const allowed = patternsOf("allowusers");
  const denied = patternsOf("denyusers");
  const matches = (account: string, patterns: readonly string[]) => patterns.some((pattern) => matchPattern(account, pattern));
  const aboutRoot = lines.filter(({ keyword }) => keyword === "permitrootlogin");
  const noRoot = aboutRoot.length > 0 && aboutRoot.every(({ args }) => args[0]?.toLowerCase() === "no");
  return [...new Set([...(noRoot ? [] : ["root"]), ...namedAccounts(config)])].filter(
    (account) => !listed.includes(account) && !matches(account, denied) && (allowed.length === 0 || matches(account, allowed)),
  );
}
