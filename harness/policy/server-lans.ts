/** A server's interfaces as the policy states them: each on a LAN of its own, the first one perhaps behind NAT, or on another host's. */
import { type Address, isPrivate, parseAddress, parseInterface } from "../core/address.ts";
import { faultOf } from "../core/fault.ts";
import { ipv6SwitchedOff, mainServer } from "../core/lab-spec.ts";
import type { BehindPlan, Fail, LanPlan, Member } from "./lan-plan.ts";
import type { Policy, PolicyFurtherInterface, PolicyServerInterface } from "./policy.ts";
import type { KeyPath } from "./yaml-source.ts";

type Publishing = Pick<PolicyServerInterface, "behind" | "public" | "ports">;

/** What a policy says about the server's interfaces: each with where it says so. */
interface Stated {
  given: PolicyFurtherInterface;
  path: KeyPath;
}

/** Keys of the whole server; those that publish it mean the same as under its first interface. */
interface StatedServer extends Publishing {
  host: string;
  sysctl?: Readonly<Record<string, string | number>>;
  path: KeyPath;
}

/** An interface on the LAN of another host. */
export interface JoinedLan {
  lan: string;
  member: Member;
  path: KeyPath;
  /** What the router of that LAN publishes of this server. */
  published: readonly Published[];
}

/** Ports of a router's public address -> ports of the server, and where the policy says so. */
export interface Published {
  ports: Readonly<Record<string, number>>;
  path: KeyPath;
}

export interface ServerLans {
  own: LanPlan[];
  joined: JoinedLan[];
  /** Names of all its interfaces, in order. */
  interfaces: string[];
}

/** Undefined: the policy places the server under `network.vantages`, or nowhere. */
export function serverLans(policy: Policy, host: string, fail: Fail): ServerLans | undefined {
  const server: StatedServer =
    host === mainServer ? { ...policy.server, host, path: [host] } : { ...policy.servers?.[host], host, path: ["servers", host] };
  const stated = statedInterfaces(policy, server);
  if (!stated) return undefined;
  const interfaces = stated.map(({ given }, index) => given.interface ?? `eth${index}`);
  const lans: ServerLans = { own: [], joined: [], interfaces };
  for (const [index, one] of stated.entries()) {
    const name = interfaces[index] as string;
    checkName(name, interfaces.indexOf(name) !== index, one, fail);
    const { lan } = one.given;
    if (lan !== undefined) {
      rejectOwnNat(server, one, index, fail);
      const published = [
        ...publishedBy(one.given.ports, [...one.path, "ports"]),
        ...publishedBy(index === 0 ? server.ports : undefined, [...server.path, "ports"]),
      ];
      lans.joined.push({ lan, member: member(server, name, one, undefined, fail), path: [...one.path, "lan"], published });
      continue;
    }
    const behind = natOf(server, one, index, fail);
    lans.own.push({
      name: index === 0 ? `${host}-lan` : `${host}-lan-${name}`,
      router: behind ? `${host}-router` : "core",
      members: [member(server, name, one, behind, fail)],
      candidates: candidates(index, behind !== undefined),
      ...(behind ? { behind, group: "private" } : {}),
      serves: true,
    });
  }
  return lans;
}

function statedInterfaces(policy: Policy, { host, behind }: StatedServer): Stated[] | undefined {
  const path: KeyPath = host === mainServer ? ["network", "server"] : ["network", "servers", host];
  const given = host === mainServer ? policy.network?.server : policy.network?.servers?.[host];
  if (Array.isArray(given)) return given.map((each, index) => ({ given: each, path: [...path, index] }));
  if (given) return [{ given, path }];
  if (host === mainServer) return [{ given: {}, path: ["network"] }];
  const placed = policy.network?.vantages?.[host] !== undefined || behind !== "nat";
  return placed ? undefined : [{ given: {}, path: ["servers", host] }];
}

/** On another host's LAN, the router is that host's, too; it may publish ports of this server. */
function rejectOwnNat({ host, path, ...server }: StatedServer, { given, path: own }: Stated, index: number, fail: Fail): void {
  for (const key of ["behind", "public"] as const) {
    const [here, there] = [given[key], index === 0 ? server[key] : undefined];
    if ((here ?? there ?? "none") === "none") continue;
    fail(
      here === undefined ? [...path, key] : [...own, key],
      `\`${key}\` describes a router for ${host} alone, but \`lan: ${given.lan}\` puts it behind another`,
      {
        fault: faultOf("router-of-its-own", { key, value: String(here ?? there), host, lan: given.lan ?? "" }),
        found: `${key}: ${here ?? there}`,
        expected: "either `lan`, or `behind` and `public`",
        todo: `remove \`${key}\`; \`ports\` publishes ports of ${host} on the router of that LAN`,
      },
    );
  }
}

