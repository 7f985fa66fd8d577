/** A policy's `network:` as a lab: every address that the policy leaves open is chosen here. */

import {
  type Address,
  bits,
  contains,
  type Interface,
  isHostAddress,
  isPrivate,
  networkOf,
  parseInterface,
  toNumber,
} from "../core/address.ts";
import type { ForwardListening } from "../core/cells.ts";
import { type Place, UserError } from "../core/errors.ts";
import { articleLab, type HostSpec, type InterfaceSpec, type LabSpec, type LanSpec, type RouterSpec } from "../core/lab-spec.ts";
import { AddressSpace, capacity, homeNetwork, LanAddresses, networksAround, networksOf } from "./address-space.ts";
import { type LanPlan, type NetworkPlan, planNetwork } from "./network-plan.ts";
import { addRouter, type Fail } from "./network-routers.ts";
import { defaultFrom, type Policy } from "./policy.ts";
import { PolicyErrors } from "./policy-errors.ts";
import type { KeyPath } from "./yaml-source.ts";

export interface LabSpecOptions {
  /** Where a value stands in the policy file, for errors. */
  place?: (path: KeyPath) => Place;
  /** Listeners whose ports must not be taken as ephemeral source ports. */
  listening?: readonly ForwardListening[];
}

/**
 * The lab that a policy asks for. Without `network:` it is the article's.
 * Throws `PolicyErrors` for addresses that overlap, stand twice or do not fit.
 */
export function labSpecOf(policy: Policy, options: LabSpecOptions = {}): LabSpec {
  const place = options.place ?? (() => undefined);
  const plan = planNetwork(policy, place);
  const errors: UserError[] = [...plan.errors];
  const fail: Fail = (path, message, details) => errors.push(new UserError("policy-network", message, { place: place(path), ...details }));
  const spec = build(plan, fail);
  for (const name of Object.keys(spec.hosts)) {
    if (spec.routers[name])
      fail(["network", "vantages", name], `${name} is the name of one of the lab's routers`, { found: name, expected: "another name" });
  }
  if (errors.length > 0) throw new PolicyErrors(errors[0]?.place?.file ?? "the policy", errors);
  const names = Object.entries(policy.server.names ?? {}).map(([host, addresses]) => [host, [addresses].flat()]);
  return {
    ...spec,
    hosts: withKinds(spec.hosts, policy, options.listening ?? []),
    ...(names.length > 0 ? { names: Object.fromEntries(names) } : {}),
  };
}

function build(plan: NetworkPlan, fail: Fail): LabSpec {
  const space = new AddressSpace();
  const spec: LabSpec = { lans: {}, routers: { core: { lans: {} } }, hosts: {} };
  const conflict = (path: KeyPath, what: string, found: string, other: { owner: string; network: Interface } | undefined) => {
    if (!other) return;
    fail(path, `${what} overlaps ${other.owner}`, {
      found: `${found} and ${networkOf(other.network)}`,
      expected: "networks that do not overlap (home's and other-lan's IPv4 may be the same)",
    });
  };

  // What the policy states is claimed first, so that what is chosen keeps out of its way.
  const networks = new Map(plan.lans.map((lan) => [lan, statedNetworks(lan, fail)]));
  for (const [lan, stated] of networks) {
    for (const network of stated.filter((each) => !isLone(each))) {
      const path =
        lan.members.flatMap((member) => member.given).find(({ address }) => networkOf(address) === networkOf(network))?.path ?? [];
      const group = network.family === 4 ? lan.group : undefined;
      conflict(
        path,
        `the network ${networkOf(network)} of ${lan.name}`,
        networkOf(network),
        space.claim({ network, owner: lan.name, group }),
      );
    }
  }
  for (const single of plan.singles) {
    for (const { address, path } of single.given)
      conflict(
        path,
        `${single.host}'s address`,
        address.text,
        space.claim({ network: whole(address), owner: `${single.host} (${address.text})` }),
      );
  }
  for (const { behind } of plan.lans) {
    if (behind && behind.nat !== "none") {
      conflict(
        behind.publicPath,
        `the public address ${behind.publicAddress.text}`,
        behind.publicAddress.text,
        space.claim({ network: whole(behind.publicAddress), owner: `the public address ${behind.publicAddress.text}` }),
      );
    }
  }

  for (const lan of plan.lans) {
    const chosen = (networks.get(lan) ?? []).map((network) => (isLone(network) ? around(network, lan, space, fail) : network));
    networks.set(lan, chosen);
    for (const family of [4, 6] as const) {
      if (chosen.some((network) => network.family === family) || !lan.members[0]?.derive.includes(family)) continue;
      const own = family === 4 && lan.behind?.nat === "none" ? networksAround(lan.behind.publicAddress) : lan.candidates[family];
      const network = space.choose(own, lan.name, family === 4 ? lan.group : undefined);
      if (network) chosen.push(network);
      else
        fail(lan.members[0].path, `no free IPv${family} network is left for ${lan.name}`, {
          found: own[0],
          expected: `an explicit address for ${lan.members[0].host}`,
        });
    }
    spec.lans[lan.name] = Object.fromEntries(
      ([4, 6] as const).flatMap((family) => {
        const first = chosen.find((network) => network.family === family);
        return first ? [[family === 4 ? "ipv4" : "ipv6", networkOf(first)]] : [];
      }),
    );
    if (isBackNetwork(lan, chosen, networks)) (spec.lans[lan.name] as LanSpec).isolated = true;
    else requirePublic(lan, chosen, fail);
    addressLan(spec, lan, chosen, fail);
    addRouter(spec, lan, space, fail);
  }

  for (const single of plan.singles) {
    const addresses = single.given.map(({ address }) => address.text);
    if (single.given.length === 0) {
      const four = space.choose(
        [
          ...Array.from({ length: 180 }, (_, step) => `192.0.2.${66 + step}/32`),
          ...Array.from({ length: 180 }, (_, step) => `198.18.66.${66 + step}/32`),
        ],
        single.host,
      );
      if (four) addresses.push(four.text);
    }
    if (!single.given.some(({ address }) => address.family === 6)) {
      const six = space.choose(
        single.derive6.map((text) => `${text}/128`),
        single.host,
      );
      if (six) addresses.push(six.text);
    }
    spec.hosts[single.host] = { kind: "namespace", interfaces: [{ name: "eth0", link: { router: "core" }, addresses }] };
  }
  return spec;
}

