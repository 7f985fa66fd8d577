/** The ssh arguments of a forward in a policy, as a person types them. */

import { type Place, UserError } from "../core/errors.ts";
import { type Fault, faultOf, type RefusedKeyword, type RefusedOption } from "../core/fault.ts";
import { type ForwardRequest, formatListener } from "./forward-request.ts";
import { type JumpLine, parseJump, refusedJumpPort } from "./jump.ts";
import { portWords } from "./refused-port.ts";
import { splitWords } from "./shell-words.ts";
import { isFault, isNoConfig, readSshLine, type SshLine } from "./ssh-line.ts";

export interface ForwardArguments
  extends Pick<
    SshLine,
    | "argv"
    | "background"
    | "noCommand"
    | "gatewayPorts"
    | "exitOnForwardFailure"
    | "clearAllForwardings"
    | "streamLocalBindMask"
    | "streamLocalBindUnlink"
    | "permitRemoteOpen"
    | "addressFamily"
    | "serverPort"
    | "serverAliveInterval"
    | "autosshMonitor"
  > {
  /** As typed. */
  text: string;
  request: ForwardRequest;
  /** The listener as asked for, in one spelling: `:43234`, `127.0.0.1:43234`, `[::1]:0`, `43234`. */
  requested: string;
  /** Port of `requested`; 0: the server chooses; -2, as in OpenSSH: none, the listener is a Unix socket. */
  listenPort: number;
  /** The targets to request from a SOCKS proxy. Left out: those that the lists which limit it give. */
  socksTargets?: readonly { host: string; port: number }[];
  /** Jump hosts that ssh goes through (-J), and the destination that it requests from them. */
  jump?: JumpLine;
}

/** An ssh line of a policy, which may ask for several forwards. */
export interface SshArguments {
  /** As typed. */
  text: string;
  /** All words, as one ssh gets them. */
  argv: string[];
  /** In ssh's order; each with an `argv` that asks for it alone. Never empty. */
  forwards: ForwardArguments[];
  /** The account that the line names before the destination or with -l, if it may name one. */
  account?: string;
  /** The destination of a line without jump hosts. */
  destination?: string;
}

/** What may stand on a policy's line besides the forward. */
export interface ReadOptions {
  /** What an ssh_config adds, as arguments of `-o` (see `optionsForHost`). */
  config?: readonly string[];
  /** -J may lead through servers that the policy describes; the destination is then typed as well. */
  jumps?: boolean;
  /** The way that an ssh_config tells, for a line without -J. */
  jump?: JumpLine;
  /** A line without -J may name a destination, too: the caller knows what it means. */
  destination?: boolean;
}

const refused: Readonly<Record<Exclude<RefusedOption, "q" | "v">, string>> = {
  J: "jump hosts (-J) need a policy with `servers:`, which describes the servers behind them",
  W: "-W carries one connection over standard input and output; nothing listens that could be verified",
  w: "tunnel devices (-w) are not supported yet",
  O: "control commands (-O) need a running master connection; state the forward itself",
  E: "the lab reads ssh's own messages; leave -E out",
  y: "the lab reads ssh's own messages; leave -y (syslog) out",
  G: "-G only prints ssh's configuration",
  Q: "-Q only prints what ssh supports",
  V: "-V only prints ssh's version",
  l: "the account is named by `as:`; leave -l out",
  F: "the lab runs ssh with -F none, so that nothing but these arguments counts",
  s: "subsystems (-s) are no forward; leave -s out",
  1: "SSH protocol 1 is no longer supported by ssh",
};

/** What to write in its place. */
const instead: Readonly<Partial<Record<RefusedOption, string>>> = {
  F: "name the file under `home: { ssh_config: FILE }`, and give this forward as `host: NAME` in place of `ssh:`",
};

/** `-o` keywords that would take over what the lab or the policy states. */
const refusedKeywords: Readonly<Record<RefusedKeyword, string>> = {
  proxyjump: "jump hosts need a policy with `servers:`, which describes the servers behind them",
  proxycommand: "ProxyCommand is not supported yet; open the forward from the host that should run ssh",
  user: "the account is named by `as:`",
  hostname: "the lab adds the destination",
  tunnel: "tunnel devices are not supported yet",
  sessiontype: "use -N in its place",
  forkafterauthentication: "use -f in its place",
  remotecommand: "the lab runs no command on the server; leave it out",
};

/** Options that print something or need a running ssh: they open no forward, wherever they are typed. */
const noForward = new Set(["W", "w", "O", "G", "Q", "V", "1"]);

/**
 * One forward request out of the ssh arguments that stand in a policy, e.g. `-fN -R :43234:localhost:3389`.
 * The destination is the lab's to add. Throws UserError `ssh-arguments` for what ssh would refuse, and for what the lab cannot verify
 * (no or several forwards, a destination or command, jump hosts, socket paths that only ssh could complete, options that hide ssh's messages).
 */
