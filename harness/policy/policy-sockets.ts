/** What a policy may expect of a forward that listens on a Unix socket: a path is for processes of its host alone. */
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { listensOnServer, serverOf } from "../core/forward-outcome.ts";
import type { ForwardArguments } from "../openssh/forward-arguments.ts";
import { defaultFrom, type Policy, reachEntries } from "./policy.ts";
import type { YamlSource } from "./yaml-source.ts";

/** Expectations that no probe could ever tell: nothing is ignored. */
export function socketFaults(policy: Policy, given: Readonly<Record<string, ForwardArguments>>, source: YamlSource): UserError[] {
  return Object.entries(policy.forwards).flatMap(([name, forward]) => {
    const request = given[name]?.request;
    const path = request?.listenPath;
    if (request === undefined || path === undefined) return [];
    const host = listensOnServer(request.kind) ? serverOf(forward) : (forward.from ?? defaultFrom);
    return reachEntries(forward).flatMap((entry, index) => {
      const place = source.place(["forwards", name, "reachable_from", index]);
      if (entry.vantage !== host) {
        return [
          new UserError("policy-value", `forwards.${name} listens on ${path}, a path that ${entry.vantage} cannot open`, {
            place,
            found: entry.vantage,
            expected: `${host}: only its own processes can open the path`,
            todo: "use a port instead of a path, or remove this entry",
            fault: faultOf("socket-out-of-reach", { forward: name, path, vantage: entry.vantage, host }),
          }),
        ];
      }
      if (entry.family === undefined && entry.address === undefined && entry.via === undefined) return [];
      return [
        new UserError("policy-value", `forwards.${name} listens on ${path}, which has neither family nor address`, {
          place,
          found: entry.address ?? entry.via ?? `family ${entry.family}`,
          expected: `the vantage point alone: ${host}`,
          todo: "remove `family`, `address` and `via`",
          fault: faultOf("socket-has-no-address", { forward: name, path, host }),
        }),
      ];
    });
  });
}
