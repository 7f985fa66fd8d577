/** The ssh arguments of a forward in a policy, as a person types them. */

import { type Place, UserError } from "../core/errors.ts";
import { type ForwardRequest, formatListener } from "./forward-request.ts";
import { splitWords } from "./shell-words.ts";
import { isFault, readSshLine, type SshLine } from "./ssh-line.ts";

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
    | "autosshMonitor"
  > {
  /** As typed. */
  text: string;
  request: ForwardRequest;
  /** The listener as asked for, in one spelling: `:43234`, `127.0.0.1:43234`, `[::1]:0`, `43234`. */
  requested: string;
  /** Port of `requested`; 0: the server chooses; -2, as in OpenSSH: none, the listener is a Unix socket. */
  listenPort: number;
  /** What a SOCKS proxy is to be asked for. Left out: what the lists of targets that limit it tell. */
  socksTargets?: readonly { host: string; port: number }[];
}

/** An ssh line of a policy, which may ask for several forwards. */
export interface SshArguments {
  /** As typed. */
  text: string;
  /** All words, as one ssh gets them. */
  argv: string[];
  /** In ssh's order; each with an `argv` that asks for it alone. Never empty. */
  forwards: ForwardArguments[];
}

const refused: Readonly<Record<string, string>> = {
  J: "jump hosts (-J) are not supported yet; open the forward from the host that should run ssh",
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
const instead: Readonly<Record<string, string>> = {
  F: "name the file under `home: { ssh_config: FILE }`, and give this forward as `host: NAME` in place of `ssh:`",
};

/** `-o` keywords that would take over what the lab or the policy states. */
const refusedKeywords: Readonly<Record<string, string>> = {
  proxyjump: "jump hosts are not supported yet; open the forward from the host that should run ssh",
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
  });
}

/**
 * As `parseForwardArguments`, for a line that may ask for several forwards.
 * @param config what an ssh_config adds, as arguments of `-o` (see `optionsForHost`)
 */
export function parseSshArguments(text: string, place?: Place, config: readonly string[] = []): SshArguments {
  const fail = failing(text, place);
  const line = readWords(splitWords(text) ?? fail("a quote is left open"), config, fail);
  for (const { option, keyword, value } of line.met) {
    if (keyword === undefined && Object.hasOwn(refused, option)) fail(refused[option] as string, { todo: instead[option] });
    if (keyword !== undefined && Object.hasOwn(refusedKeywords, keyword) && !/^(none|no)$/i.test(value ?? ""))
      fail(`-o ${keyword}=${value}: ${refusedKeywords[keyword]}`);
  }
  if (line.destination !== undefined)
    fail(`a destination or command is given: ${line.account === undefined ? "" : `${line.account}@`}${line.destination}`, {
      expected: "options only; the lab adds account, address, port and key",
      todo:
        line.met.some(({ option }) => option === "M") && /^\d+$/.test(line.destination)
          ? "if this is autossh's -M, begin with the word `autossh`; ssh's own -M takes no port"
          : "leave it out; the account is named by `as:`",
    });
  return { text, argv: line.argv, forwards: forwardsOf(text, line, fail) };
}

/** An ssh command line with destination and all, for `explain`: what has nothing to do with forwards may stay. */
export function parseCommandLine(words: readonly string[], config: readonly string[]): { line: SshLine; forwards: ForwardArguments[] } {
  const text = words.join(" ");
  const fail = failing(text);
  const line = readWords(words, config, fail);
  for (const { option } of line.met) if (noForward.has(option)) fail(refused[option] as string);
  return { line, forwards: forwardsOf(text, line, fail) };
}

/** Whom a command line goes to, and which config it names; undefined for what ssh would refuse. */
export function destinationOf(words: readonly string[]): Pick<SshLine, "destination" | "account" | "configFile"> | undefined {
  const line = readSshLine(words);
  return isFault(line) ? undefined : line;
}

type Fail = (message: string, details?: { expected?: string; todo?: string | undefined }) => never;

function failing(text: string, place?: Place): Fail {
  return (message, details = {}) => {
    throw new UserError("ssh-arguments", message, { place, found: text, ...details });
  };
}

function readWords(words: readonly string[], config: readonly string[], fail: Fail): SshLine {
  const line = readSshLine(words, config);
  return isFault(line) ? fail(line.message, line) : line;
}

function forwardsOf(text: string, line: SshLine, fail: Fail): ForwardArguments[] {
  if (line.forwards.length === 0) fail("no forward is asked for", { expected: "at least one -R, -L or -D" });
  if (line.background && !line.noCommand && !line.hasCommand)
    fail("ssh refuses this: Cannot fork into background without a command to execute", { todo: "write -fN" });
  return line.forwards.map((each) => argumentsOf(text, line, each));
}

function argumentsOf(text: string, line: SshLine, { request, words }: SshLine["forwards"][number]): ForwardArguments {
  const { background, noCommand, gatewayPorts, exitOnForwardFailure, clearAllForwardings, streamLocalBindMask } = line;
  const { streamLocalBindUnlink, permitRemoteOpen, addressFamily, serverPort, autosshMonitor } = line;
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
    autosshMonitor,
  };
}
