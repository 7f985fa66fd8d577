/** The server's interfaces as the policy states them: one LAN each, the first one perhaps behind NAT. */
import { type Address, isPrivate, parseAddress, parseInterface } from "../core/address.ts";
import type { BehindPlan, Fail, LanPlan, Member } from "./lan-plan.ts";
import type { Policy, PolicyServerInterface } from "./policy.ts";
import type { KeyPath } from "./yaml-source.ts";

type Publishing = Pick<PolicyServerInterface, "behind" | "public" | "ports">;

/** What a policy says about the server's interfaces: each with where it says so. */
interface Stated {
  given: PolicyServerInterface;
  path: KeyPath;
}

export function serverLans(policy: Policy, fail: Fail): LanPlan[] {
  const server = policy.network?.server;
  const stated: Stated[] = Array.isArray(server)
    ? server.map((given, index) => ({ given, path: ["network", "server", index] }))
    : [{ given: server ?? {}, path: server ? ["network", "server"] : ["network"] }];
  const names = stated.map(({ given }, index) => given.interface ?? `eth${index}`);
  return stated.map((one, index) => {
    const name = names[index] as string;
    checkName(name, names.indexOf(name) !== index, one, fail);
    const behind = natOf(policy, one, index, fail);
    return {
      name: index === 0 ? "server-lan" : `server-lan-${name}`,
      router: behind ? "server-router" : "core",
      members: [member(name, one, behind, fail)],
      candidates: candidates(index, behind !== undefined),
      ...(behind ? { behind, group: "private" } : {}),
    };
  });
}

function checkName(name: string, twice: boolean, { path }: Stated, fail: Fail): void {
  if (twice) fail([...path, "interface"], `duplicate interface ${name}`, { found: name, expected: "a different name for each interface" });
  if (name === "lo")
    fail([...path, "interface"], "lo is the loopback interface", { found: name, expected: "the name of a wired interface, e.g. eth0" });
}

function member(name: string, { given, path }: Stated, behind: BehindPlan | undefined, fail: Fail): Member {
  const addresses = (given.address ?? []).flatMap((text, at) => {
    const address = parseInterface(text);
    return address ? [{ address, path: [...path, "address", at] }] : [];
  });
  const six = addresses.find(({ address }) => address.family === 6);
  if (given.address && !six && given.ipv6 === undefined) {
    fail([...path, "address"], `the server's ${name} lists no IPv6 address`, {
      found: given.address.join(", "),
      expected: "an IPv6 address, or `ipv6: false`",
      todo: "add the server's IPv6 address, or `ipv6: false` if it has none",
    });
  }
  if (six && given.ipv6 === false) {
    fail(six.path, `the server's ${name} has an IPv6 address and \`ipv6: false\``, {
      found: six.address.text,
      expected: "only one of them",
      todo: "remove `ipv6: false`",
    });
  }
  const open = behind && addresses.find(({ address }) => address.family === 4 && !isPrivate(address));
  if (open)
    fail(open.path, "a server behind NAT cannot have a public address of its own", {
      found: open.address.text,
      expected: "the private address of its interface, e.g. 172.31.5.10/20; the public one goes under `public:`",
    });
  const families: (4 | 6)[] = given.ipv6 === false ? [4] : [4, 6];
  const derive = given.address ? [] : families;
  return { host: "server", interface: name, given: addresses, derive, preferred: 10, path };
}

/** The first interface faces the internet; others are back networks, IPv4 only. */
function candidates(index: number, behindNat: boolean): LanPlan["candidates"] {
  if (index > 0) return { 4: Array.from({ length: 16 }, (_, step) => `172.${16 + ((index + step) % 16)}.0.0/16`), 6: [] };
  const public4 = ["198.51.100.0/24", ...Array.from({ length: 64 }, (_, step) => `198.18.${step}.0/24`)];
  const private4 = Array.from({ length: 64 }, (_, step) => `10.60.${step}.0/24`);
  return {
    4: behindNat ? private4 : public4,
    6: ["2001:db8:100::/64", ...Array.from({ length: 64 }, (_, step) => `2001:db8:100:${(step + 1).toString(16)}::/64`)],
  };
}

/** `behind`, `public` and `ports` mean the same under `server` and under its first interface. */
function natOf(policy: Policy, { given, path }: Stated, index: number, fail: Fail): BehindPlan | undefined {
  const [here, there]: [Publishing, Publishing] = [given, index === 0 ? policy.server : {}];
  const keys = ["behind", "public", "ports"] as const;
  for (const key of keys.filter((each) => here[each] !== undefined && there[each] !== undefined))
    fail([...path, key], `\`${key}\` is given twice`, {
      found: `network.server.${key} and server.${key}`,
      expected: "only one of them",
      todo: `remove server.${key}`,
    });
  const at = (key: (typeof keys)[number]): KeyPath => (here[key] === undefined ? ["server", key] : [...path, key]);
  const { behind, public: address, ports } = { ...there, ...withoutUndefined(here) };
  if (behind !== "nat") {
    for (const key of ["public", "ports"] as const)
      if ((here[key] ?? there[key]) !== undefined)
        fail(at(key), `\`${key}\` describes the router in front of the server, and there is none`, {
          found: behind === undefined ? "no `behind`" : `behind: ${behind}`,
          expected: "`behind: nat`",
          todo: `add \`behind: nat\`, or remove \`${key}\``,
        });
    return undefined;
  }
  if (index > 0)
    fail(at("behind"), "only the server's first interface can be behind NAT", {
      found: given.interface ?? `interface ${index + 1}`,
      expected: "the internet-facing interface first in the list",
    });
  if (address === undefined)
    fail(at("behind"), "a server behind NAT needs the public address of its router", {
      found: "no `public`",
      expected: "`public:` with the IPv4 address that clients use",
    });
  return {
    nat: "nat",
    publicAddress: parseAddress(address ?? "203.0.113.140") as Address,
    publicPath: at("public"),
    isp: "server-isp",
    cgnatHost: 140,
    inbound: "accept",
    portForwards: Object.entries(ports ?? {}).map(([outside, to]) => ({ port: Number(outside), to })),
    exposesAll: ports === undefined,
  };
}

function withoutUndefined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Partial<T>;
}
