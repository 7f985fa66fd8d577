/** What a policy can say and the lab cannot do yet: an error, because a key without effect would be a wrong verdict. */
import { UserError } from "../core/errors.ts";
import type { Policy } from "./policy.ts";
import type { YamlSource } from "./yaml-source.ts";

export function notYetFaults(policy: Policy, source: YamlSource): UserError[] {
  if (policy.server.cgroups === undefined) return [];
  return [
    new UserError("policy-value", "a firewall with control groups is not supported yet", {
      place: source.keyPlace(["server", "cgroups"]),
      found: "`cgroups`",
      expected: "rules that match no control group",
      todo: "remove the rules that match them from the copy, and `cgroups`",
    }),
  ];
}
