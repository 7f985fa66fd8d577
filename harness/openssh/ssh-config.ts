/** The client's ssh_config: which lines count for one host, and the command line that asks for the same. Source: ssh_config(5); OpenSSH `readconf.c`. */
import { type Place, UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { forwardOfLine, forwardSpelling, hasVariable, lexClientLine, type RefusedForward } from "./client-keyword.ts";
import { matchPattern, matchPatternList } from "./patterns.ts";
import { portWords, type RefusedPort } from "./refused-port.ts";

/** How files are had; paths are as the config names them. */
export interface SshConfigReader {
  /** Undefined: there is no such file. `display` is how a person names it. */
  read(path: string): Promise<{ text: string; display: string } | undefined>;
  /** Files that the pattern of an `Include` line matches, sorted; a relative one is resolved as ssh does, below the user's `.ssh`. */
  glob(pattern: string, line: Place): Promise<string[]>;
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
  throw new UserError("ssh-config", `cannot read the ssh_config ${path}`, {
    fault: faultOf("ssh-config-unreadable", { path }),
    place: { file: path },
    expected: "an ssh_config file",
  });
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
        const paths = (await Promise.all(args.map((pattern) => this.#reader.glob(pattern, place)))).flat();
        await this.#include(paths, blocks, depth + 1, () => tooMany(text, place));
      } else {
        // What a variable stands for is asked only where the line counts.
        if (!hasVariable(lexed)) accepted(forwardOfLine(lexed), text, place);
        this.lines.push({ keyword, args, ...place, blocks });
      }
    }
    return true;
  }

  async #include(paths: readonly string[], blocks: readonly SshConfigBlock[], depth: number, error: () => UserError): Promise<void> {
    for (const path of paths) {
      if (++this.#included > mostIncluded) throw error();
      await this.read(path, blocks, depth);
    }
  }
}

/** @throws UserError `ssh-config` with ssh's own words, where these are what was read */
function accepted<T>(read: T | string | RefusedForward, text: string, place: Place): T {
  if (typeof read === "string") throw refusal(read, text, place);
  if (isRefused(read)) throw refusal(read.said, text, place, read.port);
  return read;
}

function isRefused(read: unknown): read is RefusedForward {
  return typeof read === "object" && read !== null && "said" in read;
}

function refusal(why: string, text: string, place: Place, port?: RefusedPort): UserError {
  const spelling = !port && /forwarding spec|target/.test(why) ? forwardSpelling(text) : undefined;
  return new UserError("ssh-config", `ssh refuses the config: ${why}${portWords(port)}`, {
    place,
    fault: faultOf("ssh-config-refused", { said: why, form: spelling?.keyword, ...port }),
    found: text.trim(),
    ...(spelling === undefined ? {} : { expected: spelling.expected }),
    todo: "correct the line; `ssh -G HOST` reports the same",
  });
}

function tooMany(text: string, place: Place): UserError {
  return new UserError("ssh-config", `ssh refuses the config: more than ${mostIncluded} included files`, {
    place,
    fault: faultOf("ssh-config-too-many", { most: mostIncluded }),
    found: text.trim(),
    todo: "remove the Include that goes round in a circle",
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
  /** Blocks that only the client itself could decide (`exec`, `localnetwork` …, a canonical name); what depends on them is left out. */
  undecided: UndecidedBlock[];
}

export interface UndecidedBlock extends Place {
  /** It counts if the name server knows the host by this name: the config has CanonicalizeHostname, and ssh reads it once more. */
  canonicalName?: string;
}

/** What a config says about one host. */
export function settingsForHost(lines: readonly SshConfigLine[], asker: SshConfigAsker): HostSettings {
  const deciding = new Deciding(asker);
  deciding.read(lines);
  deciding.readAgain(lines);
  return { lines: deciding.counting, undecided: [...deciding.undecided.values()] };
}

/** What blocks are decided on, as far as the config is read. */
interface Asking {
  /** What `Host` lines look at: as typed, or when ssh reads the config once more, the name that it connects to. */
  host: string;
  typed: string;
  /** HostName, with its tokens filled in. */
  hostName: string | undefined;
  user: string | undefined;
  tag: string | undefined;
  /** ssh reads the config once more. */
  again: boolean;
  /** Names by which ssh would then know the host, if a name server knows one of them. */
  canonical: readonly string[];
}

/** Source: OpenSSH `ssh.c` `main` ("re-parsing configuration"), `readconf.c` `match_cfg_line`. */
class Deciding {
  readonly counting: SshConfigLine[] = [];
  readonly undecided = new Map<string, UndecidedBlock>();
  readonly #asker: SshConfigAsker;
  readonly #forwards = new Set<string>();

  constructor(asker: SshConfigAsker) {
    this.#asker = asker;
  }

  read(lines: readonly SshConfigLine[], pass: Pick<Asking, "host" | "again" | "canonical"> = this.#asTyped()): void {
    /** A block is decided once, at its own line: a HostName that comes after it changes nothing about it. */
    const decided = new Map<SshConfigBlock, boolean | undefined>();
    for (const line of lines) {
      const now = { ...pass, ...this.#known() };
      for (const block of line.blocks) if (!decided.has(block)) decided.set(block, blockHolds(block, now));
      const states = line.blocks.map((block) => ({ block, holds: decided.get(block) }));
      if (states.some(({ holds }) => holds === false)) continue;
      const open = states.find(({ holds }) => holds === undefined);
      if (open) this.undecided.set(`${open.block.file}:${open.block.line}`, undecidedBlock(open.block, pass.canonical));
      else if (this.#counts(line)) this.counting.push(line);
    }
  }

  /** ssh does so for CanonicalizeHostname, and wherever a Match asks for the final pass, whether or not it holds. */
  readAgain(lines: readonly SshConfigLine[]): void {
    const { hostName } = this.#known();
    const host = (hostName ?? this.#asker.host).toLowerCase();
    const canonical = this.#canonicalNames(host);
    const asked = lines.some(({ blocks }) => blocks.some(({ keyword, args }) => keyword === "match" && args.some(isFinal)));
    if (canonical || asked) this.read(lines, { host, again: true, canonical: canonical ?? [] });
  }

  #asTyped() {
    return { host: this.#asker.host, again: false, canonical: [] };
  }

  #known() {
    const { host: typed, user = this.#first("user") } = this.#asker;
    const hostName = this.#first("hostname")?.replace(/%([%h])/g, (_, token) => (token === "h" ? typed : "%"));
    return { typed, hostName, user, tag: this.#first("tag") };
  }

  #first(keyword: string): string | undefined {
    return this.#argsOf(keyword)?.[0];
  }

  #argsOf(keyword: string): readonly string[] | undefined {
    return this.counting.find((line) => line.keyword === keyword)?.args;
  }

  /** Of StreamLocalBindMask the last one counts, of forwards every one that is not yet there, of all others the first. */
  #counts(line: SshConfigLine): boolean {
    const forward = forwardOfLine(line);
    if (forward === undefined) return line.keyword === "streamlocalbindmask" || this.#argsOf(line.keyword) === undefined;
    const key = JSON.stringify(forward);
    return !this.#forwards.has(key) && this.#forwards.add(key) !== undefined;
  }

  /** Names by which ssh would look the host up (CanonicalizeHostname); undefined: it does not. */
  #canonicalNames(name: string): string[] | undefined {
    if (!/^(yes|true|always)$/i.test(this.#first("canonicalizehostname") ?? "")) return undefined;
    const dots = name.split(".").length - 1;
    return dots > Number(this.#first("canonicalizemaxdots") ?? 1)
      ? []
      : (this.#argsOf("canonicaldomains") ?? []).map((domain) => `${name}.${domain}`);
  }
}

function isFinal(word: string): boolean {
  return /^!?final$/i.test(word);
}

function blockHolds({ keyword, args }: SshConfigBlock, asking: Asking): boolean | undefined {
  if (keyword !== "host") return matchHolds(args, asking);
  return ofName((host) => hostHolds(args, host), asking.host, asking);
}

/** Undefined: that hangs on whether a name server knows the host by another name. */
function ofName(holds: (name: string) => boolean, name: string, { canonical }: Pick<Asking, "canonical">): boolean | undefined {
  if (holds(name)) return true;
  return canonical.some(holds) ? undefined : false;
}

function undecidedBlock({ keyword, args, file, line }: SshConfigBlock, canonical: readonly string[]): UndecidedBlock {
  const canonicalName = canonical.find((name) =>
    keyword === "host" ? hostHolds(args, name) : criteria(args).every((each) => each.name !== "host" || hostCriterion(each.value, name)),
  );
  const named = keyword === "host" || criteria(args).some(({ name }) => name === "host");
  return { file, line, ...(named && canonicalName !== undefined ? { canonicalName } : {}) };
}

/** A negated pattern that matches decides against, wherever it stands. */
function hostHolds(patterns: readonly string[], host: string): boolean {
  const matches = (pattern: string) => matchPattern(host, pattern);
  if (patterns.some((pattern) => pattern.startsWith("!") && matches(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith("!") && matches(pattern));
}

interface Criterion {
  /** Lower case. */
  name: string;
  value: string;
  negated: boolean;
}

const withoutArgument = new Set(["all", "canonical", "final"]);

function criteria(args: readonly string[]): Criterion[] {
  const found: Criterion[] = [];
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as string;
    const negated = word.startsWith("!");
    const name = (negated ? word.slice(1) : word).split("=", 1)[0]?.toLowerCase() ?? "";
    if (withoutArgument.has(name)) found.push({ name, value: "", negated });
    else found.push({ name, negated, value: word.includes("=") ? word.slice(word.indexOf("=") + 1) : (args[++i] ?? "") });
  }
  return found;
}

function matchHolds(args: readonly string[], asking: Asking): boolean | undefined {
  const states = criteria(args).map((each) => ({ holds: criterionHolds(each, asking), negated: each.negated }));
  if (states.some(({ holds, negated }) => holds === negated)) return false;
  return states.some(({ holds }) => holds === undefined) ? undefined : true;
}

function criterionHolds({ name, value }: Criterion, asking: Asking): boolean | undefined {
  const { host, typed, hostName = host, user, tag = "", again } = asking;
  switch (name) {
    case "all":
      return true;
    // Both mean that the config is read once more, whatever for.
    case "canonical":
    case "final":
      return again;
    case "originalhost":
      return hostCriterion(value, typed);
    case "host":
      return ofName((each) => hostCriterion(value, each), again ? host : hostName, asking);
    case "tagged":
      return matchPatternList(tag, value);
    case "user":
      return user === undefined ? undefined : matchPatternList(user, value);
    default:
      return undefined;
  }
}

function hostCriterion(list: string, name: string): boolean {
  return matchPatternList(name.toLowerCase(), list.toLowerCase());
}

const forwards = new Set(["remoteforward", "localforward", "dynamicforward"]);

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
