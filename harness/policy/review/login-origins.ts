/** Where principals log in from: client addresses that sshd's config and the key lines distinguish, each with hosts of the lab that have such an address. Pure. */
import { type Family, parseAddress } from "../../core/address.ts";
import { type AddressRange, holdsAddress, parseRange } from "../../core/address-range.ts";
import type { LabSpec } from "../../core/lab-spec.ts";
import { type SourceClass, vantagesOf } from "../source-classes.ts";

/** Client addresses of which sshd treats each alike. */
export interface LoginOrigin {
  /** All of them, as the fewest prefixes. */
  prefixes: string[];
  /** Addresses that nothing names. */
  elsewhere: boolean;
  /** Hosts that can stand for them, the best first: a firewall may keep some of them from sshd. */
  hosts: { vantage: string; family: Family }[];
}

/**
 * @param spec the lab that the classes were made for
 * @param groups what sshd's config and the key lines name; each set holds all addresses of a class or none
 * @param preferred the host that runs ssh, where it can
 */
export function loginOrigins(
  spec: LabSpec,
  classes: readonly SourceClass[],
  groups: readonly (readonly AddressRange[])[],
  preferred: string,
): LoginOrigin[] {
  const isIn = (host: string, family: Family, prefixes: readonly string[]) =>
    vantagesOf(spec, family).some(
      ({ vantage, address }) =>
        vantage === host &&
        holdsAddress(
          prefixes.flatMap((text) => parseRange(text) ?? []),
          address,
        ),
    );
  const byMembership = Map.groupBy(classes, ({ address: text }) => {
    const address = parseAddress(text);
    return address ? groups.flatMap((group, at) => (holdsAddress(group, address) ? [at] : [])).join() : "";
  });
  return [...byMembership].map(([named, alike]) => ({
    prefixes: alike.flatMap(({ prefixes }) => prefixes),
    elsewhere: named === "",
    hosts: alike
      .flatMap(({ vantage, family, prefixes }) =>
        [vantage, ...(isIn(preferred, family, prefixes) ? [preferred] : [])].map((each) => ({ vantage: each, family })),
      )
      .filter((one, at, all) => all.findIndex(({ vantage, family }) => vantage === one.vantage && family === one.family) === at)
      .sort((one, other) => rank(one, preferred) - rank(other, preferred) || one.family - other.family),
  }));
}

/** The usual client, then hosts that every lab has, then those that were made for a class. */
function rank({ vantage }: { vantage: string }, preferred: string): number {
  if (vantage === preferred) return 0;
  return parseAddress(vantage) ? 2 : 1;
}
