/** An ssh (or autossh) command line: its forwards, and what else on it decides about them. */

import type { Family } from "../core/address.ts";
import { parseDuration } from "../core/duration.ts";
import { type Fault, faultOf } from "../core/fault.ts";
import { type AutosshMonitor, readAutossh } from "./autossh.ts";
import { type ForwardSpelling, forwardOfLine, forwardSpelling, hasVariable, lexClientLine, namesVariable } from "./client-keyword.ts";
import { type ForwardRequest, formatListener, parseForwardSpec, refusedPortOf } from "./forward-request.ts";
import { portWords, type RefusedPort, refusedPort } from "./refused-port.ts";
import { portOf } from "./services.ts";
import { readSshWords } from "./ssh-getopt.ts";

export interface SshLine {
  /** Words as ssh gets them, without a leading `ssh` or `autossh`. */
  argv: string[];
  /** In ssh's order, each with the words that ask for it. */
  forwards: { request: ForwardRequest; words: string[] }[];
  /** `argv` without the words of the forwards, the destination and the command. */
  common: string[];
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
  /** `-o PermitRemoteOpen=…`: which targets ssh dials for visitors of remote SOCKS. Empty: all. */
  permitRemoteOpen: readonly string[];
  /** `-4`, `-6` or `-o AddressFamily=…`: over which family ssh goes to the server. Left out: either. */
  addressFamily: Family | undefined;
  /** `-p`, when typed. */
  serverPort: number | undefined;
  /** `user@` of the destination, `-l`, `-o User`. */
  account: string | undefined;
  /** Host part of the destination. */
  destination: string | undefined;
  hasCommand: boolean;
  /** `-F`. */
  configFile: string | undefined;
  /** `-o ServerAliveInterval=…`, in seconds, when typed. */
  serverAliveInterval: number | undefined;
  /** Ports of autossh's `-M`, which it takes for itself. */
  autosshMonitor: AutosshMonitor | undefined;
  /** Each option and `-o` keyword as it was met, for those who allow only some. */
  met: { option: string; keyword?: string; value?: string }[];
}

export interface SshFault {
  message: string;
  expected?: string;
  todo?: string;
  fault: Fault;
}

/**
 * Reads the words of a command line. A fault says what ssh (or the tool, of paths that only ssh could complete) refuses.
 * @param config what a config adds for the host, as arguments of `-o`: it counts after everything typed, as ssh takes the first value of most options
 */
export function readSshLine(words: readonly string[], config: readonly string[] = []): SshLine | SshFault {
  const auto = readAutossh(words);
  const typed = auto?.words ?? (words[0] === "ssh" ? words.slice(1) : words);
  const argv = [...typed, ...config.flatMap((option) => ["-o", option])];
  const line: SshLine = {
    argv,
    forwards: [],
    common: [],
    background: false,
    noCommand: false,
    gatewayPorts: false,
    exitOnForwardFailure: false,
    clearAllForwardings: false,
    streamLocalBindMask: undefined,
    streamLocalBindUnlink: false,
    permitRemoteOpen: [],
    addressFamily: undefined,
    serverPort: undefined,
    account: undefined,
    destination: undefined,
    hasCommand: false,
    configFile: undefined,
    serverAliveInterval: undefined,
    autosshMonitor: auto?.monitor,
    met: [],
  };
  /** ssh takes the first value that it meets of an `-o` keyword. */
  const seen = new Set<string>();
  const added = config.map((value) => ({ kind: "option" as const, letter: "o", value }));
  for (const word of [...readSshWords(typed), ...added]) {
    let fault: SshFault | undefined;
    if (word.kind === "unknown") fault = unknownOption(word.letter);
    else if (word.kind === "no-argument") fault = needsArgument(word.letter);
    else if (word.kind === "operand") readOperand(line, word.text, word.rest);
    else if (word.kind === "flag") readFlag(line, seen, word.letter);
    else fault = readOption(line, seen, word.letter, word.value);
    if (fault) return fault;
  }
  return (auto?.monitor && monitorClash(line, auto.monitor)) ?? line;
}

function unknownOption(letter: string): SshFault {
  return { message: `ssh has no option -${letter}`, expected: "options of ssh(1)", fault: faultOf("ssh-option-unknown", { letter }) };
}

