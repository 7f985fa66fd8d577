/**
 * What sshd itself would refuse in a config, told without sshd: unknown keywords, keywords that may not stand in a Match block, and wrong values of
 * the settings that decide about forwards. In a lab the server's own sshd is asked instead. Source: OpenSSH `servconf.c` `process_server_config_line_depth`.
 */

import { type Place, UserError } from "../core/errors.ts";
import { type Fault, faultOf } from "../core/fault.ts";
import { foreignEncoding } from "../core/plain-text.ts";
import { type WarningOf, warning } from "../core/warning.ts";
import { portOf } from "./services.ts";
import type { ConfigLine, SshdConfig } from "./sshd-config.ts";
import { distributionKeyword, spell, sshdKeywords } from "./sshd-keywords.ts";
import { atLeast } from "./version.ts";

export interface ConfigFault {
  /** In sshd's words. */
  text: string;
  file: string;
  /** 1-based. */
  line: number;
}

/** Major and minor number of sshd; left out: the newest that is known here. */
type Version = { major: number; minor: number } | undefined;

const known = (version: Version, limit: string): boolean => {
  const [major = 0, minor = 0] = limit.split(".").map(Number);
  return version === undefined || atLeast({ ...version, text: "" }, major, minor);
};

/** In the order of the lines. */
export function configFaults({ lines, malformed }: SshdConfig, version?: Version): ConfigFault[] {
  const found = lines.flatMap((line) => {
    const text = complaintOf(line, version);
    return text === undefined ? [] : [{ text, file: line.file, line: line.line }];
  });
  return [...malformed, ...found];
}

/** Throws UserError `sshd-config` for the first line that sshd would refuse. */
export function requireAcceptable(config: SshdConfig, version?: Version): void {
  const [first] = configFaults(config, version);
  if (!first) return;
  throw new UserError("sshd-config", `sshd refuses the config: ${first.text}`, {
    place: { file: first.file, line: first.line },
    ...refusal(config, first.text, first),
  });
}

const saveAdvice = {
  "byte-order-mark": "save the file as UTF-8 without a byte order mark",
  "utf-16": "save the file as UTF-8: it is UTF-16",
};

/** What to do about a line that sshd refuses, in its words. */
export function refusal(config: SshdConfig, said: string, { file, line }: Partial<Place>): { todo: string; fault: Fault } {
  const [, bytes] = Object.entries(config.read).find(([path]) => (config.displayOf[path] ?? path) === file) ?? [];
  const encoding = line === 1 && bytes ? foreignEncoding(bytes) : undefined;
  return {
    todo: `${encoding ? saveAdvice[encoding] : "correct the line"}; \`sshd -t\` on the server reports the same`,
    fault: faultOf("sshd-refuses", { said, ...(encoding ? { encoding } : {}) }),
  };
}

/** Keywords that only some distribution's sshd knows: the server's may, and then the line is fine there. */
export function distributionNotes({ lines }: SshdConfig): WarningOf<"distribution-keyword">[] {
  return lines.flatMap(({ keyword, file, line }) => {
    const foreign = sshdKeywords.has(keyword) ? undefined : distributionKeyword(keyword);
    return foreign ? [warning("distribution-keyword", { keyword: foreign.name, distribution: foreign.of }, { file, line })] : [];
  });
}

function complaintOf(line: ConfigLine, version: Version): string | undefined {
  const { keyword, args } = line;
  const entry = sshdKeywords.get(keyword);
  if (!entry) return distributionKeyword(keyword) ? undefined : `Bad configuration option: ${keyword}`;
  if (entry.since !== undefined && !known(version, entry.since))
    return `Bad configuration option: ${keyword} (OpenSSH knows ${entry.name} from ${entry.since} on)`;
  if (entry.until !== undefined && version !== undefined && known(version, entry.until)) return `Bad configuration option: ${keyword}`;
  const allowed = typeof entry.inMatch === "string" ? known(version, entry.inMatch) : entry.inMatch;
  if (!allowed && !everywhere(line)) return `Directive '${entry.name}' is not allowed within a Match block`;
  return valueFault(keyword, args, version);
}

