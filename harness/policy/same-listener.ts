/** Forwards that would want the same listener if a person ran them at the same time. */
import { listensOnServer, serverOf } from "../core/forward-outcome.ts";
import type { ForwardArguments } from "../openssh/forward-arguments.ts";
import { defaultFrom, type Policy } from "./policy.ts";

/** One warning for each listener that several forwards want, although the policy does not say that they run together. */
export function sameListenerWarnings(
  policy: Policy,
  given: Readonly<Record<string, ForwardArguments>>,
  together: readonly (readonly string[])[],
): string[] {
  const wanting = Map.groupBy(Object.keys(policy.forwards), (name) => listenerOf(policy, given, name));
  return [...wanting].flatMap(([listener, names]) => {
    const oneGroup = together.some((group) => names.every((name) => group.includes(name)));
    if (names.length < 2 || oneGroup) return [];
    return [
      `${names.join(" and ")} listen on the same ${listener}: each was judged alone; if they run at the same time, all but the first may be refused (\`together: true\` judges that)`,
    ];
  });
}

/** A port or path and its host; for a port that the server chooses the forward's own name. */
function listenerOf(policy: Policy, given: Readonly<Record<string, ForwardArguments>>, name: string): string {
  const request = given[name]?.request;
  if (!request) return name;
  const host = listensOnServer(request.kind) ? serverOf(policy.forwards[name] ?? {}) : (policy.forwards[name]?.from ?? defaultFrom);
  if (request.listenPath !== undefined) return `path ${request.listenPath} of ${host}`;
  return request.listenPort === 0 ? name : `port ${request.listenPort} of ${host}`;
}