export function parseForwardArguments(text: string, place?: Place): ForwardArguments {
  const { forwards } = parseSshArguments(text, place);
  if (forwards.length === 1) return forwards[0] as ForwardArguments;
  throw new UserError("ssh-arguments", `${forwards.length} forwards in one entry`, {
    place,
    found: text,
    expected: "exactly one -R, -L or -D",
    todo: "use one entry per forward, each with its own `reachable_from`",
    fault: faultOf("several-forwards", { count: forwards.length }),
  });
}

/** Options that would change what ssh says of the hops on its way, which the lab has to read. */
const refusedWithJump: Readonly<Record<"q" | "v", string>> = {
  q: "the lab reads ssh's own messages; leave -q out",
  v: "the lab sets ssh's verbosity; leave -v out",
};

/** As `parseForwardArguments`, for a line that may ask for several forwards. */
export function parseSshArguments(
  text: string,
  place?: Place,
  { config = [], jumps = false, jump: told, destination = false }: ReadOptions = {},
): SshArguments {
  const fail = failing(text, place);
  const line = readWords(splitWords(text) ?? fail("a quote is left open", { fault: faultOf("open-quote", {}) }), config, fail);
  const typed = jumps ? typedJump(line, fail) : undefined;
  const jump = typed ?? told;
  const isWhole = !typed && destination && line.destination !== undefined && !isAutosshPort(line);
  refuseOptions(
    line.met.filter((met) => !(jumps && namesJump(met)) && !(isWhole && namesAccount(met))),
    fail,
  );
  if (isWhole) return { text, argv: line.common, ...wholeLine(text, line, fail) };
  if (!typed) refuseDestination(line, fail);
  return {
    text,
    argv: line.argv,
    ...(jump ? throughJump(text, line, { jump, typed: typed !== undefined }, fail) : { forwards: forwardsOf(text, line, fail) }),
  };
}

function namesJump({ option, keyword }: SshLine["met"][number]): boolean {
  return option === "J" || keyword === "proxyjump";
}

function namesAccount({ option, keyword }: SshLine["met"][number]): boolean {
  return option === "l" || keyword === "user";
}

/** The lab adds the destination itself: the server's address in the lab. */
function wholeLine(text: string, line: SshLine, fail: Fail): Pick<SshArguments, "forwards" | "account" | "destination"> {
  refuseCommand(line, fail);
  const forwards = forwardsOf(text, line, fail).map((forward, at) => ({
    ...forward,
    argv: [...line.common, ...(line.forwards[at]?.words ?? [])],
  }));
  return {
    forwards,
    ...(line.account === undefined ? {} : { account: line.account }),
    ...(line.destination === undefined ? {} : { destination: line.destination }),
  };
}

function refuseCommand({ hasCommand }: SshLine, fail: Fail): void {
  if (!hasCommand) return;
  fail("a command is given", {
    expected: "options and the destination; the lab runs no command",
    todo: "leave it out",
    fault: faultOf("command-given", {}),
  });
}

function refuseOptions(met: SshLine["met"], fail: Fail): void {
  for (const { option, keyword, value } of met) {
    // The lab reads no user config anyway.
    if (option === "F" && keyword === undefined && value !== undefined && isNoConfig(value)) continue;
    if (keyword === undefined && isIn(refused, option))
      fail(refused[option], { todo: instead[option], fault: faultOf("option-refused", { option }) });
    if (keyword !== undefined && isIn(refusedKeywords, keyword) && !/^(none|no)$/i.test(value ?? ""))
      fail(`-o ${keyword}=${value}: ${refusedKeywords[keyword]}`, { fault: faultOf("keyword-refused", { keyword, value: value ?? "" }) });
  }
}

function isIn<Key extends string>(table: Readonly<Record<Key, string>>, key: string): key is Key {
  return Object.hasOwn(table, key);
}

function refuseDestination(line: SshLine, fail: Fail): void {
  if (line.destination === undefined) return;
  const destination = `${line.account === undefined ? "" : `${line.account}@`}${line.destination}`;
  const autossh = isAutosshPort(line);
  fail(`a destination or command is given: ${destination}`, {
    expected: "options only; the lab adds account, address, port and key",
    todo: autossh
      ? "if this is autossh's -M, begin with the word `autossh`; ssh's own -M takes no port"
      : "leave it out; the account is named by `as:`",
    fault: faultOf("destination-given", { destination, ...(autossh ? { autossh } : {}) }),
  });
}

/** A port after autossh's -M. */
function isAutosshPort({ met, destination = "" }: SshLine): boolean {
  return met.some(({ option }) => option === "M") && /^\d+$/.test(destination);
}