/** `Match all` holds before anybody connects, so anything may follow it. */
function everywhere({ match }: ConfigLine): boolean {
  return match.every(({ criteria }) => criteria.length === 1 && criteria[0]?.toLowerCase() === "all");
}

const choices: Readonly<Record<string, readonly string[]>> = {
  gatewayports: ["clientspecified", "yes", "no"],
  allowtcpforwarding: ["yes", "all", "no", "remote", "local"],
  allowstreamlocalforwarding: ["yes", "all", "no", "remote", "local"],
  disableforwarding: ["yes", "no"],
  streamlocalbindunlink: ["yes", "no"],
  addressfamily: ["inet", "inet6", "any"],
  permitrootlogin: ["prohibit-password", "without-password", "forced-commands-only", "yes", "no"],
};

function valueFault(keyword: string, args: readonly string[], version: Version): string | undefined {
  if (keyword === "match") return matchFault(args);
  const [value = ""] = args;
  const allowed = choices[keyword];
  if (allowed && !allowed.includes(value.toLowerCase())) return `${spell(keyword)}: unsupported option "${value}" (${allowed.join(", ")})`;
  if (keyword === "port") return portOf(value) > 0 ? extra(keyword, args) : "Badly formatted port number.";
  if (keyword === "streamlocalbindmask" && !isMask(value)) return "Invalid StreamLocalBindMask.";
  if (keyword === "permitopen" || keyword === "permitlisten") return permitFault(keyword, args, version);
  return allowed ? extra(keyword, args) : undefined;
}

const withoutValue = ["all", "invalid-user"];
const matchAttributes = ["user", "group", "host", "address", "localaddress", "localport", "rdomain", "version", "sessiontype", "command"];

/** Source: OpenSSH `servconf.c` `match_cfg_line`. Attributes of any version pass. */
function matchFault(args: readonly string[]): string | undefined {
  if (args.length === 0) return `no argument after keyword "Match"`;
  for (let at = 0; at < args.length; at++) {
    const [word = "", value] = (args[at] as string).split("=", 2);
    const name = word.toLowerCase();
    if (name === "all" && args.length > 1) return "'all' cannot be combined with other Match attributes";
    if (withoutValue.includes(name)) continue;
    if (!matchAttributes.includes(name)) return `Unsupported Match attribute ${word}`;
    if (value === undefined && args[++at] === undefined) return `Missing Match criteria for ${word}`;
  }
  return undefined;
}

/** As `strtol` reads it in base 8, and `parseInt` too: what follows the last octal digit is ignored, so 0999 is 0. */
function isMask(value: string): boolean {
  const mask = Number.parseInt(value, 8);
  return mask >= 0 && mask <= 0o777;
}

function extra(keyword: string, args: readonly string[]): string | undefined {
  return args.length > 1 ? `keyword ${spell(keyword)} extra arguments at end of line` : undefined;
}

/** A port is a number from 1, the name of a service, or `*`. What follows `any` or `none` is read from 9.7 on. */
function permitFault(keyword: string, args: readonly string[], version: Version): string | undefined {
  const [first = ""] = args;
  if ((first === "any" || first === "none") && !known(version, "9.7")) return extra(keyword, args);
  for (const [index, arg] of args.entries()) {
    if (arg === "any" || arg === "none") {
      if (index > 0) return `${arg} must appear alone on a ${spell(keyword)} line.`;
      continue;
    }
    const bracket = arg.startsWith("[") ? arg.indexOf("]") : -1;
    const colon = arg.indexOf(":", Math.max(bracket, 0));
    const withoutHost = keyword === "permitlisten" ? arg : "";
    const port = colon < 0 ? withoutHost : arg.slice(colon + 1);
    if (port !== "*" && portOf(port) <= 0) return `${spell(keyword)} bad port number`;
  }
  return undefined;
}
