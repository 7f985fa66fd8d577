import { describe, expect, test } from "vitest";
import { parseRange } from "../../../harness/core/address-range.ts";
import { articleLab, type LabSpec } from "../../../harness/core/lab-spec.ts";
import { sameAddresses, withSourceClasses } from "../../../harness/policy/source-classes.ts";

const article = articleLab();

const ranges = (texts: readonly string[]) => texts.map((text) => parseRange(text) as NonNullable<ReturnType<typeof parseRange>>);

function cut(
  groups: readonly string[][],
  { spec = article, clients = ["home"], networks = {} as Readonly<Record<string, readonly string[]>> } = {},
) {
  const named = { groups: groups.map(ranges), inexact: [] };
  const stated = Object.fromEntries(Object.entries(networks).map(([vantage, texts]) => [vantage, ranges(texts)]));
  const found = withSourceClasses(spec, named, clients, stated);
  const made = Object.keys(found.spec.hosts).filter((name) => !(name in spec.hosts));
  const of = (family: 4 | 6) => found.sources.classes.filter((each) => each.family === family).map(({ vantage }) => vantage);
  return { ...found, made, of };
}

test("private addresses that come through a router have somebody there; of all addresses that says nothing", () => {
  const groups = [["192.168.0.0/16"], ["10.1.0.0/16"], ["fd00:5::/32"], ["0.0.0.0/0"]].map(ranges);
  const cutFor = (routed: typeof groups) => withSourceClasses(article, { groups, inexact: [] }, ["home"], {}, ["server"], routed);
  const { spec, sources } = cutFor([groups[0], groups[2], groups[3]] as typeof groups);
  // Not on the LANs that have such addresses behind a NAT.
  expect(spec.hosts["192.168.0.1"]?.interfaces[0]).toMatchObject({ link: { router: "core" }, addresses: ["192.168.0.1"] });
  expect(sources.classes).toContainEqual({ family: 4, prefixes: ["192.168.0.0/16"], vantage: "192.168.0.1", address: "192.168.0.1" });
  expect(sources.classes).toContainEqual({ family: 6, prefixes: ["fd00:5::/32"], vantage: "fd00:5::1", address: "fd00:5::1" });
  expect(sources.uncovered).toContainEqual({ family: 4, prefixes: ["10.1.0.0/16"], because: "private" });
  expect(cutFor([]).sources.uncovered).toContainEqual({ family: 4, prefixes: ["192.168.0.0/16"], because: "private" });
});

describe("who stands for a class", () => {
  test("without rules: campus for the server's LAN, the internet for all others", () => {
    const { made, of, sources } = cut([]);
    expect(made).toEqual([]);
    expect([of(4), of(6)]).toEqual([
      ["internet", "campus"],
      ["internet", "campus"],
    ]);
    expect(sources.uncovered.map(({ because }) => because)).toEqual(["private", "private"]);
  });

  test("a host behind NAT, by the address that the server sees", () => {
    const { made, of } = cut([["203.0.113.48/29"]]);
    expect(made).toEqual([]);
    expect(of(4)).toContain("other-lan");
  });

  test("not beyond the network that the policy states for it: the rest of a prefix or of a set gets somebody of its own", () => {
    const networks = { "other-lan": ["203.0.113.48/28", "2001:db8:50::/64"] };
    const { made, sources } = cut([["203.0.113.32/27"], ["203.0.113.50", "91.7.7.7"], ["2001:db8:50::/60"]], { networks });
    expect(made).toEqual(["91.7.7.7", "203.0.113.33", "203.0.113.48", "2001:db8:50:1::1"]);
    expect(sources.classes.filter(({ vantage }) => vantage === "other-lan").map(({ prefixes }) => prefixes)).toEqual([
      ["203.0.113.50"],
      ["2001:db8:50::/64"],
    ]);
  });

  test("of a family that is not stated, its own address alone", () => {
    const { sources } = cut([["203.0.113.48/28"]], { networks: { "other-lan": ["2001:db8:50::/64"] } });
    expect(sources.classes).toContainEqual({ family: 4, prefixes: ["203.0.113.50"], vantage: "other-lan", address: "203.0.113.50" });
  });

  test("not the host that runs ssh, of which nothing may be expected", () => {
    const { of } = cut([["203.0.113.7"], ["2001:db8:7::10"]]);
    expect(of(4)).toContain("home-lan");
    // Home itself has that address, so nobody else can have it in this lab.
    expect(of(6)).not.toContain("home");
  });

  test("one made for it where nobody does: on the LAN it belongs to, or on the internet", () => {
    const { made, spec } = cut([["45.13.7.9"], ["198.51.100.30"], ["2001:db8:50::99"], ["2001:db8:9::/48"]]);
    const wire = (name: string) => spec.hosts[name]?.interfaces[0];
    expect(made).toEqual(["45.13.7.9", "198.51.100.30", "2001:db8:9::1", "2001:db8:50::99"]);
    expect(wire("45.13.7.9")).toMatchObject({ link: { router: "core" }, addresses: ["45.13.7.9"] });
    expect(wire("198.51.100.30")).toMatchObject({ link: { lan: "server-lan" }, addresses: ["198.51.100.30/24"] });
    expect(wire("2001:db8:50::99")).toMatchObject({ link: { lan: "other-lan" }, addresses: ["2001:db8:50::99/64"] });
    expect(spec.hosts["45.13.7.9"]?.families).toEqual([4]);
  });

  test("nobody: private addresses where the server has no network, and those that the lab's machines have", () => {
    const { sources, made } = cut([["10.1.0.0/16"], ["198.51.100.1", "198.51.100.10"]]);
    expect(made).toEqual([]);
    const uncovered = sources.uncovered.filter(({ family }) => family === 4);
    expect(uncovered).toContainEqual({ family: 4, prefixes: ["10.1.0.0/16"], because: "private" });
    expect(uncovered).toContainEqual({ family: 4, prefixes: ["198.51.100.1", "198.51.100.10"], because: "taken" });
  });

  test("loopback, multicast and reserved addresses are nobody's", () => {
    const { sources, made } = cut([["127.0.0.0/8"], ["224.0.0.0/4"], ["fe80::/10"], ["ff00::/8"], ["0.0.0.0/8"]]);
    expect(made).toEqual([]);
    const all = [...sources.classes, ...sources.uncovered].flatMap(({ prefixes }) => prefixes);
    expect(all).not.toContain("127.0.0.0/8");
    expect(all).not.toContain("fe80::/10");
  });

  test("a private network of the server's own", () => {
    const spec = {
      ...article,
      lans: { ...article.lans, back: { ipv4: "10.20.0.0/16", isolated: [4] as const } },
      hosts: {
        ...article.hosts,
        server: {
          ...article.hosts.server,
          interfaces: [...article.hosts.server.interfaces, { name: "eth1", link: { lan: "back" }, addresses: ["10.20.0.5/16"] }],
        },
      },
    };
    const { made, spec: lab, sources } = cut([["10.20.1.0/24"]], { spec });
    expect(made).toEqual(["10.20.0.1", "10.20.1.1"]);
    expect(lab.hosts["10.20.1.1"]?.interfaces[0]).toMatchObject({ link: { lan: "back" }, addresses: ["10.20.1.1/16"] });
    expect(sources.uncovered.flatMap(({ prefixes }) => prefixes)).not.toContain("10.20.1.0/24");
  });
});