/** What the router of its LAN publishes of a server that `network.vantages` places, or that nothing places. */
export function publishedPorts(policy: Policy, host: string, fail: Fail): Published[] {
  const { behind, public: address, ports } = policy.servers?.[host] ?? {};
  const path: KeyPath = ["servers", host];
  const placed = policy.network?.vantages?.[host] !== undefined;
  if (behind === "nat")
    fail([...path, "behind"], `network.vantages.${host} already places ${host}`, {
      fault: faultOf("host-placed-twice", { places: [`network.vantages.${host}`, `servers.${host}.behind`], move: true }),
      found: "`behind: nat` there and here",
      expected: "only one of them",
      todo: `move its address to \`network.servers.${host}: { address: […] }\``,
    });
  else if (address !== undefined)
    fail([...path, "public"], `\`public\` describes the router in front of ${host}, and it has none of its own`, {
      fault: faultOf("public-without-router", { host, placed }),
      found: placed ? `network.vantages.${host}` : "no `behind`",
      expected: placed ? "`public` of the host that owns the LAN" : "`behind: nat`",
      todo: placed ? "remove `public`" : "add `behind: nat`, or remove `public`",
    });
  return publishedBy(ports, [...path, "ports"]);
}

function publishedBy(ports: Readonly<Record<string, number>> | undefined, path: KeyPath): Published[] {
  return ports ? [{ ports, path }] : [];
}

function checkName(name: string, twice: boolean, { path }: Stated, fail: Fail): void {
  if (twice)
    fail([...path, "interface"], `duplicate interface ${name}`, {
      fault: faultOf("interface-twice", { name }),
      found: name,
      expected: "a different name for each interface",
      todo: "give each interface the name that it has on the server",
    });
  if (name === "lo")
    fail([...path, "interface"], "lo is the loopback interface", {
      fault: faultOf("interface-loopback", {}),
      found: name,
      expected: "the name of a wired interface, e.g. eth0",
      todo: "remove the entry: every server has lo",
    });
}

function member({ host, sysctl }: StatedServer, name: string, { given, path }: Stated, behind: BehindPlan | undefined, fail: Fail): Member {
  const off = ipv6SwitchedOff(sysctl, name);
  const addresses = (given.address ?? []).flatMap((text, at) => {
    const address = parseInterface(text);
    return address ? [{ address, path: [...path, "address", at] }] : [];
  });
  const six = addresses.find(({ address }) => address.family === 6);
  if (given.address && !six && given.ipv6 === undefined && !off) {
    fail([...path, "address"], `${called(host)}'s ${name} lists no IPv6 address`, {
      fault: faultOf("interface-without-ipv6", { host, interface: name, addresses: given.address }),
      found: given.address.join(", "),
      expected: "an IPv6 address, or `ipv6: false`",
      todo: "add the server's IPv6 address, or `ipv6: false` if it has none",
    });
  }
  if (six && given.ipv6 === false) {
    fail(six.path, `${called(host)}'s ${name} has an IPv6 address and \`ipv6: false\``, {
      fault: faultOf("interface-with-ipv6", { host, interface: name, address: six.address.text, off: "key" }),
      found: six.address.text,
      expected: "only one of them",
      todo: "remove `ipv6: false`",
    });
  }
  if (six && off) {
    fail(six.path, `${called(host)}'s ${name} has an IPv6 address, and its kernel settings switch IPv6 off`, {
      fault: faultOf("interface-with-ipv6", { host, interface: name, address: six.address.text, off: "sysctl" }),
      found: six.address.text,
      expected: "only one of them",
      todo: "remove the address, or the `disable_ipv6` line under `sysctl`",
    });
  }
  const open = behind && addresses.find(({ address }) => address.family === 4 && !isPrivate(address));
  if (open)
    fail(open.path, "a server behind NAT cannot have a public address of its own", {
      fault: faultOf("address-public-behind-nat", { address: open.address.text }),
      found: open.address.text,
      expected: "the private address of its interface, e.g. 172.31.5.10/20",
      todo: "write the public address under `public`, and here the one that `ip address` shows",
    });
  const families: (4 | 6)[] = given.ipv6 === false || off ? [4] : [4, 6];
  const derive = given.address ? [] : families;
  const assumed = {
    ...(given.interface === undefined ? { assumed: true as const } : {}),
    ...(given.address ? {} : { assumedAddresses: true as const }),
  };
  return { host, interface: name, ...assumed, given: addresses, derive, preferred: given.lan === undefined ? 10 : 30, path };
}

