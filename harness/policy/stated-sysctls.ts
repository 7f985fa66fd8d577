/** Kernel settings of the policy's servers, whose names may have dots or slashes. */
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { dottedKey } from "../core/sysctl-key.ts";
import type { Policy } from "./policy.ts";
import type { YamlSource } from "./yaml-source.ts";

/** The policy, with all names in dotted form. */
export function withDottedSysctls(policy: Policy): Policy {
  return {
    ...policy,
    server: dotted(policy.server),
    ...(policy.servers
      ? { servers: Object.fromEntries(Object.entries(policy.servers).map(([name, server]) => [name, dotted(server)])) }
      : {}),
  };
}

function dotted<Server extends { sysctl?: Policy["server"]["sysctl"] }>(server: Server): Server {
  if (!server.sysctl) return server;
  return { ...server, sysctl: Object.fromEntries(Object.entries(server.sysctl).map(([key, value]) => [dottedKey(key), value])) };
}

/** A setting given twice, in two forms: to YAML, these are different keys. */
export function sysctlFaults({ server, servers = {} }: Policy, source: YamlSource): UserError[] {
  const all = [
    { sysctl: server.sysctl, path: ["server", "sysctl"] },
    ...Object.entries(servers).map(([name, { sysctl }]) => ({ sysctl, path: ["servers", name, "sysctl"] })),
  ];
  return all.flatMap(({ sysctl = {}, path }) => {
    const seen = new Map<string, string>();
    return Object.keys(sysctl).flatMap((key) => {
      const first = seen.get(dottedKey(key));
      if (first === undefined) {
        seen.set(dottedKey(key), key);
        return [];
      }
      return [
        new UserError("policy-value", `${key} is given twice`, {
          place: source.keyPlace([...path, key]),
          fault: faultOf("policy-key-twice", { key, line: source.keyPlace([...path, first]).line ?? 0 }),
          found: `${first} and ${key}, which name the same setting`,
          expected: "each setting once",
          todo: "remove one of them",
        }),
      ];
    });
  });
}
