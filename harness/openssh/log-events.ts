/**
 * What ssh (`-v`) and sshd (`LogLevel VERBOSE`) say, line by line, as data. The only place that knows their words.
 * Source: OpenSSH `ssh.c`, `channels.c`, `clientloop.c`, `serverloop.c`, `misc.c`, `auth.c`; the same from 8.4 to 10.6.
 */
import { remembered } from "../core/remembered.ts";

export type LogEvent =
  | { kind: "connected" }
  | { kind: "server-software"; software: string }
  | { kind: "authenticated" }
  /** ssh has opened its own listeners and asked for the remote ones. */
  | { kind: "session" }
  | { kind: "remote-requested" }
  /** `listen` and `connect` as ssh prints them: `:43234`, `localhost:3389`. */
  | { kind: "remote-answer"; granted: boolean; listen: string; connect: string }
  /** What a person sees of a refusal; `listen`: port or path. */
  | { kind: "remote-failed"; listen: string }
  | { kind: "port-allocated"; port: number; connect: string }
  | { kind: "local-listening"; address: string; port: number }
  | { kind: "local-listening-path"; path: string }
  | { kind: "local-failed" }
  /** A visitor has come to ssh's listener; the channel that is made next is its own. */
  | { kind: "visitor"; listenPort: number; target: { host: string; port: number } }
  | { kind: "channel-new"; channel: number }
  | { kind: "channel-refused"; channel: number; prohibited: boolean; detail: string }
  | { kind: "connection-failed"; error: string }
  /** `error` is left out where an event before this one had it. */
  | { kind: "dial-failed"; target: { host: string; port: number } | { path: string }; error?: string }
  | { kind: "target-unknown"; host: string; error: string }
  | { kind: "bind-failed"; address: string; port: number; error: string }
  | { kind: "name-failed"; name: string; error: string }
  | { kind: "path-failed"; path: string; error: string }
  /** sshd turns a visitor's target down: by a list (PermitOpen, permitopen) or by a switch (AllowTcpForwarding, DisableForwarding, `restrict` …). */
  | { kind: "target-denied"; by: "list" | "switch"; target: { host: string; port: number } | { path: string } }
  /** sshd turns a listener down by a list (PermitListen, permitlisten). */
  | { kind: "listener-denied"; host: string; port: number }
  /** Of -w: a tunnel device at both ends, or not at the client's. What sshd refuses is a `channel-refused`. */
  | { kind: "tunnel-established" }
  | { kind: "tunnel-failed" }
  /** `local`: sshd's end. */
  | { kind: "connection-from"; address: string; local?: { address: string; port: number } }
  | { kind: "login-accepted"; account: string; address: string };

/** An event with the line that told it. */
export type LoggedEvent = LogEvent & { line: string };

type Reader = [pattern: RegExp, make: (parts: string[]) => LogEvent];

/** Asked of every line of a connection with many forwards, by itself. */
const remoteAnswer = /^debug1: (?:remote forward|mux_confirm_remote_forward:) (success|failure) for: listen (.*), connect (.*)$/;

function ofRemoteAnswer([answer, listen = "", connect = ""]: string[]): Extract<LogEvent, { kind: "remote-answer" }> {
  return { kind: "remote-answer", granted: answer === "success", listen, connect };
}