/** A network of the server that only private addresses name, next to one that the internet can name: nobody routes to it. */
function isBackNetwork(lan: LanPlan, chosen: readonly Interface[], all: ReadonlyMap<LanPlan, readonly Interface[]>): boolean {
  if (!isServers(lan) || lan.behind) return false;
  const others = [...all].filter(([other]) => isServers(other) && other !== lan);
  const front = others.some(([other, networks]) => other.behind ?? networks.some((network) => !isPrivate(network)));
  return front && chosen.every(isPrivate);
}

/** Nobody on the internet can name a private address: there is a router in front of such a server, or nobody out there reaches it. */
function requirePublic(lan: LanPlan, chosen: readonly Interface[], fail: Fail): void {
  const [owner] = lan.members;
  const four = chosen.filter((network) => network.family === 4);
  if (!owner || !isServers(lan) || lan.behind || four.length === 0 || !four.every(isPrivate)) return;
  const stated = owner.given.find(({ address }) => address.family === 4);
  fail(stated?.path ?? owner.path, "the server has only a private IPv4 address, which cannot be reached from the internet", {
    found: stated?.address.text ?? networkOf(four[0] as Interface),
    expected: "a public address, or `behind: nat` and the `public:` address of the router in front of it",
    todo: "add e.g. `server: { behind: nat, public: 203.0.113.140, ports: { 2222: 22 } }`; without `ports`, all ports are forwarded",
  });
}

function isServers({ members: [owner] }: LanPlan): boolean {
  return owner?.host === "server";
}

/** A network of a single address: the host's gateway is elsewhere, as on many virtual servers. */
function isLone(network: Interface): boolean {
  return network.prefix === bits(network.family);
}

/** The smallest free network in which a lone address can stand beside a gateway, and beside the neighbours that have addresses. */
function around(lone: Interface, lan: LanPlan, space: AddressSpace, fail: Fail): Interface {
  const neighbours = lan.members.flatMap(({ given }) => given).filter(({ address }) => address.family === lone.family);
  const candidates = networksAround(lone).filter((text) => {
    const network = parseInterface(text);
    return network && neighbours.every(({ address }) => contains(network, address));
  });
  const chosen = space.choose(candidates, lan.name, lone.family === 4 ? lan.group : undefined);
  if (chosen) return chosen;
  const [owner] = lan.members;
  fail(
    owner?.given.find(({ address }) => address.text === lone.text)?.path ?? [],
    `there is no free network around ${lone.text} for a gateway and a neighbour`,
    {
      found: `${lone.text}/${lone.prefix}`,
      expected: "addresses that leave room around it",
      todo: "use the prefix length of the address's network",
    },
  );
  return lone;
}

function whole(address: Address): Interface {
  return { ...address, prefix: bits(address.family) };
}