/** `typed`: -J stands on the line. */
function throughJump(
  text: string,
  line: SshLine,
  { jump, typed }: { jump: JumpLine; typed: boolean },
  fail: Fail,
): Pick<SshArguments, "forwards" | "account"> {
  for (const { option, keyword } of line.met)
    if (keyword === undefined && isIn(refusedWithJump, option))
      fail(refusedWithJump[option], { fault: faultOf("option-refused", { option }) });
  refuseCommand(line, fail);
  const forwards = forwardsOf(text, line, fail).map((forward, at) => {
    // The lab adds the destination, with the account in front of it.
    const argv = [...line.common, ...(line.forwards[at]?.words ?? [])];
    const way = typed ? [] : ["-o", `ProxyJump=${jump.hops.map(({ name }) => name).join(",")}`];
    return { ...forward, argv: [...argv, ...way], jump };
  });
  return { forwards, ...(line.account === undefined ? {} : { account: line.account }) };
}

/** The hosts of `-J`, or of `-o ProxyJump`: ssh takes the first. */
function typedJump({ met, destination }: SshLine, fail: Fail): JumpLine | undefined {
  const first = met.find(({ option, keyword }) => option === "J" || keyword === "proxyjump");
  if (first === undefined) return undefined;
  const hops = parseJump(first.value ?? "");
  if (typeof hops === "string") {
    const port = refusedJumpPort(first.value ?? "");
    return fail(`ssh refuses this: ${hops}${portWords(port)}`, {
      expected: "-J [user@]host[:port], separated by commas",
      fault: faultOf("ssh-refuses", { said: hops, form: "jump", ...port }),
    });
  }
  if (hops.length === 0) return undefined;
  if (destination === undefined)
    return fail("-J without a destination", {
      expected: "the destination as you type it, e.g. `-J jump@bastion -R 8080:localhost:80 inner`",
      todo: "add it: the jump host's PermitOpen is matched against that name",
      fault: faultOf("jump-without-destination", {}),
    });
  return { hops, destination };
}

/** An ssh command line with destination and all, for `explain`: what has nothing to do with forwards may stay. */
export function parseCommandLine(words: readonly string[], config: readonly string[]): { line: SshLine; forwards: ForwardArguments[] } {
  const text = words.join(" ");
  const fail = failing(text);
  const line = readWords(words, config, fail);
  for (const { option } of line.met)
    if (noForward.has(option) && isIn(refused, option)) fail(refused[option], { fault: faultOf("option-refused", { option }) });
  return { line, forwards: forwardsOf(text, line, fail) };
}

/** Whom a command line goes to, and which config it names; undefined for what ssh would refuse. */
export function destinationOf(words: readonly string[]): Pick<SshLine, "destination" | "account" | "configFile"> | undefined {
  const line = readSshLine(words);
  return isFault(line) ? undefined : line;
}

type Fail = (message: string, details: { expected?: string; todo?: string | undefined; fault: Fault }) => never;

function failing(text: string, place?: Place): Fail {
  return (message, details) => {
    throw new UserError("ssh-arguments", message, { place, found: text, ...details });
  };
}

function readWords(words: readonly string[], config: readonly string[], fail: Fail): SshLine {
  const line = readSshLine(words, config);
  return isFault(line) ? fail(line.message, line) : line;
}

function forwardsOf(text: string, line: SshLine, fail: Fail): ForwardArguments[] {
  if (line.forwards.length === 0)
    fail("no forward is asked for", { expected: "at least one -R, -L or -D", fault: faultOf("no-forward-asked", {}) });
  if (line.background && !line.noCommand && !line.hasCommand) {
    const said = "Cannot fork into background without a command to execute";
    fail(`ssh refuses this: ${said}`, { todo: "write -fN", fault: faultOf("ssh-needs-no-command", { said }) });
  }
  return line.forwards.map((each) => argumentsOf(text, line, each));
}

function argumentsOf(text: string, line: SshLine, { request, words }: SshLine["forwards"][number]): ForwardArguments {
  const { background, noCommand, gatewayPorts, exitOnForwardFailure, clearAllForwardings, streamLocalBindMask } = line;
  const { streamLocalBindUnlink, permitRemoteOpen, addressFamily, serverPort, serverAliveInterval, autosshMonitor } = line;
  return {
    text,
    argv: line.forwards.length === 1 ? line.argv : [...line.common, ...words],
    request,
    requested: formatListener(request),
    listenPort: request.listenPort,
    background,
    noCommand,
    gatewayPorts,
    exitOnForwardFailure,
    clearAllForwardings,
    streamLocalBindMask,
    streamLocalBindUnlink,
    permitRemoteOpen,
    addressFamily,
    serverPort,
    serverAliveInterval,
    autosshMonitor,
  };
}
