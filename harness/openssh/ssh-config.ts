/** The client's ssh_config: which lines count for one host, and the command line that asks for the same. Source: ssh_config(5); OpenSSH `readconf.c`. */
import { type Place, UserError } from "../core/errors.ts";
import { forwardOfLine, forwardSpelling, lexClientLine } from "./client-keyword.ts";
import { matchPattern, matchPatternList } from "./patterns.ts";

/** How files are had; paths are as the config names them. */
export interface SshConfigReader {
  /** Undefined: there is no such file. `display` is how a person names it. */
  read(path: string): Promise<{ text: string; display: string } | undefined>;
  /** Files that an `Include` pattern matches, sorted; a relative one is resolved as ssh does, below the user's `.ssh`. */
  glob(pattern: string): Promise<string[]>;
}

export interface SshConfigLine {
  /** Lower case. */
  keyword: string;
  args: string[];
  /** As the user names it. */
  file: string;
  /** 1-based. */
  line: number;
  /** `Host` and `Match` lines that it depends on, outermost first. */
  blocks: readonly SshConfigBlock[];
}

interface SshConfigBlock {
  keyword: "host" | "match";
  args: readonly string[];
  file: string;
  line: number;
}

/** OpenSSH `readconf.c` `READCONF_MAX_DEPTH`. */
const maxDepth = 16;
/** Files read, each as often as it is included. */
const mostIncluded = 4096;

/**
 * All setting lines of a config, in the order in which ssh reads them.
 * @throws UserError `ssh-config` for a file that is not there, and a line that ssh cannot take apart
 */
export async function readSshConfig(reader: SshConfigReader, path: string): Promise<SshConfigLine[]> {
  const reading = new Reading(reader);
  if (await reading.read(path, [], 0)) return reading.lines;
  throw new UserError("ssh-config", `cannot read the ssh_config ${path}`, { place: { file: path }, expected: "an ssh_config file" });
}

class Reading {
  readonly lines: SshConfigLine[] = [];
  readonly #reader: SshConfigReader;
  #included = 0;

  constructor(reader: SshConfigReader) {
    this.#reader = reader;
  }

  /** False: there is no such file. */
  async read(path: string, outer: readonly SshConfigBlock[], depth: number): Promise<boolean> {
    const found = await this.#reader.read(path);
    if (!found) return false;
    // A block in an included file ends with that file.
    let blocks = outer;
    for (const [index, text] of found.text.split("\n").entries()) {
      const place = { file: found.display, line: index + 1 };
      const lexed = accepted(lexClientLine(text), text, place);
      if (lexed === undefined) continue;
      const { keyword, args } = lexed;
      if (keyword === "host" || keyword === "match") blocks = [...outer, { keyword, args, ...place }];
      else if (keyword === "include") {
        if (depth >= maxDepth) throw refusal("Too many recursive configuration includes", text, place);
        for (const pattern of args)
          await this.#include(pattern, blocks, depth + 1, () => refusal(`more than ${mostIncluded} included files`, text, place));
      } else {
        accepted(forwardOfLine(lexed), text, place);
        this.lines.push({ keyword, args, ...place, blocks });
      }
    }
    return true;
  }

  async #include(pattern: string, blocks: readonly SshConfigBlock[], depth: number, tooMany: () => UserError): Promise<void> {
    for (const path of await this.#reader.glob(pattern)) {
      if (++this.#included > mostIncluded) throw tooMany();
      await this.read(path, blocks, depth);
    }
  }
}

/** @throws UserError `ssh-config` with ssh's own words, where these are what was read */
function accepted<T>(read: T | string, text: string, place: Place): T {
  if (typeof read === "string") throw refusal(read, text, place);
  return read;
}

function refusal(why: string, text: string, place: Place): UserError {
  const expected = /forwarding spec|target/.test(why) ? forwardSpelling(text)?.expected : undefined;
  return new UserError("ssh-config", `ssh refuses the config: ${why}`, {
    place,
    found: text.trim(),
    ...(expected === undefined ? {} : { expected }),
    todo: "correct the line; `ssh -G HOST` reports the same",
  });
}

/** Who asks: what `Host` and `Match` decide on. */
export interface SshConfigAsker {
  /** As typed on the command line. */
  host: string;
  /** The account that is asked for on the command line, if any. */
  user?: string;
}

export interface HostSettings {
  /** Lines that count, in order: every forward, and of each other keyword the first. */
  lines: SshConfigLine[];
  /** Blocks that only the client itself could decide (`exec`, `localnetwork`, `final` …, a canonical name); what depends on them is left out. */
  undecided: UndecidedBlock[];
}

export interface UndecidedBlock extends Place {
  /** It counts if the name server knows the host by this name: the config has CanonicalizeHostname, and ssh reads it once more. */
  canonicalName?: string;
}

const forwards = new Set(["remoteforward", "localforward", "dynamicforward"]);

/** What a config says about one host. */
export function settingsForHost(lines: readonly SshConfigLine[], asker: SshConfigAsker): HostSettings {
  const plain = decide(lines, asker, undefined);
  const canonical = canonicalNames(plain.lines, asker.host);
  return canonical ? decide(lines, asker, canonical) : plain;
}