const readers: readonly Reader[] = [
  [/^debug1: Connection established/, () => ({ kind: "connected" })],
  [/remote software version (\S+)/, ([software = ""]) => ({ kind: "server-software", software })],
  [/^Authenticated to .* using /, () => ({ kind: "authenticated" })],
  [/^debug1: Entering interactive session/, () => ({ kind: "session" })],
  [/^debug1: Remote connections from /, () => ({ kind: "remote-requested" })],
  [remoteAnswer, ofRemoteAnswer],
  [
    /^(?:Warning|Error): remote (?:port|path) forwarding failed for listen (?:port|path) (.*)$/,
    ([listen = ""]) => ({ kind: "remote-failed", listen }),
  ],
  [/Could not request remote forwarding/, () => ({ kind: "remote-failed", listen: "" })],
  [
    /^Allocated port (\d+) for remote forward(?: to (.*))?/,
    ([port, connect = ""]) => ({ kind: "port-allocated", port: Number(port), connect }),
  ],
  [
    /^debug1: Local forwarding listening on (\S+) port (\d+)/,
    ([address = "", port]) => ({ kind: "local-listening", address, port: Number(port) }),
  ],
  [/^debug1: Local forwarding listening on path (.*?)\.?$/, ([path = ""]) => ({ kind: "local-listening-path", path })],
  [/^Could not request local forwarding\./, () => ({ kind: "local-failed" })],
  [
    /^debug1: Connection to port (-?\d+) forwarding to (.*) port (-?\d+) requested/,
    ([listen, host = "", port]) => ({ kind: "visitor", listenPort: Number(listen), target: { host, port: Number(port) } }),
  ],
  [/^debug1: channel (\d+): new /, ([channel]) => ({ kind: "channel-new", channel: Number(channel) })],
  [
    /channel (\d+): open failed: (administratively prohibited|.*?)(?:: (.*))?$/,
    ([channel, reason, detail = ""]) => ({
      kind: "channel-refused",
      channel: Number(channel),
      prohibited: reason === "administratively prohibited",
      detail,
    }),
  ],
  [/channel \d+: connection failed: (.*)$/, ([error = ""]) => ({ kind: "connection-failed", error })],
  [/connect_to (.*) port (\d+): failed\./, ([host = "", port]) => ({ kind: "dial-failed", target: { host, port: Number(port) } })],
  [/connect_to (.*): unknown host \((.*)\)/, ([host = "", error = ""]) => ({ kind: "target-unknown", host, error })],
  [/connect to (\/.*) port -2 failed: (.*)$/, ([path = "", error = ""]) => ({ kind: "dial-failed", target: { path }, error })],
  [
    /connect to (.*) port (\d+) failed: (.*)$/,
    ([host = "", port, error = ""]) => ({ kind: "dial-failed", target: { host, port: Number(port) }, error }),
  ],
  [/bind \[(.*)\]:(\d+): (.*)$/, ([address = "", port, error = ""]) => ({ kind: "bind-failed", address, port: Number(port), error })],
  [/getaddrinfo\((.*)\): (.*)$/, ([name = "", error = ""]) => ({ kind: "name-failed", name, error })],
  [/cannot (?:bind to|listen on) path (.*): (.*)$/, ([path = "", error = ""]) => ({ kind: "path-failed", path, error })],
  [/unlink\((.*)\): (.*)$/, ([path = "", error = ""]) => ({ kind: "path-failed", path, error })],
  [
    /Received request (?:from \S+ port \d+ )?to connect to host (.*) port (\d+), but the request was denied/,
    ([host = "", port]) => ({ kind: "target-denied", by: "list", target: { host, port: Number(port) } }),
  ],
  [
    /Received request to connect to path (.*), but the request was denied/,
    ([path = ""]) => ({ kind: "target-denied", by: "list", target: { path } }),
  ],
  [
    /refused local port forward: originator .* target (.*) port (\d+)/,
    ([host = "", port]) => ({ kind: "target-denied", by: "switch", target: { host, port: Number(port) } }),
  ],
  [
    /refused streamlocal port forward: originator .*, target (.*)$/,
    ([path = ""]) => ({ kind: "target-denied", by: "switch", target: { path } }),
  ],
  [
    /to remote forward to host (.*) port (\d+), but the request was denied/,
    ([host = "", port]) => ({ kind: "listener-denied", host, port: Number(port) }),
  ],
  [/tunnel forward established/i, () => ({ kind: "tunnel-established" })],
  [/Tunnel (?:device )?(?:forwarding|open) failed/, () => ({ kind: "tunnel-failed" })],
  [
    /^Connection from (\S+) port \d+(?: on (\S+) port (\d+))?/,
    ([address = "", local, port]) => ({
      kind: "connection-from",
      address,
      ...(local === undefined ? {} : { local: { address: local, port: Number(port) } }),
    }),
  ],
  [/^Accepted \S+ for (\S+) from (\S+) port/, ([account = "", address = ""]) => ({ kind: "login-accepted", account, address })],
];

/** The lines of a login are those of each forward that it carries. */
const knownLine = remembered(4096, readNewLine);

/** Undefined for a line that tells nothing of the kind. */
export function readLogLine(line: string): LogEvent | undefined {
  return knownLine(line);
}

/** What the server answered to a request to listen, where this line tells it. */
export function readRemoteAnswer(line: string): ReturnType<typeof ofRemoteAnswer> | undefined {
  const parts = remoteAnswer.exec(line.replace(/\r$/, ""));
  return parts ? ofRemoteAnswer(parts.slice(1)) : undefined;
}

function readNewLine(line: string): LogEvent | undefined {
  const text = line.replace(/\r$/, "");
  for (const [pattern, make] of readers) {
    const parts = pattern.exec(text);
    if (parts) return make(parts.slice(1));
  }
  return undefined;
}

/** The events of a log, in its order. */
export function readLog(lines: readonly string[]): LoggedEvent[] {
  return lines.flatMap((line) => {
    const event = readLogLine(line);
    return event ? [{ ...event, line: line.replace(/\r$/, "") }] : [];
  });
}
