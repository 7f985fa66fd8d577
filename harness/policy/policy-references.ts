/** What the schema cannot see: names that point at nothing, and statements that contradict each other. */

import { parseAddress } from "../core/address.ts";
import { UserError } from "../core/errors.ts";
import { accountOf, accountsOf, anyone, defaultFrom, type Policy, reachEntries, vantagesOf } from "./policy.ts";
import { didYouMean } from "./suggestion.ts";
import type { KeyPath, YamlSource } from "./yaml-source.ts";

/** Every such fault of a policy that follows the schema. */
export function referenceFaults(policy: Policy, source: YamlSource): UserError[] {
  const errors: UserError[] = [];
  const report = (path: KeyPath, message: string, details: { found?: string; expected?: string; todo?: string }, onKey = false) =>
    errors.push(new UserError("policy-value", message, { place: onKey ? source.keyPlace(path) : source.place(path), ...details }));
  const known = (kind: string, name: string, names: readonly string[], path: KeyPath) => {
    if (names.includes(name)) return;
    const meant = didYouMean(name, names);
    report(path, `unknown ${kind} \`${name}\``, {
      found: name,
      expected: names.join(", ") || `no ${kind} is defined`,
      todo: meant ? `did you mean \`${meant}\`?` : undefined,
    });
  };
  const vantages = vantagesOf(policy);

  if (policy.server.openssh !== undefined && policy.server.image !== undefined) {
    report(
      ["server", "image"],
      "server has both `openssh` and `image`",
      { found: "both", expected: "only one of them", todo: "remove `openssh`" },
      true,
    );
  }

  for (const [name, forward] of Object.entries(policy.forwards)) {
    const path: KeyPath = ["forwards", name];
    known(
      "host",
      forward.from ?? defaultFrom,
      vantages.filter((vantage) => vantage !== "server"),
      [...path, "from"],
    );
    const accounts = Object.keys(accountsOf(policy));
    if (forward.as !== undefined) known("account", forward.as, accounts, [...path, "as"]);
    else if (accountOf(policy, forward) === undefined) {
      report(
        path,
        `forwards.${name} needs \`as\`, because there are several accounts`,
        { found: "no `as`", expected: `\`as\`, one of: ${accounts.join(", ")}` },
        true,
      );
    }
    const seen = new Map<string, number>();
    reachEntries(forward).forEach((entry, index) => {
      const short = typeof forward.reachable_from?.[index] === "string";
      const entryPath: KeyPath = [...path, "reachable_from", index];
      known("vantage point", entry.vantage, [...vantages, anyone], short ? entryPath : [...entryPath, "vantage"]);
      const address = entry.address === undefined ? undefined : parseAddress(entry.address);
      if (entry.family && address && address.family !== entry.family) {
        report([...entryPath, "address"], `address and family contradict each other`, {
          found: `${entry.address} with family ${entry.family}`,
          expected: `an IPv${entry.family} address`,
        });
      }
      for (const family of entry.family ? [entry.family] : address ? [address.family] : [4, 6]) {
        const key = `${entry.vantage}/${family}/${address?.text ?? ""}/${entry.as ?? ""}`;
        const first = seen.get(key);
        if (first !== undefined) {
          report(entryPath, `${entry.vantage} appears twice in reachable_from of ${name} for IPv${family}`, {
            found: `entries ${first + 1} and ${index + 1}`,
            expected: "each vantage point once per family",
            todo: "remove one of them",
          });
          break;
        }
        seen.set(key, index);
      }
    });
    if (forward.refused_by_server && reachEntries(forward).some((entry) => entry.is === "reachable" || entry.is === "reached")) {
      report(
        [...path, "refused_by_server"],
        `forwards.${name} cannot be both refused and reachable`,
        { found: "`refused_by_server: true` with `reachable_from`", expected: "only one of them" },
        true,
      );
    }
  }

  const ids = new Set<string>();
  (policy.waivers ?? []).forEach((waiver, index) => {
    const path: KeyPath = ["waivers", index];
    known("forward", waiver.forward, Object.keys(policy.forwards), [...path, "forward"]);
    known("vantage point", waiver.vantage, vantages, [...path, "vantage"]);
    if (ids.has(waiver.id))
      report([...path, "id"], `waiver id \`${waiver.id}\` is used twice`, {
        found: waiver.id,
        expected: "a different id for each waiver",
      });
    ids.add(waiver.id);
  });
  return errors;
}