/** Names by which ssh would look the host up (CanonicalizeHostname), to read the config once more if one is known; undefined: it does not. */
function canonicalNames(counting: readonly SshConfigLine[], host: string): string[] | undefined {
  const argsOf = (keyword: string) => counting.find((line) => line.keyword === keyword)?.args ?? [];
  if (!/^(yes|true|always)$/i.test(argsOf("canonicalizehostname")[0] ?? "")) return undefined;
  const name = argsOf("hostname")[0] ?? host;
  const dots = name.split(".").length - 1;
  return dots > Number(argsOf("canonicalizemaxdots")[0] ?? 1) ? [] : argsOf("canonicaldomains").map((domain) => `${name}.${domain}`);
}

/** @param canonical as `canonicalNames` gives them */
function decide(lines: readonly SshConfigLine[], asker: SshConfigAsker, canonical: readonly string[] | undefined): HostSettings {
  const counting: SshConfigLine[] = [];
  const undecided = new Map<string, UndecidedBlock>();
  /** A block is decided once, at its own line: a HostName that comes after it changes nothing about it. */
  const decided = new Map<SshConfigBlock, boolean | undefined>();
  const first = (keyword: string) => counting.find((line) => line.keyword === keyword)?.args[0];
  for (const line of lines) {
    const now = { ...asker, hostName: first("hostname"), user: asker.user ?? first("user"), canonical };
    for (const block of line.blocks) if (!decided.has(block)) decided.set(block, blockHolds(block, now));
    const states = line.blocks.map((block) => ({ block, holds: decided.get(block) }));
    if (states.some(({ holds }) => holds === false)) continue;
    const open = states.find(({ holds }) => holds === undefined);
    if (open) undecided.set(`${open.block.file}:${open.block.line}`, undecidedBlock(open.block, canonical));
    // Of StreamLocalBindMask the last one counts; of all others ssh takes the first.
    else if (forwards.has(line.keyword) || line.keyword === "streamlocalbindmask" || first(line.keyword) === undefined) counting.push(line);
  }
  return { lines: counting, undecided: [...undecided.values()] };
}

type Asking = SshConfigAsker & { hostName: string | undefined; canonical: readonly string[] | undefined };

function blockHolds({ keyword, args }: SshConfigBlock, asking: Asking): boolean | undefined {
  if (keyword !== "host") return matchHolds(args, asking);
  if (hostHolds(args, asking.host)) return true;
  return asking.canonical?.some((name) => hostHolds(args, name)) ? undefined : false;
}

function undecidedBlock({ keyword, args, file, line }: SshConfigBlock, canonical: readonly string[] = []): UndecidedBlock {
  const name = keyword === "host" ? canonical.find((each) => hostHolds(args, each)) : canonical[0];
  const isCanonical = keyword === "host" || args.some((word) => /^!?canonical$/i.test(word));
  return { file, line, ...(isCanonical && name !== undefined ? { canonicalName: name } : {}) };
}

/** A negated pattern that matches decides against, wherever it stands. */
function hostHolds(patterns: readonly string[], host: string): boolean {
  const matches = (pattern: string) => matchPattern(host, pattern);
  if (patterns.some((pattern) => pattern.startsWith("!") && matches(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith("!") && matches(pattern));
}

/** Criteria without an argument. */
const wordHolds = new Map<string, (asking: Asking) => boolean | undefined>([
  ["all", () => true],
  ["canonical", ({ canonical }) => (canonical ? undefined : false)],
  ["final", () => undefined],
]);

function matchHolds(args: readonly string[], asking: Asking): boolean | undefined {
  let known = true;
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as string;
    const negated = word.startsWith("!");
    const name = (negated ? word.slice(1) : word).split("=", 1)[0]?.toLowerCase() ?? "";
    let holds: boolean | undefined;
    if (wordHolds.has(name)) holds = wordHolds.get(name)?.(asking);
    else {
      const value = word.includes("=") ? word.slice(word.indexOf("=") + 1) : (args[++i] ?? "");
      holds = criterionHolds(name, value, asking);
    }
    if (holds === undefined) known = false;
    else if (holds === negated) return false;
  }
  return known ? true : undefined;
}

function criterionHolds(name: string, value: string, { host, hostName, user }: Asking): boolean | undefined {
  const lower = (text: string) => text.toLowerCase();
  if (name === "originalhost") return matchPatternList(lower(host), lower(value));
  if (name === "host") return matchPatternList(lower(hostName ?? host), lower(value));
  return name === "user" && user !== undefined ? matchPatternList(user, value) : undefined;
}

/** Keywords that say something about forwards, their listeners, or how long they live. */
const kept =
  /^(remoteforward|localforward|dynamicforward|gatewayports|exitonforwardfailure|clearallforwardings|streamlocalbindmask|streamlocalbindunlink|addressfamily|permitremoteopen|serveraliveinterval|serveralivecountmax|tcpkeepalive)$/;

/** Arguments of `-o` that ask for the same as these lines, in their order, each with its place. */
export function optionsForHost({ lines }: Pick<HostSettings, "lines">): { option: string; place: Place; forward: boolean }[] {
  return lines
    .filter(({ keyword }) => kept.test(keyword))
    .map(({ keyword, args, file, line }) => ({
      option: `${keyword} ${args.map(quotedArgument).join(" ")}`,
      place: { file, line },
      forward: forwards.has(keyword),
    }));
}

function quotedArgument(text: string): string {
  return /^[^\s"'#\\]+$/.test(text) ? text : `"${text.replace(/["\\]/g, "\\$&")}"`;
}
