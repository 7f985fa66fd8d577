/**
 * Which forwards may share one ssh connection, and how they are asked for through its control socket. Pure.
 * Source: ssh(1) -M, -O, -S; OpenSSH `mux.c` `mux_client_forwards`, `mux_confirm_remote_forward`.
 */
import type { ForwardArguments } from "./forward-arguments.ts";
import { readLogLine } from "./log-events.ts";
import { readSshWords } from "./ssh-getopt.ts";

export interface SharedRequest {
  /** What makes the connection: equal options, equal connection. */
  options: string[];
  /** Argument of -R. */
  spec: string;
}

/** Without a session, and the lab never asks for one, these change nothing about a connection. */
const idle = new Set("NfTnxak");
/** They concern the connection alone, and whatever forwards it carries alike. */
const ofConnection = new Set("46Cp");
const keywordsOfConnection = new Set([
  "addressfamily",
  "compression",
  "connecttimeout",
  "port",
  "serveralivecountmax",
  "serveraliveinterval",
  "tcpkeepalive",
]);

/**
 * Undefined for a forward that needs an ssh of its own: not a -R of a stated port with a target of its own (who uses a SOCKS proxy dials anything, and the log does not say by which), several in one ssh, or with an option that
 * might change what becomes of it, or of another one (ExitOnForwardFailure, GatewayPorts, StreamLocalBind…, ClearAllForwardings, any other).
 */
export function sharedRequest({ argv, request, listenPort }: ForwardArguments): SharedRequest | undefined {
  if (request.kind !== "remote" || listenPort <= 0 || request.listenPath !== undefined) return undefined;
  const options: string[] = [];
  const specs: string[] = [];
  for (const word of readSshWords(argv)) {
    if (word.kind === "option" && word.letter === "R") specs.push(word.value);
    else if (
      word.kind === "option" &&
      (ofConnection.has(word.letter) || (word.letter === "o" && keywordsOfConnection.has(keywordOf(word.value))))
    )
      options.push(`-${word.letter}`, word.value);
    else if (word.kind === "flag" && ofConnection.has(word.letter)) options.push(`-${word.letter}`);
    else if (word.kind !== "flag" || !idle.has(word.letter)) return undefined;
  }
  const [spec] = specs;
  return spec === undefined || specs.length > 1 ? undefined : { options, spec };
}

function keywordOf(setting: string): string {
  return (/^\s*([A-Za-z0-9]+)/.exec(setting)?.[1] ?? "").toLowerCase();
}

/** The ssh that holds the connection and its control socket, and asks for no forward itself. Settings as in `sshCommand`. */
export function masterArguments(options: readonly string[], controlPath: string): string[] {
  return ["-N", "-o", "ControlMaster=yes", "-o", `ControlPath=${controlPath}`, "-o", "ControlPersist=no", ...options];
}

/** Asks a running connection for forwards, or takes them back, in this order; the name of the destination does not matter. */
export function controlCommand(controlPath: string, what: "forward" | "cancel", specs: readonly string[]): string[] {
  return ["ssh", "-F", "none", "-S", controlPath, "-O", what, ...specs.flatMap((spec) => ["-R", spec]), "connection"];
}

/** Has the server of a running connection dial a target; standard input and output are the connection to it. */
export function dialCommand(controlPath: string, { host, port }: { host: string; port: number }): string[] {
  const to = host.includes(":") ? `[${host}]` : host;
  return ["ssh", "-F", "none", "-S", controlPath, "-W", `${to}:${port}`, "connection"];
}

/** Follows a master's log until its session is on. */
export class MasterWatch {
  readonly news = { authenticated: false, granted: undefined };

  read(line: string): boolean {
    const event = readLogLine(line);
    if (event?.kind === "authenticated") this.news.authenticated = true;
    return event?.kind === "session";
  }
}
