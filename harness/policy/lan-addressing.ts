/** Gives the hosts and the router of a LAN their addresses in it. */
import { type Interface, isHostAddress, networkOf, toNumber } from "../core/address.ts";
import type { InterfaceSpec, LabSpec, RouterSpec } from "../core/lab-spec.ts";
import { homeNetwork, LanAddresses } from "./address-space.ts";
import type { Fail, LanPlan, Member } from "./lan-plan.ts";
import type { KeyPath } from "./yaml-source.ts";

/** Every member and the router get an address in each network of the LAN. */
export function addressLan(spec: LabSpec, lan: LanPlan, networks: readonly Interface[], fail: Fail): void {
  const taken = new LanAddresses();
  takeGiven(taken, lan, networks, fail);
  const own = lan.behind?.nat === "none" ? lan.behind.publicAddress : undefined;
  const [owner] = lan.members;
  const path = owner?.path ?? [];
  if (own && owner && !owner.given.some(({ address }) => address.family === 4)) taken.take(own, owner.host);
  const gateways = networks.flatMap((network) => taken.choose(network, 1, lan.router) ?? full(lan, network, lan.router, path, fail));
  for (const member of lan.members) {
    const derived = member.derive.flatMap((family) => {
      const network = networks.find((one) => one.family === family);
      if (!network) return [];
      const fixed = own && member === owner && family === 4 ? { ...own, prefix: network.prefix } : undefined;
      return fixed ?? taken.choose(network, member.preferred, member.host) ?? full(lan, network, member.host, path, fail);
    });
    const addresses = [...member.given.map(({ address }) => address), ...derived];
    addInterface(spec, member, lan.name, addresses);
    if (addresses.length === 0)
      fail(member.path, `${member.host} has no address`, {
        found: `${lan.name}: ${networks.map(networkOf).join(", ")}`,
        expected: "an address",
      });
  }
  const router: RouterSpec = { ...(spec.routers[lan.router] ?? { lans: {} }) };
  router.lans = { ...router.lans, [lan.name]: gateways.map(written) };
  spec.routers[lan.router] = router;
}

function takeGiven(taken: LanAddresses, lan: LanPlan, networks: readonly Interface[], fail: Fail): void {
  for (const member of lan.members) {
    for (const { address, path } of member.given) {
      const holder = taken.take(address, member.host);
      if (holder !== undefined)
        fail(path, `two hosts of ${lan.name} have the address ${address.text}`, {
          found: `${holder} and ${member.host}`,
          expected: "a different address for each",
        });
      const network = homeNetwork(address, networks);
      if (member !== lan.members[0] && network && !isHostAddress(network, toNumber(address))) {
        fail(path, `${address.text} cannot be a host's address in ${networkOf(network)}`, {
          found: address.text,
          expected: `an address inside ${networkOf(network)}`,
        });
      }
    }
  }
}

/** A host that is already there has one interface more. */
function addInterface(spec: LabSpec, member: Member, lan: string, addresses: readonly Interface[]): void {
  const sorted = [...addresses].sort((one, other) => one.family - other.family);
  const wire: InterfaceSpec = {
    name: member.interface,
    link: { lan },
    addresses: sorted.map(written),
    ...(member.assumed ? { assumed: true } : {}),
    ...(member.assumedAddresses ? { assumedAddresses: true } : {}),
  };
  const host = spec.hosts[member.host];
  if (host) host.interfaces.push(wire);
  else spec.hosts[member.host] = { kind: "namespace", interfaces: [wire] };
}

function written({ text, prefix }: Interface): string {
  return `${text}/${prefix}`;
}

function full(lan: LanPlan, network: Interface, host: string, path: KeyPath, fail: Fail): [] {
  fail(path, `the network ${networkOf(network)} of ${lan.name} has no free address for ${host}`, {
    found: `/${network.prefix}`,
    expected: "room for the server, its router and a neighbour: /29 or shorter",
    todo:
      host === lan.router
        ? "use a shorter prefix length"
        : `use a shorter prefix length, or place ${host} elsewhere under network.vantages`,
  });
  return [];
}
