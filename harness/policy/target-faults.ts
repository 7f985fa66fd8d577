/** Forwards that lead to a host that the network does not have. */
import type { UserError } from "../core/errors.ts";
import { listensOnServer, serverOf } from "../core/forward-outcome.ts";
import type { LabSpec } from "../core/lab-spec.ts";
import type { ForwardArguments } from "../openssh/forward-arguments.ts";
import { targetHost, unknownTarget } from "./forward-target.ts";
import { defaultFrom, type Policy } from "./policy.ts";
import type { YamlSource } from "./yaml-source.ts";

export function targetFaults(
  policy: Policy,
  given: Readonly<Record<string, ForwardArguments>>,
  spec: LabSpec,
  source: YamlSource,
): UserError[] {
  return Object.entries(policy.forwards).flatMap(([name, forward]) => {
    const asked = given[name];
    const target = asked?.request.target?.host;
    if (asked === undefined || target === undefined) return [];
    const dialler = listensOnServer(asked.request.kind) ? (forward.from ?? defaultFrom) : serverOf(forward);
    if (targetHost(spec, dialler, target) !== undefined) return [];
    return [unknownTarget(spec, { name, dialler, target, asked: asked.text, place: source.place(["forwards", name]) })];
  });
}