/** The networks that the LAN's members name: the owner's, or where it names none the first neighbour's. Neighbours outside them are faults. */
function statedNetworks(lan: LanPlan, fail: Fail): Interface[] {
  const [owner, ...neighbours] = lan.members;
  if (!owner) return [];
  const networks = networksOf(owner.given.map(({ address }) => address));
  const closed = owner.host === "server" && owner.given.length > 0;
  for (const { address, path } of owner.given) tooSmall(lan, networks, address, path, fail);
  if (lan.behind?.nat === "none") {
    for (const { address, path } of owner.given) {
      if (address.family === 4 && address.text !== lan.behind.publicAddress.text) {
        fail(path, `${owner.host} is not behind NAT, so its own IPv4 address is its public one`, {
          found: address.text,
          expected: lan.behind.publicAddress.text,
        });
      }
    }
  }
  for (const neighbour of neighbours) {
    for (const { address, path } of neighbour.given) {
      if (homeNetwork(address, networks) || networks.some((network) => network.family === address.family && isLone(network))) continue;
      const ofFamily = networks.filter((network) => network.family === address.family);
      const open =
        ofFamily.length === 0 && !closed && owner.derive.includes(address.family) && !(address.family === 4 && lan.behind?.nat === "none");
      if (open) networks.push(...networksOf([address]));
      else {
        fail(path, `${neighbour.host}'s address is not on ${lan.name}`, {
          found: `${address.text}/${address.prefix}`,
          expected:
            ofFamily.length > 0
              ? `an address in ${ofFamily.map(networkOf).join(" or ")}`
              : `no IPv${address.family} address: that LAN has none`,
        });
      }
    }
  }
  return networks;
}

function tooSmall(lan: LanPlan, networks: readonly Interface[], address: Interface, path: KeyPath, fail: Fail): void {
  const network = homeNetwork(address, networks);
  if (network && isLone(network)) return;
  if (network && capacity(network) < 2n) {
    fail(path, `the network ${networkOf(network)} has no room for a router`, {
      found: `/${address.prefix}`,
      expected: address.family === 4 ? "/29 or shorter" : "/64, as on a LAN",
      todo: `use the prefix length of the address's LAN; /${bits(address.family)} if its gateway is elsewhere`,
    });
  } else if (network && !isHostAddress(network, toNumber(address))) {
    fail(path, `${address.text} cannot be a host's address in ${networkOf(network)}`, {
      found: address.text,
      expected: `an address inside ${networkOf(network)} that is neither its first nor its broadcast address`,
    });
  } else if (!network) {
    fail(path, `${address.text}/${address.prefix} is not in any network of ${lan.name}`, { found: address.text });
  }
}

/** Gives every member and the router an address in each network of the LAN. */
function addressLan(spec: LabSpec, lan: LanPlan, networks: readonly Interface[], fail: Fail): void {
  const taken = new LanAddresses();
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
  const own = lan.behind?.nat === "none" ? lan.behind.publicAddress : undefined;
  const owner = lan.members[0];
  if (own && owner && !owner.given.some(({ address }) => address.family === 4)) taken.take(own, owner.host);
  const gateways = networks.flatMap(
    (network) => taken.choose(network, 1, lan.router) ?? full(lan, network, lan.router, owner?.path ?? [], fail),
  );
  for (const member of lan.members) {
    const addresses = member.given.map(({ address }) => `${address.text}/${address.prefix}`);
    for (const family of member.derive) {
      const network = networks.find((one) => one.family === family);
      if (!network) continue;
      const fixed = own && member === owner && family === 4 ? { ...own, prefix: network.prefix } : undefined;
      const chosen = fixed ?? taken.choose(network, member.preferred, member.host);
      if (chosen) addresses.push(`${chosen.text}/${chosen.prefix}`);
      else full(lan, network, member.host, owner?.path ?? [], fail);
    }
    const sorted = [...addresses].sort((one, other) => Number(one.includes(":")) - Number(other.includes(":")));
    const wire: InterfaceSpec = { name: member.interface, link: { lan: lan.name }, addresses: sorted };
    const host = spec.hosts[member.host];
    if (host) host.interfaces.push(wire);
    else spec.hosts[member.host] = { kind: "namespace", interfaces: [wire] };
    if (addresses.length === 0)
      fail(member.path, `${member.host} has no address`, {
        found: `${lan.name}: ${networks.map(networkOf).join(", ")}`,
        expected: "an address",
      });
  }
  spec.routers[lan.router] = { ...(spec.routers[lan.router] ?? { lans: {} }) };
  const router = spec.routers[lan.router] as RouterSpec;
  router.lans = { ...router.lans, [lan.name]: gateways.map((gateway) => `${gateway.text}/${gateway.prefix}`) };
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

/** Containers where something must run, the server's own image, reserved ports. */
function withKinds(hosts: LabSpec["hosts"], policy: Policy, listening: readonly ForwardListening[]): LabSpec["hosts"] {
  const standard: LabSpec["hosts"] = articleLab().hosts;
  const running = new Set(Object.values(policy.forwards).map((forward) => forward.from ?? defaultFrom));
  return Object.fromEntries(
    Object.entries(hosts).map(([name, host]): [string, HostSpec] => {
      const ports = [...new Set(listening.filter((one) => one.host === name && !one.socket).map((one) => one.port))].sort(
        (one, other) => one - other,
      );
      return [
        name,
        {
          ...host,
          kind: running.has(name) ? "container" : (standard[name]?.kind ?? "namespace"),
          ...(name === "server" && policy.server.image !== undefined ? { image: policy.server.image } : {}),
          ...(name === "server" && policy.server.sysctl ? { sysctl: policy.server.sysctl } : {}),
          ...(ports.length > 0 ? { reservedPorts: ports } : {}),
        },
      ];
    }),
  );
}
