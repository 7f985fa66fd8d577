/** Who is on a server's network where the policy places nobody: a neighbour that the lab adds, named like the network. */
import { isPrivate } from "../core/address.ts";
import { faultOf } from "../core/fault.ts";
import { isOwnBridge } from "../firewall/own-bridge.ts";
import { capacity, networksOf } from "./address-space.ts";
import type { Fail, LanPlan } from "./lan-plan.ts";
import { isLone } from "./stated-networks.ts";

/**
 * Adds a neighbour to each network on which a server is alone, as far as there is room. On a bridge to the server's own containers and guests it adds
 * none: they are as much the server's own as its processes are.
 * @param taken names of the policy's hosts
 */
export function addNeighbours(lans: readonly LanPlan[], servers: readonly string[], taken: readonly string[], fail: Fail): void {
  const names: string[] = [];
  for (const lan of lans) {
    const [owner, ...others] = lan.members;
    if (!owner || others.length > 0 || !servers.includes(owner.host) || isOwnBridge(owner.interface)) continue;
    const derive = ([4, 6] as const).filter((family) => hasRoom(lan, family));
    if (derive.length === 0) continue;
    const name = neighbourName(lan.name);
    if (taken.includes(name) || names.includes(name)) {
      const { host, interface: at, path } = owner;
      fail(
        taken.includes(name) ? ["network", "vantages", name] : path,
        `${name} is the lab's own neighbour on the network of ${host}'s ${at}`,
        {
          fault: faultOf("name-of-neighbour", { name, host, interface: at }),
          found: `another host named ${name}`,
          expected: `a vantage point on that network, or nobody named ${name}`,
          todo: "rename the other host, or place a vantage point of your own on that network",
        },
      );
      continue;
    }
    names.push(name);
    lan.members.push({ host: name, added: true, interface: "eth0", given: [], derive, preferred: 20, path: owner.path });
  }
}

/** A host name, whatever the interface is called. */
function neighbourName(lan: string): string {
  return lan
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/-$/, "");
}

/** For one host more besides the server and, unless it needs no address of the network, its router. */
function hasRoom({ members: [owner], behind }: LanPlan, family: 4 | 6): boolean {
  const given = (owner?.given ?? []).map(({ address }) => address).filter((address) => address.family === family);
  const [network] = networksOf(given);
  if (!network) return owner?.derive.includes(family) === true;
  const router = family === 4 && !behind && given.every(isPrivate) ? 0n : 1n;
  return isLone(network) || capacity(network) > BigInt(new Set(given.map(({ text }) => text)).size) + router;
}
