/** The servers of a policy: `server`, and those under `servers`. What reads or checks one server is given the policy as if it had that one alone. */

import { serverOf as hostOf } from "../core/forward-outcome.ts";
import { mainServer } from "../core/lab-spec.ts";
import type { Policy } from "./policy.ts";
import type { YamlSource } from "./yaml-source.ts";

/** Hosts that run an sshd under test, `server` first. */
export function serversOf({ servers = {} }: Pick<Policy, "servers">): string[] {
  return [mainServer, ...Object.keys(servers)];
}

/** The policy with this server alone, as its `server`, and with the forwards that are opened there. */
export function policyFor(policy: Policy, server: string): Policy {
  if (policy.servers === undefined) return policy;
  const { servers, home, ...rest } = policy;
  const forwards = Object.fromEntries(Object.entries(policy.forwards).filter(([, forward]) => hostOf(forward) === server));
  // What the policy says of home is read once.
  if (server === mainServer) return { ...rest, ...(home ? { home } : {}), forwards };
  return { ...rest, server: servers[server] as Policy["server"], forwards };
}

/** Places of the policy file, for such a policy. */
export function sourceFor(source: YamlSource, server: string): YamlSource {
  if (server === mainServer) return source;
  const stated = (path: Parameters<YamlSource["place"]>[0]) => (path[0] === "server" ? ["servers", server, ...path.slice(1)] : path);
  return {
    value: source.value,
    place: (path) => source.place(stated(path)),
    keyPlace: (path) => source.keyPlace(stated(path)),
    written: (path) => source.written(stated(path)),
  };
}
