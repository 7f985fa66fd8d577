/** Settings of a whole server: what the lab puts on sshd's command line, and the port that the config names. Pure. */
import { type EffectiveSettings, effectiveValue } from "../openssh/effective.ts";
import { atLeast } from "../openssh/version.ts";
import type { SshServerOptions } from "./ssh-server.ts";
import type { SshdProgram } from "./sshd-program.ts";

/** `Keyword=value`, before sshd was asked anything. */
export function commandLineSettings({ config, extra }: SshServerOptions, { version }: SshdProgram): string[] {
  const settings = ["PidFile=none", "LogLevel=VERBOSE"];
  const level = config.lines.find((line) => line.keyword === "loglevel" && line.match.length === 0)?.args[0];
  if (/^(verbose|debug)/i.test(level ?? "")) settings.pop();
  // All vantage points and all forwards share few addresses: one refused login must not shut the others out. (`PerSourcePenalties no` loses to a
  // config that lists penalties: each of them turns them on again.)
  if (atLeast(version, 9, 8)) settings.push("PerSourcePenaltyExemptList=0.0.0.0/0,::/0");
  return [...settings, ...(extra ?? [])];
}

/** Settings that are not allowed in a Match and would keep the lab out. */
export function globalNeeds(settings: EffectiveSettings, { hasPam }: SshdProgram): string[] {
  const needs: string[] = [];
  if (effectiveValue(settings, "usepam") === "yes" && !hasPam) needs.push("UsePAM=no");
  if (Number.parseInt(effectiveValue(settings, "maxstartups"), 10) < 10) needs.push("MaxStartups=10:30:100");
  const perSource = Number.parseInt(effectiveValue(settings, "persourcemaxstartups"), 10);
  if (perSource < 10) needs.push("PerSourceMaxStartups=none");
  return needs;
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
