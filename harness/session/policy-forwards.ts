/** The forwards of a policy, ready to open. */
import { readFile } from "node:fs/promises";
import { UserError } from "../core/errors.ts";
import { parseAuthorizedKeys } from "../openssh/authorized-keys.ts";
import type { LoadedPolicy } from "../policy/load-policy.ts";
import { accountOf, defaultFrom } from "../policy/policy.ts";
import type { ForwardToObserve } from "./observe.ts";
import { requestedListeners } from "./policy-lab.ts";

/** As the policy states them, in the order of `names`. */
export function policyForwards(loaded: LoadedPolicy, names: readonly string[]): Promise<ForwardToObserve[]> {
  return Promise.all(names.map((name) => policyForward(loaded, name)));
}

async function policyForward(loaded: LoadedPolicy, name: string): Promise<ForwardToObserve> {
  const forward = loaded.policy.forwards[name];
  const ssh = loaded.arguments[name];
  const [listening] = requestedListeners(loaded, [name]);
  if (!forward || !ssh || !listening) throw new Error(`forward ${name} is not in the policy`);
  const account = accountOf(loaded.policy, forward);
  if (account === undefined)
    throw new UserError("policy-value", `forwards.${name}.as is missing`, { place: loaded.place(["forwards", name]) });
  const from = forward.from ?? defaultFrom;
  const keyIndex = await keyIndexOf(loaded, account, forward.key);
  return {
    name,
    from,
    account,
    ssh,
    listening,
    ...(keyIndex === undefined ? {} : { keyIndex }),
    ...(loaded.policy.home?.services !== undefined && from === defaultFrom ? { onlyGivenServices: "at-client" } : {}),
  };
}

/** `key:` is a line number of authorized_keys, or a comment. */
async function keyIndexOf(loaded: LoadedPolicy, account: string, key: string | number | undefined): Promise<number | undefined> {
  const file = loaded.authorizedKeys[account];
  if (key === undefined || !file) return undefined;
  const { keys } = parseAuthorizedKeys(await readFile(file.absolute, "utf8"), file.display);
  const index = keys.findIndex(({ line, comment }) => (typeof key === "number" ? line === key : comment === key));
  if (index < 0) throw new UserError("policy-value", `${file.display} has no usable key ${key}`, { place: { file: file.display } });
  return index;
}
