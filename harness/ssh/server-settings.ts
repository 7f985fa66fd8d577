/** Settings of a whole server: what the lab puts on sshd's command line, and the port that the config names. Pure. */
import { type EffectiveSettings, effectiveValue } from "../openssh/effective.ts";
import { atLeast } from "../openssh/version.ts";
import type { SshServerOptions } from "./ssh-server.ts";
import type { SshdProgram } from "./sshd-program.ts";

/** `Keyword=value`, before sshd was asked anything. */
export function commandLineSettings({ config, extra }: SshServerOptions, { version }: SshdProgram, host: string): string[] {
  const settings = ["PidFile=none", "LogLevel=VERBOSE"];
  const level = config.lines.find((line) => line.keyword === "loglevel" && line.match.length === 0)?.args[0];
  if (/^(verbose|debug)/i.test(level ?? "")) settings.pop();
  // All vantage points and all forwards share few addresses: one refused login must not shut the others out. (`PerSourcePenalties no` loses to a
  // config that lists penalties: each of them turns them on again.)
  if (atLeast(version, 9, 8)) settings.push("PerSourcePenaltyExemptList=0.0.0.0/0,::/0");
  return [...settings, `VersionAddendum=${sshdIdentity(host)}`, ...(extra ?? [])];
}

/** The last word of the line with which a host's sshd greets each client (RFC 4253, 4.2): a forward that leads to sshd's own port is known by it. */
export function sshdIdentity(host: string): string {
  return `forwardlab-${host}`;
}

/**
 * Settings that are not allowed in a Match and would keep the lab out.
 * @param ssh2 the ssh2 library logs in, too
 */
export function globalNeeds(settings: EffectiveSettings, { hasPam }: SshdProgram, ssh2 = false): string[] {
  const needs: string[] = [];
  if (effectiveValue(settings, "usepam") === "yes" && !hasPam) needs.push("UsePAM=no");
  if (Number.parseInt(effectiveValue(settings, "maxstartups"), 10) < 10) needs.push("MaxStartups=10:30:100");
  const perSource = Number.parseInt(effectiveValue(settings, "persourcemaxstartups"), 10);
  if (perSource < 10) needs.push("PerSourceMaxStartups=none");
  return ssh2 ? [...needs, ...ssh2Needs(settings)] : needs;
}

/** The ssh2 library's default algorithms (its lib/protocol/constants.js); if sshd has none of a kind, the first one is added. */
export const ssh2Algorithms = {
  kex: [
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
    "ecdh-sha2-nistp256",
    "ecdh-sha2-nistp384",
    "ecdh-sha2-nistp521",
    "diffie-hellman-group-exchange-sha256",
    "diffie-hellman-group14-sha256",
    "diffie-hellman-group15-sha512",
    "diffie-hellman-group16-sha512",
    "diffie-hellman-group17-sha512",
    "diffie-hellman-group18-sha512",
  ],
  // These need no MAC.
  authenticated: ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com"],
  ciphers: ["aes128-ctr", "aes192-ctr", "aes256-ctr"],
  macs: [
    "hmac-sha2-256-etm@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
    "hmac-sha1-etm@openssh.com",
    "hmac-sha2-256",
    "hmac-sha2-512",
    "hmac-sha1",
  ],
};

/** A hardened config may allow no algorithm that the library supports, for example only post-quantum key exchanges. Algorithms do not affect forwards. */
function ssh2Needs(settings: EffectiveSettings): string[] {
  const { kex, authenticated, ciphers, macs } = ssh2Algorithms;
  const has = (keyword: string, known: readonly string[]) =>
    effectiveValue(settings, keyword)
      .split(",")
      .some((name) => known.includes(name));
  const plus = (keyword: string, name: string | undefined) =>
    `${keyword}=${[effectiveValue(settings, keyword.toLowerCase()), name].filter((part) => part !== "").join(",")}`;
  const aead = has("ciphers", authenticated) || !has("ciphers", ciphers);
  return [
    ...(has("kexalgorithms", kex) ? [] : [plus("KexAlgorithms", kex[0])]),
    ...(has("ciphers", [...authenticated, ...ciphers]) ? [] : [plus("Ciphers", authenticated[0])]),
    ...(aead || has("macs", macs) ? [] : [plus("MACs", macs[0])]),
  ];
}

/** As sshd's command line takes them. */
export function asArguments(settings: readonly string[]): string[] {
  return settings.flatMap((setting) => ["-o", setting]);
}

/** The first port that the config, or sshd's command line, names. */
export function configuredPort({ config, extra }: SshServerOptions): number {
  const typed = (keyword: string) =>
    new RegExp(`^${keyword}=(.*)`, "i").exec(extra?.find((each) => each.toLowerCase().startsWith(`${keyword}=`)) ?? "")?.[1];
  const given = (keyword: string) => typed(keyword) ?? config.lines.find((entry) => entry.keyword === keyword)?.args[0];
  const withAddress = /^(?:\[.*\]|[^:]*):(\d+)$/.exec(given("listenaddress") ?? "")?.[1];
  return Number(given("port") ?? withAddress) || 22;
}
