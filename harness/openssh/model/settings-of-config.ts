/** Settings that hold for one connection, read from a config without asking sshd. Pure: what reads files and decides Match is handed in. */
import type { SettingSource } from "../../core/forward-outcome.ts";
import { forwardingKeywords, type SettingOf } from "../forwarding-settings.ts";
import { allHold } from "../match-criteria.ts";
import type { Version } from "./model-input.ts";

/** A line of the user's config, in the order in which sshd reads it. */
export interface SettingLine {
  /** Lower case. */
  keyword: string;
  args: readonly string[];
  file: string;
  line: number;
  /** Criteria of the Match lines it depends on; empty: global. */
  match: readonly { criteria: readonly string[]; file: string; line: number }[];
}

/** A line that names a deciding keyword and does not count, and why. */
export interface IdleLine {
  keyword: string;
  value: string;
  file: string;
  line: number;
  because: "another-match" | "first-wins" | "last-wins" | "undecided";
  /** The Match line that does not hold, or cannot be decided. */
  match?: { file: string; line: number; text: string };
}

export interface ConfigSettings {
  settings: SettingOf;
  idle: IdleLine[];
  /** Lines that say who may log in at all, which the model does not ask. */
  loginLists: SettingSource[];
}

/** Undefined: it cannot be told here. */
type Holds = (criteria: readonly string[]) => boolean | undefined;

/** Up to 10.5 sshd sets this one anew at each line that counts. Source: OpenSSH `servconf.c` `process_server_config_line_depth`; measured on 8.4, 9.2, 10.0, 10.6. */
function lastWins(keyword: string, version: Version | undefined): boolean {
  const old = version === undefined || version.major < 10 || (version.major === 10 && version.minor < 6);
  return keyword === "streamlocalbindmask" && old;
}

/**
 * The first line wins (of StreamLocalBindMask the last); lines of a Match that holds go before global ones. Source: sshd_config(5); OpenSSH `servconf.c` `copy_set_server_options`.
 * @param holds undefined: it cannot be told here; such a line is taken as not holding, and listed
 * @param version of sshd; left out: one before 10.6
 */
export function settingsOfConfig(lines: readonly SettingLine[], holds: Holds, version?: Version): ConfigSettings {
  const found = new Map<string, SettingSource>();
  const idle: IdleLine[] = [];
  for (const keyword of forwardingKeywords) {
    const own = lines.filter((line) => line.keyword === keyword).map((line) => ({ line, state: stateOf(line, holds) }));
    const last = lastWins(keyword, version);
    if (last) own.reverse();
    const ordered = [...own.filter(({ state }) => state === "holds"), ...own.filter(({ state }) => state === "global")];
    const [first] = ordered;
    if (first) found.set(keyword, sourceOf(first.line));
    const overruled = last ? "last-wins" : "first-wins";
    for (const each of own) if (each !== first) idle.push(idleLine(each, overruled, holds));
  }
  const loginLists = lines.filter((line) => loginKeywords.has(line.keyword) && stateOf(line, holds) !== "no").map(sourceOf);
  return { settings: (keyword) => found.get(keyword) ?? { keyword, value: "" }, idle, loginLists };
}

const loginKeywords = new Set(["allowusers", "denyusers", "allowgroups", "denygroups"]);

type State = "global" | "holds" | "no" | "undecided";

function idleLine({ line, state }: { line: SettingLine; state: State }, overruled: "first-wins" | "last-wins", holds: Holds): IdleLine {
  const because = { no: "another-match", undecided: "undecided", global: overruled, holds: overruled } as const;
  const answer = state === "undecided" ? undefined : false;
  const other = line.match.find(({ criteria }) => holds(criteria) === answer);
  return {
    keyword: line.keyword,
    value: line.args.join(" "),
    file: line.file,
    line: line.line,
    because: because[state],
    ...(other ? { match: { file: other.file, line: other.line, text: `Match ${other.criteria.join(" ")}` } } : {}),
  };
}

function stateOf(line: SettingLine, holds: Holds): State {
  if (line.match.length === 0) return "global";
  const all = allHold(line.match, holds);
  if (all === undefined) return "undecided";
  return all ? "holds" : "no";
}

function sourceOf({ keyword, args, file, line }: SettingLine): SettingSource {
  return { keyword, value: args.join(" "), file, line };
}
