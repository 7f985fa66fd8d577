/** What a policy can say and the lab cannot do yet: an error, because a key without effect would be a wrong verdict. */
import { UserError } from "../core/errors.ts";
import { listensOnServer } from "../core/forward-outcome.ts";
import type { ForwardArguments } from "../openssh/forward-arguments.ts";
import { defaultFrom, type Policy } from "./policy.ts";
import type { KeyPath, YamlSource } from "./yaml-source.ts";

export function notYetFaults(
  policy: Policy,
  given: Readonly<Record<string, ForwardArguments>>,
  together: readonly (readonly string[])[],
  source: YamlSource,
): UserError[] {
  const errors: UserError[] = [];
  const report = (path: KeyPath, what: string, todo: string) =>
    errors.push(new UserError("policy-value", `${what} is not supported yet`, { place: source.keyPlace(path), todo }));
  if (policy.server.cgroups !== undefined)
    report(["server", "cgroups"], "a firewall with control groups", "remove the rules that match them from the copy, and `cgroups`");
  for (const group of together) {
    const listeners = new Map<string, string>();
    for (const name of group) {
      const listener = listenerOf(policy, given, name);
      const other = listeners.get(listener);
      if (other !== undefined)
        report(
          ["forwards", name],
          `opening ${name} while ${other} has the same listener (${listener})`,
          "use a different port for each forward",
        );
      listeners.set(listener, name);
    }
  }
  return errors;
}

/** Host and port, or path: two forwards that share it get in each other's way. Other forwards do not, so each can be judged alone. */
function listenerOf(policy: Policy, given: Readonly<Record<string, ForwardArguments>>, name: string): string {
  const request = given[name]?.request;
  if (!request) return name;
  const host = listensOnServer(request.kind) ? "server" : (policy.forwards[name]?.from ?? defaultFrom);
  if (request.listenPath !== undefined) return `${host} ${request.listenPath}`;
  return request.listenPort === 0 ? name : `${host}, port ${request.listenPort}`;
}
