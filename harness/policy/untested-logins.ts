/** Logins of an account that no forward of the policy uses, although their options allow other forwards: what they allow is not tested. */
import { serverOf } from "../core/forward-outcome.ts";
import { type Warning, warning } from "../core/warning.ts";
import { forwardingOf } from "../openssh/authorized-keys.ts";
import type { ChosenKeys } from "./chosen-keys.ts";
import { accountOf, type Policy } from "./policy.ts";
import { type RunInputs, usableLogins } from "./run-inputs.ts";

/** One warning for each account of which not all kinds of keys are used. Without `key:`, a forward logs in with the first one. */
export function untestedLogins(policy: Policy, { keyIndex, through }: ChosenKeys, inputsOf: (server: string) => RunInputs): Warning[] {
  const used = new Map<string, { server: string; account: string; indexes: Set<number>; byCertificate: boolean }>();
  const use = (server: string, account: string | undefined, index = 0, byCertificate = false) => {
    if (account === undefined) return;
    const at = `${server} ${account}`;
    const known = used.get(at) ?? { server, account, indexes: new Set<number>(), byCertificate: false };
    known.indexes.add(index);
    used.set(at, { ...known, byCertificate: known.byCertificate || byCertificate });
  };
  for (const [name, forward] of Object.entries(policy.forwards)) {
    use(serverOf(forward), accountOf(policy, forward), keyIndex[name], forward.certificate !== undefined);
    for (const hop of through[name] ?? []) use(hop.server, hop.account, hop.keyIndex);
  }
  return [...used.values()].flatMap(({ server, account, indexes, byCertificate }): Warning[] => {
    const input = inputsOf(server).accounts.find(({ name }) => name === account);
    // Which line takes a certificate of the user's is known only where sshd has been asked.
    if (!input || byCertificate || input.certificates.length > 0) return [];
    const logins = usableLogins(input);
    const tested = new Set(logins.flatMap(({ options }, index) => (indexes.has(index) ? [forwardingOf(options)] : [])));
    const untested = logins.filter(({ options }) => {
      const allowed = forwardingOf(options);
      return allowed !== undefined && !tested.has(allowed);
    });
    const [first] = untested;
    if (!first) return [];
    return [warning("logins-untested", { account, name: first.name, others: untested.length - 1 }, first.place)];
  });
}
