/**
 * Which forwards may share one ssh connection, and how they are asked for through its control socket. Pure.
 * Source: ssh(1) -M, -O, -S; OpenSSH `mux.c` `mux_client_forwards`, `mux_confirm_remote_forward`.
 */
import type { ForwardArguments } from "./forward-arguments.ts";
import { sshOptionString } from "./ssh-getopt.ts";

export interface SharedRequest {
  /** What makes the connection: equal options, equal connection. */
  options: string[];
  /** Argument of -R. */
  spec: string;
}

/** Without a session these change nothing about a connection. */
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
 * Undefined for a forward that needs an ssh of its own: not a -R of a port that is stated, without -N, several in one ssh, or with an option that
 * might change what becomes of it, or of another one (ExitOnForwardFailure, GatewayPorts, StreamLocalBind…, ClearAllForwardings, any other).
 */
export function sharedRequest({ argv, request, listenPort, noCommand }: ForwardArguments): SharedRequest | undefined {
  const remote = request.kind === "remote" || request.kind === "remote-dynamic";
  if (!remote || !noCommand || listenPort <= 0 || request.listenPath !== undefined) return undefined;
  const options: string[] = [];
  const specs: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string;
    for (let j = 1; j < word.length; j++) {
      const letter = word[j] as string;
      const takesValue = sshOptionString[sshOptionString.indexOf(letter) + 1] === ":";
      const value = takesValue ? word.slice(j + 1) || (argv[++i] as string) : "";
      if (letter === "R") specs.push(value);
      else if (ofConnection.has(letter) || (letter === "o" && keywordsOfConnection.has(keywordOf(value))))
        options.push(`-${letter}`, ...(takesValue ? [value] : []));
      else if (!idle.has(letter)) return undefined;
      if (takesValue) break;
    }
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

/** Follows a master's log until its session is on. */
export class MasterWatch {
  readonly news = { authenticated: false, granted: undefined };

  read(line: string): boolean {
    if (/^Authenticated to .* using /.test(line)) this.news.authenticated = true;
    return /^debug1: Entering interactive session/.test(line);
  }
}

/** What the server answered, when this line of the master's log says so. */
export function remoteForwardAnswer(line: string): { granted: boolean; port: number } | undefined {
  const [, answer, port] = /^debug1: mux_confirm_remote_forward: (success|failure) for: listen (\d+)/.exec(line) ?? [];
  return answer === undefined ? undefined : { granted: answer === "success", port: Number(port) };
}
