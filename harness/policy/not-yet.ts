/** What a policy can say and the lab cannot do yet: an error, because a key without effect would be a wrong verdict. */
import { UserError } from "../core/errors.ts";
import type { Policy } from "./policy.ts";
import type { YamlSource } from "./yaml-source.ts";

export function notYetFaults(policy: Policy, source: YamlSource): UserError[] {
  if (policy.server.cgroups === undefined) return [];
  return [
    new UserError("policy-value", "a firewall with control groups is not verified yet", {
      place: source.keyPlace(["server", "cgroups"]),
      todo: "leave the rules that match them out",
    }),
  ];
}
