/** The networks and addresses that a policy states: whether they fit together, claimed before anything is chosen. */
import { type Address, bits, type Interface, isHostAddress, networkOf, toNumber } from "../core/address.ts";
import { faultOf } from "../core/fault.ts";
import { type AddressSpace, capacity, homeNetwork, networksOf } from "./address-space.ts";
import type { Fail, LanPlan, Member, NetworkPlan } from "./lan-plan.ts";
import type { KeyPath } from "./yaml-source.ts";

/** Claims all that is stated; overlaps are faults. Returns each LAN's networks. */
export function claimStated(plan: NetworkPlan, space: AddressSpace, fail: Fail): Map<LanPlan, Interface[]> {
  const claim = (path: KeyPath, what: string, found: string, wanted: Parameters<AddressSpace["claim"]>[0]) => {
    const other = space.claim(wanted);
    if (!other) return;
    fail(path, `${what} overlaps ${other.owner}`, {
      fault: faultOf("networks-overlap", { networks: [found, networkOf(other.network)] }),
      found: `${found} and ${networkOf(other.network)}`,
      expected: "networks that do not overlap (home's and other-lan's IPv4 may be the same)",
      todo: "correct the address or its prefix length",
    });
  };
  const networks = new Map(plan.lans.map((lan) => [lan, statedNetworks(lan, fail)]));
  for (const [lan, stated] of networks) {
    for (const network of stated.filter((each) => !isLone(each))) {
      const text = networkOf(network);
      const group = network.family === 4 ? lan.group : undefined;
      claim(pathOf(lan, text), `the network ${text} of ${lan.name}`, text, { network, owner: lan.name, group });
    }
  }
  for (const { host, given } of plan.singles) {
    for (const { address, path } of given)
      claim(path, `${host}'s address`, address.text, { network: whole(address), owner: `${host} (${address.text})` });
  }
  for (const { behind } of plan.lans) {
    if (!behind || behind.nat === "none") continue;
    const { publicAddress: address, publicPath } = behind;
    const what = `the public address ${address.text}`;
    claim(publicPath, what, address.text, { network: whole(address), owner: what });
  }
  return networks;
}

/** Where the policy states an address on that network. */
function pathOf(lan: LanPlan, network: string): KeyPath {
  const given = lan.members.flatMap((member) => member.given);
  return given.find(({ address }) => networkOf(address) === network)?.path ?? [];
}

/** A network of a single address: the host's gateway is elsewhere, as on many virtual servers. */
export function isLone(network: Interface): boolean {
  return network.prefix === bits(network.family);
}

function whole(address: Address): Interface {
  return { ...address, prefix: bits(address.family) };
}

/** The networks that the LAN's members name: the owner's, or where it names none the first neighbour's. Neighbours outside them are faults. */
function statedNetworks(lan: LanPlan, fail: Fail): Interface[] {
  const [owner, ...neighbours] = lan.members;
  if (!owner) return [];
  const networks = networksOf(owner.given.map(({ address }) => address));
  for (const { address, path } of owner.given) tooSmall(lan, networks, address, path, fail);
  requirePublicAddress(lan, owner, fail);
  for (const { host, given } of neighbours) {
    for (const { address, path } of given) {
      const ofFamily = networks.filter((network) => network.family === address.family);
      if (homeNetwork(address, networks) || ofFamily.some(isLone)) continue;
      if (ofFamily.length === 0 && mayBringNetwork(lan, owner, address)) {
        networks.push(...networksOf([address]));
        continue;
      }
      const expected =
        ofFamily.length > 0
          ? `an address in ${ofFamily.map(networkOf).join(" or ")}`
          : `no IPv${address.family} address: that LAN has none`;
      fail(path, `${host}'s address is not on ${lan.name}`, {
        fault: faultOf("address-off-lan", {
          host,
          lan: lan.name,
          address: `${address.text}/${address.prefix}`,
          networks: ofFamily.map(networkOf),
          family: address.family,
        }),
        found: `${address.text}/${address.prefix}`,
        expected,
        todo: `correct the address, or change the \`lan\` of ${host}`,
      });
    }
  }
  return networks;
}

/** Does the owner leave the network of this family open? */
function mayBringNetwork(lan: LanPlan, owner: Member, { family }: Address): boolean {
  const closed = owner.host === "server" && owner.given.length > 0;
  return !closed && owner.derive.includes(family) && !(family === 4 && lan.behind?.nat === "none");
}

function requirePublicAddress({ behind }: LanPlan, owner: Member, fail: Fail): void {
  if (behind?.nat !== "none") return;
  for (const { address, path } of owner.given) {
    if (address.family === 4 && address.text !== behind.publicAddress.text) {
      fail(path, `${owner.host} is not behind NAT, so its own IPv4 address is its public one`, {
        fault: faultOf("address-not-public", { host: owner.host, address: address.text, public: behind.publicAddress.text }),
        found: address.text,
        expected: behind.publicAddress.text,
        todo: "write the same address in both places, or `behind: nat`",
      });
    }
  }
}

function tooSmall(lan: LanPlan, networks: readonly Interface[], address: Interface, path: KeyPath, fail: Fail): void {
  const network = homeNetwork(address, networks);
  if (network && isLone(network)) return;
  if (network && capacity(network) < 2n) {
    fail(path, `the network ${networkOf(network)} has no room for a router`, {
      fault: faultOf("network-too-small", { network: networkOf(network), prefix: address.prefix, bits: bits(address.family) }),
      found: `/${address.prefix}`,
      expected: address.family === 4 ? "/29 or shorter" : "/64, as on a LAN",
      todo: `use the prefix length of the address's LAN; /${bits(address.family)} if its gateway is elsewhere`,
    });
  } else if (network && !isHostAddress(network, toNumber(address))) {
    fail(path, `${address.text} cannot be a host's address in ${networkOf(network)}`, {
      fault: faultOf("address-not-of-host", { address: address.text, network: networkOf(network) }),
      found: address.text,
      expected: `an address inside ${networkOf(network)} that is neither its first nor its broadcast address`,
      todo: "use the host's own address",
    });
  } else if (!network) {
    const family = networks.filter((each) => each.family === address.family).map(networkOf);
    fail(path, `${address.text}/${address.prefix} is not in any network of ${lan.name}`, {
      fault: faultOf("address-off-lan", {
        host: lan.members[0]?.host ?? "",
        lan: lan.name,
        address: `${address.text}/${address.prefix}`,
        networks: family,
        family: address.family,
      }),
      found: address.text,
      expected: `an address in ${family.join(" or ") || "a network of that LAN"}`,
      todo: "correct the address or its prefix length",
    });
  }
}
