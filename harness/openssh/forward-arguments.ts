/** Reads the ssh arguments of a forward as a person types them. */

import type { Family } from "../core/address.ts";
import { type Place, UserError } from "../core/errors.ts";
import { type ForwardRequest, formatListener, parseForwardSpec } from "./forward-request.ts";
import { splitWords } from "./shell-words.ts";

export interface ForwardArguments {
  /** As typed. */
  text: string;
  /** Words as ssh gets them, without a leading `ssh`. */
  argv: string[];
  request: ForwardRequest;
  /** The listener as asked for, in one spelling: `:43234`, `127.0.0.1:43234`, `[::1]:0`, `43234`. */
  requested: string;
  /** Port of `requested`; 0: the server chooses; -2, as in OpenSSH: none, the listener is a Unix socket. */
  listenPort: number;
  /** `-f`: ssh goes to the background by itself. */
  background: boolean;
  /** `-N`: no command, no shell. */
  noCommand: boolean;
  /** `-g` or `-o GatewayPorts=yes`: bind address for -L and -D when none is given. */
  gatewayPorts: boolean;
  exitOnForwardFailure: boolean;
  clearAllForwardings: boolean;
  /** `-o StreamLocalBindMask=…`, octal as typed: what a socket's file of -L gets is 0777 without these bits. Left out: ssh's default, 0177. */
  streamLocalBindMask: string | undefined;
  /** `-o StreamLocalBindUnlink=yes`: for -L, ssh removes what stands at the path before it listens there. */
  streamLocalBindUnlink: boolean;
  /** `-4`, `-6` or `-o AddressFamily=…`: over which family ssh goes to the server. Left out: either. */
  addressFamily: Family | undefined;
  /** `-p`, when typed. Left out, the lab adds the port of the server's config. */
  serverPort: number | undefined;
}

/** Options of ssh(1), OpenSSH 10.0, in getopt's notation. Source: `ssh.c`, `main`. */
export const sshOptionString = "1246ACGKMNTVXYafgknqstvxyB:D:E:F:I:J:L:O:P:Q:R:S:W:b:c:e:i:l:m:o:p:w:";

const refused: Record<string, string> = {
  J: "jump hosts (-J) are not verified yet; open the forward from the host that should run ssh",
  W: "-W carries one connection over standard input and output; nothing listens that could be verified",
  w: "tunnel devices (-w) are not verified yet",
  O: "control commands (-O) need a running master connection; state the forward itself",
  E: "the lab reads ssh's own messages; leave -E out",
  y: "the lab reads ssh's own messages; leave -y (syslog) out",
  G: "-G only prints ssh's configuration",
  Q: "-Q only prints what ssh supports",
  V: "-V only prints ssh's version",
  l: "the account is named by `as:`; leave -l out",
  F: "the lab runs ssh with -F none, so that nothing but these arguments counts; leave -F out",
  s: "subsystems (-s) are no forward; leave -s out",
  1: "SSH protocol 1 is no longer supported by ssh",
};

const families: Record<string, Family | undefined> = { inet: 4, inet6: 6 };

/** `-o` keywords that would take over what the lab or the policy states. */
const refusedKeywords: Record<string, string> = {
  proxyjump: "jump hosts are not verified yet; open the forward from the host that should run ssh",
  proxycommand: "ProxyCommand is not verified yet; open the forward from the host that should run ssh",
  user: "the account is named by `as:`",
  hostname: "the lab adds the destination",
  tunnel: "tunnel devices are not verified yet",
  sessiontype: "use -N in its place",
  forkafterauthentication: "use -f in its place",
  remotecommand: "the lab runs no command on the server; leave it out",
};

/**
 * One forward request out of the ssh arguments that stand in a policy, e.g. `-fN -R :43234:localhost:3389`.
 * The destination is the lab's to add. Throws UserError `ssh-arguments` for what ssh would refuse, and for what the lab cannot verify
 * (no or several forwards, a destination or command, jump hosts, socket paths that only ssh could complete, options that hide ssh's messages).
 */
