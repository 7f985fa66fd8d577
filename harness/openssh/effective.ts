/** Reads what `sshd -T` prints: the settings as sshd itself sees them for one connection. */

/** Who connects, from where, to which address: what `Match` decides on. */
export interface ConnectionContext {
  user: string;
  /** Client's address as the server sees it. */
  addr: string;
  /** Server's address that is connected to. */
  laddr: string;
  lport: number;
  /** Client's host name; default: its address (what sshd uses with `UseDNS no`). */
  host?: string;
}

/** Lower-case keyword -> values, one per printed line. Keywords that sshd prints several times have several. */
export type EffectiveSettings = ReadonlyMap<string, readonly string[]>;

/**
 * Parses the output of `sshd -T`. Keywords are printed in lower case up to OpenSSH 10.3 and in CamelCase from 10.4 on;
 * here they are always lower case. Names that changed are given under both: `pubkeyacceptedkeytypes` (up to 8.4) is also
 * `pubkeyacceptedalgorithms`, `challengeresponseauthentication` also `kbdinteractiveauthentication`.
 */
export function parseEffective(text: string): EffectiveSettings {
  const settings = new Map<string, string[]>();
  const add = (keyword: string, value: string) => {
    const values = settings.get(keyword);
    if (values) values.push(value);
    else settings.set(keyword, [value]);
  };
  for (const line of text.split("\n")) {
    const parts = /^([A-Za-z][A-Za-z0-9]*)(?:\s+(.*?))?\s*$/.exec(line);
    if (!parts) continue;
    add((parts[1] as string).toLowerCase(), parts[2] ?? "");
  }
  for (const [old, current] of renamed) {
    const values = settings.get(old);
    if (values && !settings.has(current)) settings.set(current, values);
  }
  return settings;
}

const renamed = [
  ["pubkeyacceptedkeytypes", "pubkeyacceptedalgorithms"],
  ["hostbasedacceptedkeytypes", "hostbasedacceptedalgorithms"],
  ["challengeresponseauthentication", "kbdinteractiveauthentication"],
] as const;

/** First (usually only) value of a keyword, "" when sshd does not print it. */
export function effectiveValue(settings: EffectiveSettings, keyword: string): string {
  return settings.get(keyword.toLowerCase())?.[0] ?? "";
}

/** Argument of `-C` for a connection. */
export function connectionSpec(context: ConnectionContext): string {
  return `user=${context.user},host=${context.host ?? context.addr},addr=${context.addr},laddr=${context.laddr},lport=${context.lport}`;
}