describe("several servers", () => {
  /** The server on two LANs, and one more behind it. */
  const spec: LabSpec = {
    ...article,
    lans: { ...article.lans, back: { ipv4: "10.20.0.0/24", isolated: [4] } },
    hosts: {
      ...article.hosts,
      server: {
        ...article.hosts.server,
        interfaces: [...article.hosts.server.interfaces, { name: "eth1", link: { lan: "back" }, addresses: ["10.20.0.1/24"] }],
      },
      inner: { kind: "container", sshd: true, interfaces: [{ name: "eth0", link: { lan: "back" }, addresses: ["10.20.0.5/24"] }] },
      ci: { kind: "namespace", interfaces: [{ name: "eth0", link: { lan: "back" }, addresses: ["10.20.0.30/24"] }] },
    },
  };
  const classOf = (servers: string[], groups: string[][], address: string) => {
    const { sources } = withSourceClasses(spec, { groups: groups.map(ranges), inexact: [] }, ["home"], {}, servers);
    const of = (all: readonly { prefixes: string[] }[]) => all.find(({ prefixes }) => prefixes.includes(address));
    return { found: of(sources.classes), uncovered: of(sources.uncovered) };
  };
  const both = ["server", "inner"];

  test("one that a rule names by its address stands for it, also by the address of another interface", () => {
    expect(classOf(both, [["10.20.0.1"], ["10.20.0.5"]], "10.20.0.1").found).toMatchObject({ vantage: "server" });
    expect(classOf(both, [["10.20.0.1"], ["10.20.0.5"]], "10.20.0.5").found).toMatchObject({ vantage: "inner" });
  });

  test("it stands for nobody else: a neighbour does, or somebody new", () => {
    const shared = withSourceClasses(spec, { groups: [ranges(["10.20.0.0/28"])], inexact: [] }, ["home"], {}, both);
    expect(shared.sources.classes.find(({ prefixes }) => prefixes.includes("10.20.0.0/28"))?.vantage).toBe("10.20.0.2");
    expect(shared.spec.hosts["10.20.0.2"]?.interfaces[0]?.link).toEqual({ lan: "back" });
    const beside = withSourceClasses(spec, { groups: [ranges(["10.20.0.30", "10.20.0.5"])], inexact: [] }, ["home"], {}, both);
    expect(beside.sources.classes.find(({ prefixes }) => prefixes.includes("10.20.0.30"))?.vantage).toBe("ci");
  });

  test("the only one stands for nothing", () => {
    expect(classOf(["server"], [["198.51.100.10"]], "198.51.100.10")).toMatchObject({
      found: undefined,
      uncovered: { because: "taken" },
    });
  });

  test("networks that overlap are told", () => {
    const nat = {
      kind: "container" as const,
      sshd: true as const,
      interfaces: [{ name: "eth0", link: { lan: "twin" }, addresses: ["10.20.0.9/24"] }],
    };
    const twin: LabSpec = { ...spec, lans: { ...spec.lans, twin: { ipv4: "10.20.0.0/16" } }, hosts: { ...spec.hosts, twin: nat } };
    expect([sameAddresses(spec, both), sameAddresses(twin, [...both, "twin"])]).toEqual([undefined, ["back", "twin"]]);
  });
});

describe("link-local addresses", () => {
  const others = (...groups: string[][]) =>
    cut(groups)
      .sources.uncovered.filter(({ because }) => because === "link-local")
      .flatMap(({ prefixes }) => prefixes);

  test("of other neighbours than the lab's, from which a rule tells these: nobody stands for them, and that is told", () => {
    expect(others(["fe80::abcd"])).toEqual(["fe80::abcd"]);
    expect(others(["fe80::20"])).not.toContain("fe80::20");
    expect(others(["fe80::20"])).toHaveLength(64);
  });

  test("which no rule tells from the lab's: campus stands for them", () => {
    expect(others()).toEqual([]);
    expect(others(["fe80::/10"], ["2001:db8:50::/64"])).toEqual([]);
  });
});
