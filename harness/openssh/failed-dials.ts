/** What became of the connections that ssh or sshd dials for visitors, told from both logs. Pure. */
import { type DialError, type FailedDial, type ForwardKind, listensOnServer } from "../core/forward-outcome.ts";
import { type LoggedEvent, readLog } from "./log-events.ts";

/** The dials of one connection's forward that led nowhere, in the order in which they failed. */
export function failedDials(kind: ForwardKind, clientLog: readonly string[], serverLog: readonly string[]): FailedDial[] {
  const client = readLog(clientLog);
  return listensOnServer(kind) ? dialledBySsh(client) : dialledBySshd(client, readLog(serverLog));
}

/** ssh tries each address of the target, says why each failed, and at the end that all did. */
function dialledBySsh(events: readonly LoggedEvent[]): FailedDial[] {
  const found: FailedDial[] = [];
  let reason: string | undefined;
  for (const event of events) {
    if (event.kind === "connection-failed") reason = event.error;
    else if (event.kind === "dial-failed") {
      const error = dialError(event.error ?? reason ?? "");
      found.push({ by: "ssh", target: event.target, error, said: event.line, saidBy: "ssh" });
      reason = undefined;
    } else if (event.kind === "target-unknown")
      found.push({ by: "ssh", target: { host: event.host, port: 0 }, error: "unknown-host", said: event.line, saidBy: "ssh" });
  }
  return found;
}

type ChannelRefused = Extract<LoggedEvent, { kind: "channel-refused" }>;
type Told = Extract<LoggedEvent, { kind: "target-denied" | "dial-failed" | "target-unknown" }>;

/**
 * ssh is told of each channel that was not opened. Of a path it is told nothing more; and what a visitor of SOCKS asked for only sshd's log says:
 * sshd's own lines stand in the same order.
 */
function dialledBySshd(client: readonly LoggedEvent[], server: readonly LoggedEvent[]): FailedDial[] {
  const visitors = visitorsOf(client);
  const denied = server.filter((event): event is Told => event.kind === "target-denied" && "host" in event.target);
  const onPath = server.filter(
    (event): event is Told => (event.kind === "target-denied" || event.kind === "dial-failed") && "path" in event.target,
  );
  const nextOf = ({ prohibited, detail }: ChannelRefused) => {
    if (prohibited) return denied.shift();
    return detail === wordless ? onPath.shift() : undefined;
  };
  return client
    .filter((event) => event.kind === "channel-refused")
    .map((event): FailedDial => {
      const visitor = visitors.get(event.channel);
      const told = nextOf(event);
      const target = told && "target" in told ? told.target : visitor?.target;
      return {
        by: "sshd",
        ...(target === undefined ? {} : { target }),
        ...(visitor ? { listenPort: visitor.listenPort } : {}),
        error: channelError(event, told),
        said: told?.line ?? event.line,
        saidBy: told ? "sshd" : "ssh",
      };
    });
}

function channelError({ prohibited, detail }: ChannelRefused, told: Told | undefined): DialError {
  if (prohibited) return "prohibited";
  if (told) return toldError(told);
  return detail === wordless ? "unexplained" : dialError(detail);
}

/** All that sshd tells ssh of a path, whether a setting denied it or the account may not open it. */
const wordless = "open failed";

/** The listener and the target of each channel. SOCKS has no target yet when its channel is made. */
function visitorsOf(events: readonly LoggedEvent[]): Map<number, { listenPort: number; target?: { host: string; port: number } }> {
  const found = new Map<number, { listenPort: number; target?: { host: string; port: number } }>();
  let last: Extract<LoggedEvent, { kind: "visitor" }> | undefined;
  for (const event of events) {
    if (event.kind === "visitor") last = event;
    else if (event.kind === "channel-new" && last) {
      const named = last.target.port > 0;
      found.set(event.channel, { listenPort: last.listenPort, ...(named ? { target: last.target } : {}) });
      last = undefined;
    }
  }
  return found;
}

function toldError(told: Told): DialError {
  if (told.kind === "target-denied") return "prohibited";
  return told.kind === "target-unknown" ? "unknown-host" : dialError(told.error ?? "");
}

/** strerror(3) and gai_strerror(3) of glibc and musl. */
const errors: readonly [RegExp, DialError][] = [
  [/^Connection refused/, "refused"],
  // "connection abort": the lab aborted the dial before the kernel would have reported a timeout.
  [/(timed out|^Software caused connection abort|^Connection aborted)/, "timeout"],
  [/^(No route to host|Network (is )?unreachable|Host is (down|unreachable)|Network is down)/, "unreachable"],
  [/^(Permission denied|Operation not permitted)/, "not-permitted"],
  [/^(No such file or directory|Not a directory)/, "no-such-path"],
  [
    /^(Name (or service not known|does not resolve)|Temporary failure in name resolution|No address associated|Address family for hostname)/,
    "unknown-host",
  ],
];

function dialError(text: string): DialError {
  return errors.find(([pattern]) => pattern.test(text))?.[1] ?? "failed";
}
