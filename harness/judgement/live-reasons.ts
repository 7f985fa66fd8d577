/** Why nobody listens where a probe went, in a lab in which a person works: nobody knows what was asked for, only what listens. */
import { parseTarget } from "../core/address.ts";
import type { LiveListener } from "../core/lesson.ts";
import type { Reason } from "../core/reason.ts";

export function listenerReason({ host, port }: { host: string; port: number }, listening: readonly LiveListener[]): Reason {
  const there = listening.filter((each) => each.host === host && parseTarget(each.socket)?.port === port);
  const [first] = there;
  if (!first) return { layer: "bind-address", code: "nothing-listens", params: { host, port } };
  const listeners = there.map(({ socket }) => socket).sort();
  return { layer: "bind-address", code: "listens-elsewhere", params: { host, program: first.process, listeners } };
}