export function parseForwardArguments(text: string, place?: Place): ForwardArguments {
  const fail = (message: string, details: { found?: string; expected?: string; todo?: string } = {}): never => {
    throw new UserError("ssh-arguments", message, { place, found: text, ...details });
  };
  const words = splitWords(text) ?? fail("a quote is left open");
  const argv = words[0] === "ssh" ? words.slice(1) : words;
  const forwards: ForwardRequest[] = [];
  const given: ForwardArguments = {
    text,
    argv,
    request: { kind: "remote", bind: undefined, listenPort: 0 },
    requested: "",
    listenPort: 0,
    background: false,
    noCommand: false,
    gatewayPorts: false,
    exitOnForwardFailure: false,
    clearAllForwardings: false,
    streamLocalBindMask: undefined,
    streamLocalBindUnlink: false,
    addressFamily: undefined,
    serverPort: undefined,
  };
  /** ssh takes the first value that it meets of an `-o` keyword. */
  const seen = new Set<string>();

  const forward = (option: "R" | "L" | "D", spec: string) => {
    const names = { R: "remote", L: "local", D: "dynamic" };
    const request =
      parseForwardSpec(option, spec) ??
      fail(`ssh refuses this: Bad ${names[option]} forwarding specification '${spec}'`, {
        expected: option === "D" ? "[bind address:]port" : "[bind address:]port:host:port (an IPv6 address in square brackets)",
      });
    checkPaths(option, spec, request);
    forwards.push(request);
  };

  const checkPaths = (option: string, spec: string, { kind, listenPath, targetPath }: ForwardRequest) => {
    for (const path of [listenPath, targetPath]) {
      if (path === undefined) continue;
      if (/%|\$\{/.test(path))
        fail(`-${option} ${spec}: ssh would fill in what stands for something else in ${path}`, {
          expected: "a path without % and without variables",
          todo: "write the path itself",
        });
      if (!path.startsWith("/"))
        fail(`-${option} ${spec} names a socket by a relative path: ${path}`, {
          expected: "a path that begins with a slash; a field with a slash in it is a path to ssh, not a port",
          todo: "write the whole path, or colons where host and port were meant",
        });
    }
    if (listenPath !== undefined && kind === "remote-dynamic")
      fail(`-${option} ${spec} asks for SOCKS on a remote socket, which ssh does not speak: it would look up a host named "socks"`, {
        expected: "-R [bind address:]port, or -R path:host:port",
        todo: "give the SOCKS proxy a port",
      });
  };

  const keyword = (value: string) => {
    const parts = /^\s*([A-Za-z0-9]+)\s*(?:=|\s)\s*(.*?)\s*$/.exec(value);
    if (!parts) return fail(`-o ${value}: no argument after keyword`, { expected: "-o Keyword=value" });
    const key = (parts[1] as string).toLowerCase();
    const argument = (parts[2] as string).replace(/^"(.*)"$/, "$1");
    const yes = /^(yes|true)$/i.test(argument);
    if (Object.hasOwn(refusedKeywords, key) && !/^(none|no)$/i.test(argument)) fail(`-o ${value}: ${refusedKeywords[key]}`);
    if (key === "remoteforward") return forward("R", argument.replace(/\s+/, ":"));
    if (key === "localforward") return forward("L", argument.replace(/\s+/, ":"));
    if (key === "dynamicforward") return forward("D", argument);
    // Of this one it takes the last.
    if (key === "streamlocalbindmask") given.streamLocalBindMask = argument;
    if (seen.has(key)) return;
    seen.add(key);
    if (key === "gatewayports") given.gatewayPorts = yes;
    else if (key === "exitonforwardfailure") given.exitOnForwardFailure = yes;
    else if (key === "clearallforwardings") given.clearAllForwardings = yes;
    else if (key === "streamlocalbindunlink") given.streamLocalBindUnlink = yes;
    else if (key === "addressfamily") given.addressFamily ??= families[argument.toLowerCase()];
    else if (key === "port") given.serverPort ??= serverPort(argument);
  };

  const serverPort = (value: string): number => {
    if (!/^\d{1,5}$/.test(value) || Number(value) > 65535 || Number(value) < 1) fail(`ssh refuses this: Bad port '${value}'`);
    return Number(value);
  };

  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string;
    if (word === "--" || word === "-" || !word.startsWith("-"))
      fail(`a destination or command is given: ${word === "--" ? (argv[i + 1] ?? "--") : word}`, {
        expected: "options only; the lab adds account, address, port and key",
        todo: `leave it out; the account is named by \`as:\``,
      });
    for (let j = 1; j < word.length; j++) {
      const option = word[j] as string;
      const at = option === ":" ? -1 : sshOptionString.indexOf(option);
      if (at < 0) fail(`ssh knows no option -${option}`, { expected: "options of ssh(1)" });
      if (Object.hasOwn(refused, option)) fail(refused[option] as string);
      if (sshOptionString[at + 1] !== ":") {
        if (option === "f") given.background = true;
        else if (option === "N") given.noCommand = true;
        else if (option === "4" || option === "6") given.addressFamily = option === "4" ? 4 : 6;
        else if (option === "g") {
          given.gatewayPorts = true;
          seen.add("gatewayports");
        }
        continue;
      }
      const value = word.slice(j + 1) || (argv[++i] ?? fail(`option -${option} needs an argument`));
      if (option === "R" || option === "L" || option === "D") forward(option, value);
      else if (option === "o") keyword(value);
      else if (option === "p") given.serverPort ??= serverPort(value);
      break;
    }
  }
  if (forwards.length !== 1)
    fail(forwards.length === 0 ? "no forward is asked for" : `${forwards.length} forwards are asked for in one entry`, {
      expected: "exactly one -R, -L or -D",
      todo: forwards.length === 0 ? undefined : "write one entry for each: each gets its own `reachable_from`",
    });
  if (given.background && !given.noCommand)
    fail("ssh refuses this: Cannot fork into background without a command to execute", { todo: "write -fN" });
  given.request = forwards[0] as ForwardRequest;
  given.listenPort = given.request.listenPort;
  given.requested = formatListener(given.request);
  return given;
}
