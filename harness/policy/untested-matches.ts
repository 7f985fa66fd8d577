/** Match blocks of the config that no forward of the policy falls under: what they grant is not tested. */
import { parseAddress, parseInterface } from "../core/address.ts";
import { natOf } from "../core/cells.ts";
import { serverOf } from "../core/forward-outcome.ts";
import { type LabSpec, lansOf, leadsTo } from "../core/lab-spec.ts";
import { type Warning, warning } from "../core/warning.ts";
import type { ForwardArguments } from "../openssh/forward-arguments.ts";
import { criteriaNames, matchHolds, type Principal } from "../openssh/match-criteria.ts";
import type { ConfigLine, SshdConfig } from "../openssh/sshd-config.ts";
import { groupsOfLogin, type UserDatabase } from "../openssh/user-database.ts";
import type { PolicyJump } from "./jumps.ts";
import { accountOf, accountsOf, defaultFrom, type Policy } from "./policy.ts";

/**
 * One warning for each Match line that holds for none of the policy's logins, or of which that is not known.
 * A `Match Host` goes by the client's name only with `UseDNS yes`, and names are known here as far as `server.names` gives them.
 * A `Match Version` goes by that of the server's sshd, which does not run yet.
 */
export function untestedMatches(policy: Policy, spec: LabSpec, asked: AskedServer): Warning[] {
  const { config } = asked;
  const logins = loginsOf(policy, spec, asked);
  const seen = new Set<string>();
  return config.lines
    .filter(({ keyword }) => keyword === "match")
    .flatMap((line): Warning[] => {
      const place = `${line.file}:${line.line}`;
      if (seen.has(place)) return [];
      seen.add(place);
      const holds = logins.map((login) => blockHolds(line, login));
      if (holds.includes(true)) return [];
      const match = `Match ${line.args.join(" ")}`;
      const why = holds.includes(undefined) ? unknownOf(line, config) : undefined;
      return [why ? warning("match-unknown", { match, why }, line) : warning("match-untested", { match }, line)];
    });
}

/** Which of its criteria cannot be decided; undefined: none of a login in the lab. */
function unknownOf({ args }: ConfigLine, config: SshdConfig): "version" | "no-names" | "no-dns" | undefined {
  const names = criteriaNames(args);
  if (names.includes("host")) return usesDns(config) ? "no-names" : "no-dns";
  return names.includes("version") ? "version" : undefined;
}

/** A server of the policy, with its config. */
interface AskedServer {
  server: string;
  config: SshdConfig;
  users: UserDatabase | undefined;
  /** By forward: the servers on its way. */
  through: Readonly<Record<string, readonly PolicyJump[]>>;
  /** By forward: what its ssh is told. */
  given: Readonly<Record<string, Pick<ForwardArguments, "serverPort" | "jump">>>;
}

function blockHolds({ match, args }: ConfigLine, login: Principal): boolean | undefined {
  const all = [...match.map(({ criteria }) => criteria), args].map((criteria) => matchHolds(criteria, login));
  if (all.includes(false)) return false;
  return all.includes(undefined) ? undefined : true;
}

function usesDns(config: SshdConfig): boolean {
  return /^yes$/i.test(config.lines.find(({ keyword }) => keyword === "usedns")?.args[0] ?? "no");
}

/** Who logs in from where, as sshd sees it. */
function loginsOf(policy: Policy, spec: LabSpec, { server, config, users, through, given }: AskedServer): Principal[] {
  const own = addressesOf(spec, server);
  const configured = Number(config.lines.find(({ keyword }) => keyword === "port")?.args[0] ?? 22);
  const logins = Object.entries(policy.forwards).flatMap(([name, forward]) => {
    const stops = [...(through[name] ?? []), { server: serverOf(forward), account: accountOf(policy, forward) }];
    // Whoever comes through a jump host comes from it.
    const at = stops.findIndex((stop) => stop.server === server);
    const from = at > 0 ? (stops[at - 1]?.server as string) : (forward.from ?? defaultFrom);
    const typed = at < stops.length - 1 ? given[name]?.jump?.hops[at]?.port : given[name]?.serverPort;
    return at < 0 ? [] : [{ user: stops[at]?.account, from, ports: typed === undefined ? [configured] : portsBehind(spec, own, typed) }];
  });
  return logins.flatMap(({ user, from, ports }) => {
    if (user === undefined) return [];
    const groups = groupsOfLogin(user, accountsOf(policy, server)[user]?.groups, users);
    return seenAs(spec, from, server).flatMap((addr) =>
      own
        .filter((laddr) => laddr.includes(":") === addr.includes(":"))
        .flatMap((laddr) => {
          const host = usesDns(config) ? nameOf(policy, addr) : undefined;
          return ports.map((lport): Principal => ({ user, groups, addr, laddr, lport, ...(host === undefined ? {} : { host }) }));
        }),
    );
  });
}

/** Where a client that types this port may arrive: there, or where a router in front of the server leads it. */
function portsBehind(spec: LabSpec, own: readonly string[], typed: number): number[] {
  const led = Object.values(spec.routers).flatMap((router) => leadsTo(router, typed) ?? []);
  return [...new Set([typed, ...led.filter(({ address }) => own.includes(address)).map(({ port }) => port)])];
}

function addressesOf(spec: LabSpec, host: string): string[] {
  return (spec.hosts[host]?.interfaces ?? []).flatMap(({ addresses }) =>
    addresses.flatMap((text) => (parseInterface(text) ?? parseAddress(text))?.text ?? []),
  );
}

/** The addresses by which the server sees a host. */
function seenAs(spec: LabSpec, host: string, server: string): string[] {
  const lans = lansOf(spec, host);
  if (lans.some((lan) => lansOf(spec, server).includes(lan))) return addressesOf(spec, host);
  const nat = lans.map((lan) => natOf(spec, lan)).find((each) => each !== undefined);
  return addressesOf(spec, host).map((address) => (nat && !address.includes(":") ? nat.address : address));
}

function nameOf(policy: Policy, address: string): string | undefined {
  return Object.entries(policy.server.names ?? {}).find(([, addresses]) =>
    [addresses].flat().some((each) => parseAddress(each)?.text === address),
  )?.[0];
}
