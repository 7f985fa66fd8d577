/** Forwards that would want the same listener if a person ran them at the same time. */
import { listensOnServer, serverOf } from "../core/forward-outcome.ts";
import { type Warning, warning } from "../core/warning.ts";
import type { ForwardArguments } from "../openssh/forward-arguments.ts";
import { defaultFrom, type Policy } from "./policy.ts";

/** One warning for each listener that several forwards want, although the policy does not say that they run together. */
export function sameListenerWarnings(
  policy: Policy,
  given: Readonly<Record<string, ForwardArguments>>,
  together: readonly (readonly string[])[],
): Warning[] {
  const wanting = Map.groupBy(Object.keys(policy.forwards), (name) => JSON.stringify(listenerOf(policy, given, name) ?? name));
  return [...wanting.values()].flatMap((names) => {
    const oneGroup = together.some((group) => names.every((name) => group.includes(name)));
    const listener = listenerOf(policy, given, names[0] as string);
    if (!listener || names.length < 2 || oneGroup) return [];
    return [{ ...warning("same-listener", { forwards: names, ...listener }), forwards: names }];
  });
}

/** Undefined: not known, or a port that the server chooses. */
function listenerOf(
  policy: Policy,
  given: Readonly<Record<string, ForwardArguments>>,
  name: string,
): { host: string; port?: number; path?: string } | undefined {
  const request = given[name]?.request;
  if (!request) return undefined;
  const host = listensOnServer(request.kind) ? serverOf(policy.forwards[name] ?? {}) : (policy.forwards[name]?.from ?? defaultFrom);
  if (request.listenPath !== undefined) return { host, path: request.listenPath };
  return request.listenPort ? { host, port: request.listenPort } : undefined;
}
