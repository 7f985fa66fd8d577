/** A policy's `network:` as a lab: every address that the policy leaves open is chosen here. */

import { contains, type Interface, isPrivate, networkOf, parseInterface } from "../core/address.ts";
import type { ForwardListening } from "../core/cells.ts";
import { type Place, UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { articleLab, type HostSpec, type LabSpec, type LanSpec } from "../core/lab-spec.ts";
import { AddressSpace, networksAround } from "./address-space.ts";
import { addressLan } from "./lan-addressing.ts";
import type { Fail, LanPlan, NetworkPlan, SinglePlan } from "./lan-plan.ts";
import { planNetwork } from "./network-plan.ts";
import { addRouter } from "./network-routers.ts";
import { defaultFrom, type Policy } from "./policy.ts";
import { PolicyErrors } from "./policy-errors.ts";
import { claimStated, isLone } from "./stated-networks.ts";
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
      fail(["network", "vantages", name], `${name} is the name of one of the lab's routers`, {
        fault: faultOf("name-of-router", { name }),
        found: name,
        expected: "a name that does not end in `-router` or `-isp`",
        todo: "rename the vantage point",
      });
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
  // What the policy states is claimed first, so that what is chosen keeps out of its way.
  const networks = claimStated(plan, space, fail);
  for (const lan of plan.lans) {
    const chosen = chooseNetworks(lan, networks.get(lan) ?? [], space, fail);
    networks.set(lan, chosen);
    spec.lans[lan.name] = lanSpecOf(chosen);
    const isolated = privateFamilies(lan, chosen);
    if (isolated.length > 0) (spec.lans[lan.name] as LanSpec).isolated = isolated;
    if (isolated.length > 0 && chosen.every(isPrivate) && !hasFront(lan, networks)) requirePublic(lan, chosen, fail);
    addressLan(spec, lan, chosen, fail);
    addRouter(spec, lan, space, fail);
  }
  for (const [host, names] of Object.entries(plan.interfaces))
    spec.hosts[host]?.interfaces.sort((one, other) => names.indexOf(one.name) - names.indexOf(other.name));
  for (const single of plan.singles) {
    const addresses = singleAddresses(single, space);
    spec.hosts[single.host] = { kind: "namespace", interfaces: [{ name: "eth0", link: { router: "core" }, addresses }] };
  }
  return spec;
}

/** The networks that are stated, and one of each family that the owner is to have and names none of. */
function chooseNetworks(lan: LanPlan, stated: readonly Interface[], space: AddressSpace, fail: Fail): Interface[] {
  const chosen = stated.map((network) => (isLone(network) ? around(network, lan, space, fail) : network));
  const [owner] = lan.members;
  if (!owner) return chosen;
  for (const family of [4, 6] as const) {
    if (!owner.derive.includes(family) || chosen.some((network) => network.family === family)) continue;
    const own = family === 4 && lan.behind?.nat === "none" ? networksAround(lan.behind.publicAddress) : lan.candidates[family];
    const network = space.choose(own, lan.name, family === 4 ? lan.group : undefined);
    if (network) chosen.push(network);
    else
      fail(owner.path, `no free IPv${family} network is left for ${lan.name}`, {
        fault: faultOf("network-none-free", { owner: owner.host, family }),
        found: `${own[0]} in use`,
        expected: `an IPv${family} address of your own for ${owner.host}`,
        todo: `add \`address\` to ${owner.host}`,
      });
  }
  return chosen;
}

function lanSpecOf(networks: readonly Interface[]): LanSpec {
  const [ipv4, ipv6] = ([4, 6] as const).map((family) => networks.find((network) => network.family === family));
  return { ...(ipv4 ? { ipv4: networkOf(ipv4) } : {}), ...(ipv6 ? { ipv6: networkOf(ipv6) } : {}) };
}

function singleAddresses({ host, given, derive6 }: SinglePlan, space: AddressSpace): string[] {
  const addresses = given.map(({ address }) => address.text);
  if (given.length === 0) {
    const prefixes = ["192.0.2", "198.18.66"];
    const free = prefixes.flatMap((prefix) => Array.from({ length: 180 }, (_, step) => `${prefix}.${66 + step}/32`));
    const four = space.choose(free, host);
    if (four) addresses.push(four.text);
  }
  if (!given.some(({ address }) => address.family === 6)) {
    const free = derive6.map((text) => `${text}/128`);
    const six = space.choose(free, host);
    if (six) addresses.push(six.text);
  }
  return addresses;
}

/** Does the server have another network, by which the internet, or at least another host, reaches it? */
function hasFront(lan: LanPlan, all: ReadonlyMap<LanPlan, readonly Interface[]>): boolean {
  const host = lan.members[0]?.host;
  const others = [...all].filter(([other]) => other !== lan);
  return others.some(([other, networks]) => {
    const [owner, ...members] = other.members;
    if (owner?.host === host) return other.behind ?? networks.some((network) => !isPrivate(network));
    return members.some((member) => member.host === host);
  });
}

function familiesOf(networks: readonly Interface[]): (4 | 6)[] {
  return ([4, 6] as const).filter((family) => networks.some((network) => network.family === family));
}

/** Address families in which a server's LAN, with no router in front of it, has only private networks. */
function privateFamilies(lan: LanPlan, chosen: readonly Interface[]): (4 | 6)[] {
  if (!lan.serves || lan.behind) return [];
  return familiesOf(chosen).filter((family) => chosen.every((network) => network.family !== family || isPrivate(network)));
}

/** Nobody on the internet can name a private address: there is a router in front of such a server, or nobody out there reaches it. */
function requirePublic(lan: LanPlan, chosen: readonly Interface[], fail: Fail): void {
  const [owner] = lan.members;
  const [first] = chosen;
  if (!owner || !first) return;
  const [stated] = owner.given;
  fail(
    stated?.path ?? owner.path,
    `${owner.host === "server" ? "the server" : owner.host} has only private addresses, which cannot be reached from the internet`,
    {
      fault: faultOf("server-only-private", { host: owner.host, address: stated?.address.text ?? networkOf(first) }),
      found: stated?.address.text ?? networkOf(first),
      expected: "a public address, or `behind: nat` and the `public:` address of the router in front of it",
      todo:
        owner.host === "server"
          ? "add e.g. `server: { behind: nat, public: 203.0.113.140, ports: { 2222: 22 } }`; without `ports`, all ports are forwarded"
          : `connect it to another host's network, e.g. \`network.servers.${owner.host}: { lan: server, … }\`, or add \`behind: nat\` and \`public\``,
    },
  );
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
      fault: faultOf("network-none-around", { address: `${lone.text}/${lone.prefix}` }),
      found: `${lone.text}/${lone.prefix}`,
      expected: "addresses that leave room around it",
      todo: "use the prefix length of the address's network",
    },
  );
  return lone;
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
      const server = name === "server" ? policy.server : policy.servers?.[name];
      return [
        name,
        {
          ...host,
          kind: running.has(name) || server ? "container" : (standard[name]?.kind ?? "namespace"),
          ...(server?.image === undefined ? {} : { image: server.image }),
          ...(server?.sysctl ? { sysctl: server.sysctl } : {}),
          ...(server && name !== "server" ? { sshd: true } : {}),
          ...(ports.length > 0 ? { reservedPorts: ports } : {}),
        },
      ];
    }),
  );
}
