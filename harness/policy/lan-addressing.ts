/** Gives the hosts and the router of a LAN their addresses in it. */
import { type Interface, isHostAddress, networkOf, parseInterface, toNumber } from "../core/address.ts";
import { faultOf } from "../core/fault.ts";
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
  const gateways = networks.flatMap((network) => {
    if (isPointToPoint(spec, lan, network, taken)) return outsideGateway;
    return taken.choose(network, 1, lan.router) ?? full(lan, network, lan.router, path, fail);
  });
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
        fault: faultOf("host-without-address", { host: member.host, networks: networks.map(networkOf) }),
        found: `${lan.name}: ${networks.map(networkOf).join(", ")}`,
        expected: "an address in one of that LAN's networks",
        todo: `add \`address\` to ${member.host}, or an address of the other family to the LAN`,
      });
  }
  const router: RouterSpec = { ...(spec.routers[lan.router] ?? { lans: {} }) };
  router.lans = { ...router.lans, [lan.name]: gateways.map(written) };
  spec.routers[lan.router] = router;
}

/** Where a network holds the server and its peer alone, the lab's router has an address of none of its networks. RFC 6890 sets 192.0.0.0/24 aside. */
const outsideGateway = parseInterface("192.0.0.254/32") as Interface;

/** A private network that nothing is routed to, with room for its hosts but for no router. */
function isPointToPoint({ lans }: LabSpec, { name, members }: LanPlan, network: Interface, taken: LanAddresses): boolean {
  if (network.family === 6 || !lans[name]?.isolated?.includes(4)) return false;
  return taken.free(network) === BigInt(members.filter(({ derive }) => derive.includes(4)).length);
}

function takeGiven(taken: LanAddresses, lan: LanPlan, networks: readonly Interface[], fail: Fail): void {
  for (const member of lan.members) {
    for (const { address, path } of member.given) {
      const holder = taken.take(address, member.host);
      if (holder !== undefined)
        fail(path, `two hosts of ${lan.name} have the address ${address.text}`, {
          fault: faultOf("address-twice", { lan: lan.name, address: address.text, hosts: [holder, member.host] }),
          found: `${holder} and ${member.host}`,
          expected: "a different address for each",
          todo: "change one of them",
        });
      const network = homeNetwork(address, networks);
      if (member !== lan.members[0] && network && !isHostAddress(network, toNumber(address))) {
        fail(path, `${address.text} cannot be a host's address in ${networkOf(network)}`, {
          fault: faultOf("address-not-of-host", { address: address.text, network: networkOf(network) }),
          found: address.text,
          expected: `an address inside ${networkOf(network)} that is neither its first nor its broadcast address`,
          todo: "use the host's own address",
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
  else spec.hosts[member.host] = { kind: "namespace", ...(member.added ? { added: true } : {}), interfaces: [wire] };
}

function written({ text, prefix }: Interface): string {
  return `${text}/${prefix}`;
}

function full(lan: LanPlan, network: Interface, host: string, path: KeyPath, fail: Fail): [] {
  fail(path, `the network ${networkOf(network)} of ${lan.name} has no free address for ${host}`, {
    fault: faultOf("network-full", { network: networkOf(network), host, router: host === lan.router }),
    found: `/${network.prefix}`,
    expected: "room for the server, its router and a neighbour: /29 or shorter",
    todo:
      host === lan.router
        ? "use a shorter prefix length"
        : `use a shorter prefix length, or place ${host} elsewhere under network.vantages`,
  });
  return [];
}
