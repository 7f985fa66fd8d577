/** The public addresses of routers for which a policy states none: the article's, or others where a network of the policy's is in the way. */
import { type Address, bits, contains, type Interface, parseAddress } from "../core/address.ts";
import type { LanPlan, SinglePlan } from "./lan-plan.ts";

/** In order of preference: all are set aside for documentation and tests (RFC 5737, RFC 2544). */
export function publicChoices(number: number): Address[] {
  return ["203.0.113", "192.0.2", "198.18.0", "198.18.1"].flatMap((prefix) => parseAddress(`${prefix}.${number}`) ?? []);
}

/** Settles them, out of the way of all that the policy states. Where nothing is free, the overlap is told with the others. */
export function choosePublicAddresses(lans: readonly LanPlan[], singles: readonly SinglePlan[]): void {
  const routers = lans.flatMap(({ behind }) => behind ?? []);
  const taken: Interface[] = [
    ...lans.flatMap(({ members }) => members.flatMap(({ given }) => given.map(({ address }) => address))),
    ...singles.flatMap(({ given }) => given.map(({ address }) => whole(address))),
    ...routers.flatMap(({ publicAddress, choices }) => (choices ? [] : [whole(publicAddress)])),
  ];
  for (const router of routers) {
    const chosen = router.choices?.find((address) => !taken.some((network) => contains(network, address)));
    if (!chosen) continue;
    router.publicAddress = chosen;
    taken.push(whole(chosen));
  }
}

function whole(address: Address): Interface {
  return { ...address, prefix: bits(address.family) };
}
