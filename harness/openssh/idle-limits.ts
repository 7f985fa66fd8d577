/** What sshd closes because nobody uses it: the connection of a forward without visitors, or a visitor's own connection that carries no data. Pure. */
import { parseDuration } from "../core/duration.ts";
import { type IdleLimit, listensOnServer, type SettingSource } from "../core/forward-outcome.ts";
import type { ForwardRequest } from "./forward-request.ts";
import { matchPattern } from "./patterns.ts";
import { atLeast, type OpenSshVersion } from "./version.ts";

/** What a jump host's sshd would do to connections through it. */
export interface HopLimits {
  hop: string;
  limits: readonly IdleLimit[];
}

type Asked = Pick<ForwardRequest, "kind" | "listenPath" | "targetPath">;

/**
 * Sources: sshd_config(5) `ChannelTimeout`, `UnusedConnectionTimeout`; OpenSSH `channels.c` `lookup_timeout`. Measured with 9.2, 10.0 and 10.6: listeners
 * do not count as open channels, whether of -R, -L or -D; a visitor, or a session with a command, does. `global` is ignored up to 9.6, and ChannelTimeout
 * in a Match block on 9.2 and 10.0, though `sshd -T -C` prints it; 10.6 applies it.
 * @param settings sshd's for the login, as `sshd -T` prints them
 * @param inMatch does the line stand in a Match block?
 */
export function idleLimits(
  request: Asked,
  settings: (keyword: string) => SettingSource,
  version: OpenSshVersion,
  inMatch: (source: SettingSource) => boolean,
): IdleLimit[] {
  const unused = settings("unusedconnectiontimeout");
  const channel = settings("channeltimeout");
  const applies = atLeast(version, 10, 1) || !inMatch(channel);
  const visitor = applies ? visitorLimit(channel.value, channelType(request), version) : undefined;
  return [
    ...limit("connection", Number(unused.value), unused),
    ...(visitor ? limit("visitor", visitor.seconds, { ...channel, value: visitor.text }) : []),
  ];
}

/**
 * What a jump host's limits do to ssh's connection to the next server, which is a visitor's there: its bytes count, and so do messages that ask whether the
 * other end is alive. Measured with 9.2, 10.0 and 10.6: with 3 s, an idle `ssh -J` ended after 3 s, one with `ServerAliveInterval=1` did not, and one with 5 did.
 * @param alive seconds between such messages, from either end; none, or 0: none are sent
 */
export function jumpLimits({ hop, limits }: HopLimits, alive: readonly number[]): IdleLimit[] {
  return limits
    .filter(({ ends, seconds }) => ends === "visitor" && !alive.some((interval) => interval > 0 && interval < seconds))
    .map((each) => ({ ...each, ends: "connection", jump: hop }));
}

function limit(ends: IdleLimit["ends"], seconds: number, { keyword, value, file, line }: SettingSource): IdleLimit[] {
  const place = { ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) };
  return seconds > 0 ? [{ ends, seconds, by: { keyword, value, ...place } }] : [];
}

/** As the connection protocol calls what carries a visitor's data. Source: RFC 4254, 7; OpenSSH `PROTOCOL`, 2.4. */
function channelType({ kind, listenPath, targetPath }: Asked): string {
  if (listensOnServer(kind)) return listenPath === undefined ? "forwarded-tcpip" : "forwarded-streamlocal@openssh.com";
  return targetPath === undefined ? "direct-tcpip" : "direct-streamlocal@openssh.com";
}

/** The first pattern that matches the channel, or `global`, whichever is due earlier. */
function visitorLimit(value: string, type: string, version: OpenSshVersion): { seconds: number; text: string } | undefined {
  const entries = value.split(/\s+/).flatMap((text) => {
    const [, pattern = "", time = ""] = /^(.*)=([^=]*)$/.exec(text) ?? [];
    return pattern === "" ? [] : [{ pattern, text, seconds: parseDuration(time) ?? 0 }];
  });
  const own = entries.find(({ pattern }) => pattern !== "global" && matchPattern(type, pattern));
  const global = atLeast(version, 9, 7) ? entries.find(({ pattern }) => pattern === "global") : undefined;
  return [own, global].flatMap((entry) => (entry && entry.seconds > 0 ? [entry] : [])).sort((one, other) => one.seconds - other.seconds)[0];
}