function needsArgument(letter: string): SshFault {
  return { message: `option -${letter} needs an argument`, fault: faultOf("ssh-option-needs-argument", { letter }) };
}

export function isFault(read: SshLine | SshFault): read is SshFault {
  return "message" in read;
}

function readOperand(line: SshLine, text: string, rest: readonly string[]): void {
  if (rest.length > 0) {
    line.hasCommand = true;
    return;
  }
  const plain = text.replace(/^ssh:\/\//, "").replace(/^(.*@|)([^@[\]]+):\d+$/, "$1$2");
  const at = plain.lastIndexOf("@");
  line.destination = plain.slice(at + 1);
  if (at >= 0) line.account ??= plain.slice(0, at);
}

function readFlag(line: SshLine, seen: Set<string>, letter: string): void {
  line.met.push({ option: letter });
  line.common.push(`-${letter}`);
  if (letter === "f") line.background = true;
  else if (letter === "N") line.noCommand = true;
  else if (letter === "4" || letter === "6") line.addressFamily = letter === "4" ? 4 : 6;
  else if (letter === "g") {
    line.gatewayPorts = true;
    seen.add("gatewayports");
  }
}

function readOption(line: SshLine, seen: Set<string>, letter: string, value: string): SshFault | undefined {
  if (letter === "R" || letter === "L" || letter === "D") {
    if (namesVariable(value)) return variableFault(`-${letter} ${value}`);
    const request = parseForwardSpec(letter, value);
    return request ? addForward(line, letter, value, request, [`-${letter}`, value]) : badSpecification(letter, value);
  }
  if (letter === "o") return readKeyword(line, seen, value);
  line.met.push({ option: letter, value });
  // The lab reads no user config anyway, or gives ssh a config of its own.
  if (letter !== "F" || !isNoConfig(value)) line.common.push(`-${letter}`, value);
  if (letter === "p") return readPort(line, value);
  if (letter === "l") line.account ??= value;
  else if (letter === "F") line.configFile = value;
  return undefined;
}

const families: Readonly<Record<string, Family | undefined>> = { inet: 4, inet6: 6 };

function readKeyword(line: SshLine, seen: Set<string>, value: string): SshFault | undefined {
  const lexed = lexClientLine(value);
  if (lexed === undefined) return undefined;
  if (typeof lexed === "string") return refusedKeyword(value, lexed);
  if (hasVariable(lexed)) return variableFault(`-o ${quoted(value)}`);
  const forward = forwardOfLine(lexed);
  if (forward && "said" in forward) return refusedKeyword(value, forward.said, forwardSpelling(value), forward.port);
  if (forward) return addForward(line, forward.letter, value, forward.request, ["-o", value]);
  const { keyword } = lexed;
  const argument = lexed.args.join(" ");
  line.met.push({ option: "o", keyword, value: argument });
  line.common.push("-o", value);
  // Of this one it takes the last.
  if (keyword === "streamlocalbindmask") line.streamLocalBindMask = argument;
  if (seen.has(keyword)) return undefined;
  seen.add(keyword);
  const yes = /^(yes|true)$/i.test(argument);
  if (keyword === "gatewayports") line.gatewayPorts = yes;
  else if (keyword === "exitonforwardfailure") line.exitOnForwardFailure = yes;
  else if (keyword === "clearallforwardings") line.clearAllForwardings = yes;
  else if (keyword === "streamlocalbindunlink") line.streamLocalBindUnlink = yes;
  else if (keyword === "permitremoteopen") line.permitRemoteOpen = lexed.args;
  else if (keyword === "addressfamily") line.addressFamily ??= families[argument.toLowerCase()];
  else if (keyword === "serveraliveinterval") line.serverAliveInterval = parseDuration(argument);
  else if (keyword === "user") line.account ??= argument;
  else if (keyword === "port") return readPort(line, argument);
  return undefined;
}

function refusedKeyword(value: string, said: string, spelling?: ForwardSpelling, port?: RefusedPort): SshFault {
  const option = quoted(value);
  return {
    message: `ssh refuses -o ${option}: ${said}${portWords(port)}`,
    expected: spelling?.expected ?? "-o Keyword=value",
    fault: faultOf("ssh-refuses-option", { option, said, form: spelling?.keyword, ...port }),
  };
}

function readPort(line: SshLine, value: string): SshFault | undefined {
  const port = portOf(value);
  if (port <= 0) {
    const said = `Bad port '${value}'`;
    const refused = refusedPort(value, "target");
    return { message: `ssh refuses this: ${said}${portWords(refused)}`, fault: faultOf("ssh-refuses", { said, ...refused }) };
  }
  line.serverPort ??= port;
  return undefined;
}

function badSpecification(letter: "R" | "L" | "D", spec: string): SshFault {
  const names = { R: "remote", L: "local", D: "dynamic" };
  const said = `Bad ${names[letter]} forwarding specification '${spec}'`;
  const port = refusedPortOf(letter, spec);
  return {
    message: `ssh refuses this: ${said}${portWords(port)}`,
    expected: letter === "D" ? "[bind address:]port" : "[bind address:]port:host:port (an IPv6 address in square brackets)",
    fault: faultOf("ssh-refuses", { said, form: letter === "D" ? "dynamic-forward" : "forward", ...port }),
  };
}

function addForward(line: SshLine, letter: string, spec: string, request: ForwardRequest, words: string[]): SshFault | undefined {
  const fault = pathFault(`-${letter} ${spec}`, request);
  // ssh asks once for what is asked for twice (`readconf.c` `add_remote_forward`, `add_local_forward`).
  const twice = line.forwards.some((each) => JSON.stringify(each.request) === JSON.stringify(request));
  if (!fault && !twice) line.forwards.push({ request, words });
  return fault;
}

function variableFault(typed: string): SshFault {
  return {
    message: `${typed}: ssh would expand an environment variable, which is not known here`,
    expected: "a forward without variables",
    todo: "write the value itself",
    fault: faultOf("forward-with-variables", { typed }),
  };
}

function pathFault(typed: string, { kind, listenPath, targetPath }: ForwardRequest): SshFault | undefined {
  for (const path of [listenPath, targetPath]) {
    if (path === undefined) continue;
    if (/%|\$\{/.test(path))
      return {
        message: `${typed}: ssh would fill in what stands for something else in ${path}`,
        expected: "a path without % and without variables",
        todo: "write the path itself",
        fault: faultOf("path-with-variables", { typed, path }),
      };
    if (!path.startsWith("/"))
      return {
        message: `${typed} names a socket by a relative path: ${path}`,
        expected: "a path that begins with a slash; a field with a slash in it is a path to ssh, not a port",
        todo: "write the whole path, or colons where host and port were meant",
        fault: faultOf("path-relative", { typed, path }),
      };
  }
  if (listenPath === undefined || kind !== "remote-dynamic") return undefined;
  return {
    message: `${typed} asks for SOCKS on a remote socket, which ssh does not speak: it would look up a host named "socks"`,
    expected: "-R [bind address:]port, or -R path:host:port",
    todo: "give the SOCKS proxy a port",
    fault: faultOf("socks-on-a-socket", { typed }),
  };
}

/** autossh puts `-L N:127.0.0.1:N -R N:127.0.0.1:N+1` before what was typed: its ports are gone on both ends. */
function monitorClash(line: SshLine, { send, receive }: AutosshMonitor): SshFault | undefined {
  const clash = line.forwards.find(
    ({ request }) => request.listenPort === send || (request.kind !== "remote" && request.listenPort === receive),
  );
  return (
    clash && {
      message: `autossh -M ${send} takes ports ${send} and ${receive} for its own monitoring, and this forward asks for port ${clash.request.listenPort}`,
      expected: `another port than ${formatListener(clash.request)}`,
      todo: "write -M 0 and let ssh watch the connection itself (ServerAliveInterval), or give -M another port",
      fault: faultOf("autossh-ports", { send, receive, asked: clash.request.listenPort, listener: formatListener(clash.request) }),
    }
  );
}

function quoted(text: string): string {
  return /^[\w@%+=:,./[\]*-]+$/.test(text) ? text : `'${text}'`;
}

/** Does -F disable the config? `none`, or an empty file. */
export function isNoConfig(configFile: string): boolean {
  return configFile === "none" || configFile === "/dev/null";
}
