/** Turns a setting that `sshd -T` reports back into the user's line that made it so. */

import { distinctValues } from "../core/distinct.ts";
import { parseDuration } from "../core/duration.ts";
import type { IgnoredSetting, SettingElsewhere, SettingSource } from "../core/forward-outcome.ts";
import { allHold, matchHolds, type Principal } from "./match-criteria.ts";
import type { ConfigLine, SshdConfig } from "./sshd-config.ts";

const spellings: Record<string, string> = { true: "yes", false: "no", all: "yes", "without-password": "prohibit-password" };

/** sshd prints them in seconds. */
const durations = new Set(["clientaliveinterval", "logingracetime", "unusedconnectiontimeout"]);

/** One spelling for values that mean the same: `sshd -T` prints its own, people write others. */
export function normalizeSetting(keyword: string, value: string): string {
  const words = value.trim().split(/\s+/);
  if (keyword === "permitlisten" || keyword === "permitopen")
    return words.map((word) => (/^\d+$/.test(word) ? `*:${word}` : word)).join(" ");
  // Octal: sshd prints 0000 as 00, and 177 as 0177.
  if (keyword === "streamlocalbindmask" && /^[0-7]+$/.test(value.trim())) return Number.parseInt(value, 8).toString(8).padStart(4, "0");
  if (durations.has(keyword)) return String(parseDuration(value.trim()) ?? value);
  const lower = value.trim().toLowerCase();
  return spellings[lower] ?? lower;
}

/** Keywords that add up over several lines; sshd prints each value on a line of its own. */
const cumulative = /^(port|listenaddress|hostkey|hostcertificate|allowusers|denyusers|allowgroups|denygroups|acceptenv|setenv|subsystem)$/;

/** Keywords of which the last line wins, unlike all others, up to OpenSSH 10.5. Source: `servconf.c` `process_server_config_line_depth`. */
const lastWins = /^streamlocalbindmask$/;

function holds(line: ConfigLine, who: Principal): boolean | undefined {
  return allHold(line.match, (criteria) => matchHolds(criteria, who));
}

/**
 * The line of the user's files that gave `keyword` its effective `value` for this connection; no file: sshd's default, or the lab's addition.
 * Any Match that holds goes before global lines, and the first line wins (sshd_config(5)), but of StreamLocalBindMask the last, unless the effective value is another's. Where a Match cannot be decided here
 * (`Host`, `RDomain`), a line counts when its value is the effective one.
 */
export function locateSetting(config: SshdConfig, keyword: string, value: string, who: Principal): SettingSource {
  const key = keyword.toLowerCase();
  const wanted = normalizeSetting(key, value);
  const own = (line: ConfigLine) => normalizeSetting(key, line.args.join(" "));
  const same = (line: ConfigLine) =>
    cumulative.test(key) ? line.args.some((arg) => wanted.includes(normalizeSetting(key, arg))) : own(line) === wanted;
  const lines = config.lines.filter((line) => line.keyword === key);
  if (lastWins.test(key)) lines.reverse();
  const inMatch = lines.filter((line) => line.match.length > 0 && holds(line, who) !== false);
  const global = lines.filter((line) => line.match.length === 0);
  const ordered = [...inMatch.filter((line) => holds(line, who) === true || same(line)), ...global];
  const chosen = ordered[0] && same(ordered[0]) ? ordered[0] : ordered.find(same);
  const shown = key === "streamlocalbindmask" ? wanted : value;
  if (!chosen) return { keyword: key, value: shown };
  const ignored = ignoredAfter(chosen, ordered);
  return { keyword: key, value: shown, file: chosen.file, line: chosen.line, ...(ignored.length > 0 ? { ignored } : {}) };
}

/** Global lines are meant to yield to a Match, so only lines of the chosen one's own kind are listed. */
function ignoredAfter(chosen: ConfigLine, ordered: readonly ConfigLine[]): IgnoredSetting[] {
  const { keyword } = chosen;
  if (cumulative.test(keyword) || lastWins.test(keyword)) return [];
  const own = (line: ConfigLine) => normalizeSetting(keyword, line.args.join(" "));
  const later = ordered
    .slice(ordered.indexOf(chosen) + 1)
    .filter((line) => line.match.length > 0 === chosen.match.length > 0 && own(line) !== own(chosen));
  // A file that is included twice has its lines twice.
  return distinctValues(later.map(({ args, file, line }) => ({ value: args.join(" "), file, line })));
}

/** Does the setting come from a line in a Match block? */
export function isInMatch(config: SshdConfig, { file, line }: SettingSource): boolean {
  return config.lines.some((each) => each.file === file && each.line === line && each.match.length > 0);
}

/**
 * Lines of these keywords in Match blocks that do not hold for this connection: what somebody wrote, and what counts for other logins only.
 * A block that cannot be decided here is left out where its line is the one that gave the effective value.
 */
export function settingsElsewhere(config: SshdConfig, sources: readonly SettingSource[], who: Principal): SettingElsewhere[] {
  return config.lines.flatMap((line) => {
    const source = sources.find(({ keyword }) => keyword === line.keyword);
    if (!source || (source.file === line.file && source.line === line.line)) return [];
    const other = line.match.find(({ criteria }) => matchHolds(criteria, who) !== true);
    if (!other) return [];
    const match = { file: other.file, line: other.line, text: `Match ${other.criteria.join(" ")}` };
    return [{ keyword: line.keyword, value: line.args.join(" "), file: line.file, line: line.line, match }];
  });
}
