/** The forwards of a policy, ready to open. */
import { parseDuration } from "../core/duration.ts";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { LoadedPolicy } from "../policy/load-policy.ts";
import { accountOf, defaultFrom } from "../policy/policy.ts";
import type { ForwardToObserve } from "./observe.ts";
import { requestedListeners } from "./policy-lab.ts";

/** As the policy states them, in the order of `names`. */
export function policyForwards(loaded: LoadedPolicy, names: readonly string[]): ForwardToObserve[] {
  const groups = loaded.together.map((all) => all.filter((name) => names.includes(name))).filter((all) => all.length > 1);
  return names.map((name) => {
    const group = groups.find((all) => all.includes(name));
    const oneSsh = loaded.policy.forwards[name]?.together !== true;
    return { ...policyForward(loaded, name), ...(group ? { together: { group: group.join(" "), oneSsh } } : {}) };
  });
}

function policyForward(loaded: LoadedPolicy, name: string): ForwardToObserve {
  const forward = loaded.policy.forwards[name];
  const ssh = loaded.arguments[name];
  const [listening] = requestedListeners(loaded, [name]);
  if (!forward || !ssh || !listening) throw new Error(`forward ${name} is not in the policy`);
  const account = accountOf(loaded.policy, forward);
  if (account === undefined)
    throw new UserError("policy-value", `forwards.${name}.as is missing`, {
      fault: faultOf("policy-key-missing", { key: "as", path: `forwards.${name}` }),
      place: loaded.place(["forwards", name]),
    });
  const from = forward.from ?? defaultFrom;
  const keyIndex = loaded.keyIndex[name];
  const certificate = loaded.certificate[name];
  const jump = loaded.through[name];
  return {
    name,
    place: loaded.place(["forwards", name]),
    from,
    ...(forward.server === undefined ? {} : { server: forward.server }),
    ...(jump ? { jump } : {}),
    account,
    ssh,
    listening,
    ...(forward.gone_within === undefined ? {} : { goneWithin: parseDuration(String(forward.gone_within)) ?? 0 }),
    ...(keyIndex === undefined ? {} : { keyIndex }),
    ...(certificate === undefined ? {} : { certificate }),
    ...(forward.login === "refused" || forward.refused_by_server ? { loginMayFail: true } : {}),
    ...(loaded.policy.home?.services !== undefined && from === defaultFrom ? { onlyGivenServices: "at-client" } : {}),
  };
}
