/**
 * What a SOCKS forward has to be asked for. A proxy that turns one target down may let others through: of -D sshd's PermitOpen and the key's permitopen
 * decide about each target, of remote SOCKS (-R with a port alone) ssh's own PermitRemoteOpen. Pure.
 */
import type { Refusal, SocksTarget } from "../core/forward-outcome.ts";
import { splitKeyOptions } from "./authorized-keys.ts";
import { settingFor } from "./forwarding-settings.ts";
import { type GateQuestion, refusingGate } from "./gates.ts";
import { hostAndPort, permitsOpening } from "./permit-list.ts";
import { refusalBy } from "./refusal.ts";
import { portOf } from "./services.ts";

/** Nobody serves these on a server by chance: `echo` of RFC 862, and a port that no service is registered for. */
const unlikely = { host: "localhost", ports: [7, 4] };

/**
 * One target for each entry of the lists, and one that no entry lets through. Empty: nothing limits the proxy, so any target tells the same.
 * @param permitRemoteOpen entries of ssh's PermitRemoteOpen, for remote SOCKS
 * @param stated targets to ask for instead of those
 */
export function socksTargets(
  question: GateQuestion,
  permitRemoteOpen: readonly string[] = [],
  stated: readonly { host: string; port: number }[] = [],
): SocksTarget[] {
  const entries = limits(isRemote(question) ? permitRemoteOpen : serverEntries(question));
  const judge = (target: { host: string; port: number }) => socksTarget(question, permitRemoteOpen, target);
  if (stated.length > 0) return stated.map(judge);
  if (entries === undefined) return [];
  const named = entries
    .map((entry) => judge(representative(entry)))
    .filter((one, at, all) => at === all.findIndex((other) => same(one, other)));
  const hidden = unlikely.ports.map((port) => judge({ host: unlikely.host, port })).find(({ refusedBy }) => refusedBy !== undefined);
  return hidden && !named.some((one) => same(one, hidden)) ? [...named, hidden] : named;
}

/** One target, with what turns it down. */
export function socksTarget(
  question: GateQuestion,
  permitRemoteOpen: readonly string[],
  target: { host: string; port: number },
): SocksTarget {
  if (isRemote(question))
    return permitsOpening(permitRemoteOpen, target) ? target : { ...target, refusedBy: byClient(permitRemoteOpen, target) };
  const gate = refusingGate(question, target);
  return gate ? { ...target, refusedBy: refusalBy(gate) } : target;
}

function isRemote({ request }: GateQuestion): boolean {
  return request.kind === "remote-dynamic";
}

function byClient(entries: readonly string[], target: { host: string; port: number }): Refusal {
  const text = `PermitRemoteOpen ${entries.join(" ")} does not allow ${target.host}:${target.port}`;
  return { layer: "client", code: "permit-remote-open", params: { ...target, entries }, text };
}

/** All entries of both lists: what the one names, the other may turn down. */
function serverEntries({ settings, key }: GateQuestion): string[] {
  const config = settingFor(settings, "permitopen").value.split(/\s+/);
  const options = splitKeyOptions(key.options).flatMap((option) => /^permitopen="?(.*?)"?$/i.exec(option)?.[1] ?? []);
  return [...config, ...options];
}

/** The entries that name something; undefined when there is no list at all. `none` alone names nothing. */
function limits(entries: readonly string[]): string[] | undefined {
  const listed = entries.filter((entry) => entry !== "any" && entry !== "");
  return listed.length === 0 ? undefined : listed.filter((entry) => entry !== "none");
}

/** A star stands for many: the server itself, and a port where the lab can put a service. */
function representative(entry: string): { host: string; port: number } {
  const { host, port } = hostAndPort(entry, "*");
  return { host: host === "*" ? unlikely.host : host, port: port === "*" ? (unlikely.ports[0] as number) : portOf(port) };
}

function same(one: SocksTarget, other: SocksTarget): boolean {
  return one.host === other.host && one.port === other.port;
}