function called(host: string): string {
  return host === mainServer ? "the server" : host;
}

/** The first interface faces the internet; others are back networks, with private addresses. */
function candidates(index: number, behindNat: boolean): LanPlan["candidates"] {
  const sixteen = Array.from({ length: 16 }, (_, step) => index + step);
  if (index > 0)
    return { 4: sixteen.map((at) => `172.${16 + (at % 16)}.0.0/16`), 6: sixteen.map((at) => `fd00:0:0:${at.toString(16)}::/64`) };
  const public4 = ["198.51.100.0/24", ...Array.from({ length: 64 }, (_, step) => `198.18.${step}.0/24`)];
  const private4 = Array.from({ length: 64 }, (_, step) => `10.60.${step}.0/24`);
  return {
    4: behindNat ? private4 : public4,
    6: ["2001:db8:100::/64", ...Array.from({ length: 64 }, (_, step) => `2001:db8:100:${(step + 1).toString(16)}::/64`)],
  };
}

/** `behind`, `public` and `ports` mean the same under `server` and under its first interface. */
function natOf(server: StatedServer, { given, path }: Stated, index: number, fail: Fail): BehindPlan | undefined {
  const [here, there]: [Publishing, Publishing] = [given, index === 0 ? server : {}];
  const whole = server.path.join(".");
  const own = path.filter((each) => typeof each === "string").join(".");
  const keys = ["behind", "public", "ports"] as const;
  for (const key of keys.filter((each) => here[each] !== undefined && there[each] !== undefined))
    fail([...path, key], `\`${key}\` is given twice`, {
      fault: faultOf("router-key-twice", { key, places: [`${own}.${key}`, `${whole}.${key}`] }),
      found: `${own}.${key} and ${whole}.${key}`,
      expected: "only one of them",
      todo: `remove ${whole}.${key}`,
    });
  const at = (key: (typeof keys)[number]): KeyPath => (here[key] === undefined ? [...server.path, key] : [...path, key]);
  const [behind, address, ports] = [here.behind ?? there.behind, here.public ?? there.public, here.ports ?? there.ports];
  if (behind !== "nat") {
    for (const key of ["public", "ports"] as const)
      if ((here[key] ?? there[key]) !== undefined) withoutRouter(at(key), key, { host: server.host, behind }, fail);
    return undefined;
  }
  if (index > 0)
    fail(at("behind"), `only ${called(server.host)}'s first interface can be behind NAT`, {
      fault: faultOf("nat-not-first", { host: server.host, interface: given.interface ?? `eth${index}` }),
      found: given.interface ?? `interface ${index + 1}`,
      expected: "the internet-facing interface first in the list",
      todo: "move it to the top of the list",
    });
  if (address === undefined)
    fail(at("behind"), "a server behind NAT needs the public address of its router", {
      fault: faultOf("nat-without-public", {}),
      found: "no `public`",
      expected: "`public:` with the IPv4 address that clients use",
      todo: "add `public: ADDRESS`",
    });
  return {
    nat: "nat",
    publicAddress: parseAddress(address ?? "0.0.0.0") as Address,
    publicPath: at("public"),
    isp: `${server.host}-isp`,
    cgnatHost: 140,
    inbound: "accept",
    portForwards: Object.entries(ports ?? {}).map(([outside, to]) => ({ port: Number(outside), to })),
    exposesAll: ports === undefined,
  };
}

function withoutRouter(
  path: KeyPath,
  key: "public" | "ports",
  { host, behind }: { host: string; behind: string | undefined },
  fail: Fail,
): void {
  fail(path, `\`${key}\` describes the router in front of ${called(host)}, and there is none`, {
    fault: faultOf("router-key-without-nat", { key, host, behind }),
    found: behind === undefined ? "no `behind`" : `behind: ${behind}`,
    expected: "`behind: nat`",
    todo: `add \`behind: nat\`, or remove \`${key}\``,
  });
}
