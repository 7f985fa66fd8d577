/** How long sshd keeps the session, and so the listeners, of a client that has gone silent: neither FIN nor RST arrives any more. Pure. */
import type { SettingSource } from "../core/forward-outcome.ts";
import { atLeast, type OpenSshVersion } from "./version.ts";

/** The kernel's, in seconds: `net.ipv4.tcp_keepalive_time`, `_intvl`, and how many probes. */
export interface TcpKeepAlive {
  time: number;
  interval: number;
  probes: number;
}

/** Linux. Source: tcp(7). */
export const defaultKeepAlive: TcpKeepAlive = { time: 7200, interval: 75, probes: 9 };

export interface SilentClient {
  /** Seconds at most, while nobody connects to the listener; null: it never ends. */
  bound: number | null;
  /** What the bound is due to; of a session that does not end in time, what would end it. */
  by: SettingSource;
  /** As they apply to the login; seconds, and how many messages. */
  interval: number;
  count: number;
  /** How many intervals go by for each message. */
  factor: 1 | 2;
}

/**
 * Sources: sshd_config(5) `ClientAliveInterval`, `ClientAliveCountMax`, `TCPKeepAlive`, `UnusedConnectionTimeout`; OpenSSH `serverloop.c`
 * `wait_until_can_do_something`: from 9.2 (d478cdc7a) to 9.4 a message is due only after more than the interval, which poll's timeout is just short
 * of, so that each takes two; 9.5 (9d7193a83) mends it. Measured with an interval of 2 and 3 messages: 8.1 s with 8.4, 14.1 s with 9.2, 8 s with 10.0.
 * @param settings sshd's for the login, as `sshd -T` prints them
 * @param keepAlive undefined: a jump host is in between, whose kernel answers the probes
 */
export function silentClient(
  settings: (keyword: string) => SettingSource,
  version: OpenSshVersion,
  keepAlive: TcpKeepAlive | undefined,
): SilentClient {
  const alive = settings("clientaliveinterval");
  const most = settings("clientalivecountmax");
  const interval = Number(alive.value || 0);
  const count = Number(most.value || 3);
  const factor = atLeast(version, 9, 2) && !atLeast(version, 9, 5) ? 2 : 1;
  const unused = settings("unusedconnectiontimeout");
  const tcp = settings("tcpkeepalive");
  const ends: { bound: number; by: SettingSource }[] = [];
  // With 0 as the most messages, sshd never ends a session for them.
  if (interval > 0 && count > 0) ends.push({ bound: factor * interval * (count + 1), by: alive });
  if (Number(unused.value) > 0) ends.push({ bound: Number(unused.value), by: unused });
  if (keepAlive && !/^no$/i.test(tcp.value)) ends.push({ bound: keepAlive.time + keepAlive.interval * keepAlive.probes, by: tcp });
  const [first] = ends.sort((one, other) => one.bound - other.bound);
  const lacking = interval > 0 && count === 0 ? most : { ...alive, value: String(interval) };
  return { bound: first?.bound ?? null, by: first && first.by !== tcp ? first.by : lacking, interval, count, factor };
}
