import { describe, expect, test } from "vitest";
import { type Cell, cellsOf, compareCells, type ForwardListening, otherLoopback } from "../../../harness/core/cells.ts";
import { articleLab, type InterfaceSpec, type LabSpec } from "../../../harness/core/lab-spec.ts";
import { linkLocalOf } from "../../../harness/core/link-local.ts";
import { expectationOf } from "../../../harness/judgement/expectations.ts";
import { labSpecOf } from "../../../harness/policy/network.ts";
import type { Policy } from "../../../harness/policy/policy.ts";
import { articlePolicy, listening, policyOf } from "./sample.ts";

/** The cells of a policy, each with what is expected of it. */
function expecting(policy: Policy, where: readonly ForwardListening[]) {
  return cellsOf(labSpecOf(policy), where).map((cell) => ({ ...cell, expected: expectationOf(policy, cell) }));
}

function plan(reachable: Policy["forwards"][string]["reachable_from"], host = "server", network?: Policy["network"]) {
  const policy = policyOf({ rdp: { ssh: "-R :43234:localhost:3389", reachable_from: reachable } }, network ? { network } : {});
  return expecting(policy, [{ forward: "rdp", host, port: 43234 }]);
}

/** `vantage target expected`, of some vantage points. */
function told(cells: ReturnType<typeof plan>, ...vantages: string[]): string[] {
  const how = ({ via, as, scope }: Cell) =>
    `${via === undefined ? "" : ` via ${via}`}${as === undefined || scope === "socket" ? "" : ` as ${as}`}`;
  return cells
    .filter((cell) => vantages.includes(cell.vantage))
    .map((cell) => `${cell.vantage} ${cell.target}${how(cell)} ${cell.expected ?? "-"}`);
}

describe("a forward that listens on the server", () => {
  test("everybody not named is expected to be blocked, over both families; the ends of the tunnel are free", () => {
    const cells = expecting(articlePolicy, listening);
    expect(told(cells, "server")).toEqual([
      "server 127.0.0.1:43234 -",
      "server 198.51.100.10:43234 -",
      "server [::1]:43234 -",
      "server [2001:db8:100::10]:43234 -",
    ]);
    for (const vantage of ["campus", "other-lan"]) {
      expect(told(cells, vantage)).toEqual([`${vantage} 198.51.100.10:43234 reachable`, `${vantage} [2001:db8:100::10]:43234 reachable`]);
    }
    expect(told(cells, "home")).toEqual(["home 198.51.100.10:43234 -", "home [2001:db8:100::10]:43234 -"]);
    for (const vantage of ["home-lan", "internet"]) {
      expect(told(cells, vantage)).toEqual([`${vantage} 198.51.100.10:43234 blocked`, `${vantage} [2001:db8:100::10]:43234 blocked`]);
    }
  });

  test("the server, when named: its loopback must answer; forbidden: nothing may", () => {
    expect(told(plan(["server"]), "server").map((line) => line.split(" ").at(-1))).toEqual(["reachable", "-", "reachable", "-"]);
    expect(told(plan([{ vantage: "server", family: 4 }]), "server").map((line) => line.split(" ").at(-1))).toEqual([
      "reachable",
      "-",
      "-",
      "-",
    ]);
    expect(told(plan([{ vantage: "server", is: "blocked" }]), "server").map((line) => line.split(" ").at(-1))).toEqual([
      "blocked",
      "blocked",
      "blocked",
      "blocked",
    ]);
  });

  test("an address that the network leads nowhere from a vantage point is not meant by the vantage's name alone", () => {
    const network: Policy["network"] = {
      server: [{ address: ["198.51.100.5/24", "2001:db8:17::5/64"] }, { interface: "ens4", address: ["10.20.0.5/16"], ipv6: false }],
      vantages: { phone: { address: ["2001:db8:99::1"] } },
    };
    const cells = plan(["campus", "phone"], "server", network);
    expect(told(cells, "campus", "phone")).toEqual([
      "campus 10.20.0.5:43234 -",
      "campus 10.20.0.5:43234 via 198.51.100.5 -",
      "campus 198.51.100.5:43234 reachable",
      "campus [2001:db8:17::5]:43234 reachable",
      "phone 10.20.0.5:43234 -",
      "phone 198.51.100.5:43234 -",
      "phone [2001:db8:17::5]:43234 reachable",
    ]);
    expect(told(plan([{ vantage: "campus", address: "10.20.0.5" }], "server", network), "campus")[0]).toBe(
      "campus 10.20.0.5:43234 reachable",
    );
    expect(told(plan([{ vantage: "campus", family: 4 }], "server", network), "campus")).toEqual([
      "campus 10.20.0.5:43234 -",
      "campus 10.20.0.5:43234 via 198.51.100.5 -",
      "campus 198.51.100.5:43234 reachable",
      "campus [2001:db8:17::5]:43234 blocked",
    ]);
    expect(told(plan([], "server", network), "internet")[0]).toBe("internet 10.20.0.5:43234 blocked");
    expect(told(plan([], "server", network), "campus").slice(0, 2)).toEqual([
      "campus 10.20.0.5:43234 blocked",
      "campus 10.20.0.5:43234 via 198.51.100.5 blocked",
    ]);
  });

  test("an entry may name one family, one verdict, one address", () => {
    expect(told(plan([{ vantage: "campus", family: 4 }]), "campus")).toEqual([
      "campus 198.51.100.10:43234 reachable",
      "campus [2001:db8:100::10]:43234 blocked",
    ]);
    expect(told(plan([{ vantage: "internet", is: "filtered" }]), "internet").every((line) => line.endsWith("filtered"))).toBe(true);
    expect(told(plan(["campus", { vantage: "campus", address: "2001:DB8:100::10", is: "refused" }]), "campus")).toEqual([
      "campus 198.51.100.10:43234 reachable",
      "campus [2001:db8:100::10]:43234 refused",
    ]);
  });

  test("`anyone` is every vantage point but the ends; whoever is named besides is meant by their own entry", () => {
    const cells = plan(["anyone", { vantage: "internet", is: "blocked" }, { vantage: "campus", family: 4, is: "filtered" }]);
    expect(told(cells, "server", "home").every((line) => line.endsWith("-"))).toBe(true);
    expect(told(cells, "other-lan", "home-lan").every((line) => line.endsWith("reachable"))).toBe(true);
    expect(told(cells, "internet").every((line) => line.endsWith("blocked"))).toBe(true);
    expect(told(cells, "campus")).toEqual(["campus 198.51.100.10:43234 filtered", "campus [2001:db8:100::10]:43234 reachable"]);
  });

  test("an account of the server is asked for by name, and means itself alone", () => {
    const entries: Policy["forwards"][string]["reachable_from"] = ["server", { vantage: "server", as: "bob", is: "blocked" }];
    const policy = policyOf({ rdp: { ssh: "-R 127.0.0.1:43234:localhost:3389", reachable_from: entries } });
    const cells = expecting(policy, [{ forward: "rdp", host: "server", port: 43234, accounts: ["bob"] }]);
    expect(told(cells, "server").filter((line) => line.includes("127.0.0.1"))).toEqual([
      "server 127.0.0.1:43234 reachable",
      "server 127.0.0.1:43234 as bob blocked",
    ]);
    expect(told(cells, "campus").some((line) => line.includes(" as "))).toBe(false);
  });

  test("a stated SOCKS target counts for whoever may use the proxy; one that must be blocked, for everybody", () => {
    const policy = policyOf({
      socks: { ssh: "-D 1080", reachable_from: ["home"], targets: ["db:5432", { target: "db:22", is: "blocked" }] },
    });
    const [cell] = cellsOf(labSpecOf(policy), [{ forward: "socks", host: "home", port: 1080 }]).filter(({ vantage }) => vantage === "home");
    const refusedBy = { layer: "sshd-policy", code: "permit-open", params: {}, text: "" } as const;
    const expected = (socks: { host: string; port: number }) => {
      const refused = expectationOf(policy, { ...(cell as Cell), socks: { ...socks, refusedBy, inLab: true } });
      return [expectationOf(policy, { ...(cell as Cell), socks: { ...socks, inLab: true } }), refused];
    };
    expect(expected({ host: "db", port: 5432 })).toEqual(["reachable", "reachable"]);
    expect(expected({ host: "db", port: 22 })).toEqual(["blocked", "blocked"]);
    expect(expected({ host: "db", port: 80 })).toEqual(["reachable", undefined]);
  });

  test("behind NAT: the neighbour names the private address, everybody else the public one and the published port", () => {
    const behind = { behind: "nat" as const, public: "203.0.113.140" };
    const address = { interface: "ens5", address: ["172.31.5.10/20"], ipv6: false as const };
    const all = plan(["internet"], "server", { server: { ...address, ...behind } });
    expect(told(all, "campus", "internet")).toEqual(["campus 172.31.5.10:43234 blocked", "internet 203.0.113.140:43234 reachable"]);
    expect(all.find((cell) => cell.vantage === "internet")).toMatchObject({ scope: "nat", nat: "server-router" });
    const some = plan(["internet"], "server", { server: { ...address, ...behind, ports: { "2222": 22, "8080": 43234, "8081": 43234 } } });
    expect(told(some, "internet")).toEqual(["internet 203.0.113.140:8080 reachable", "internet 203.0.113.140:8081 reachable"]);
    const none = plan([], "server", { server: { ...address, ...behind, ports: { "2222": 22 } } });
    expect(told(none, "internet")).toEqual(["internet 203.0.113.140:43234 blocked"]);
    const taken = plan([], "server", { server: { ...address, ...behind, ports: { "43234": 22 } } });
    expect(told(taken, "internet")).toEqual([]);
  });

  test.each([
    ["net.ipv4.conf.all.route_localnet", 1, true],
    ["net/ipv4/conf/eth0/route_localnet", "1", true],
    ["net.ipv4.conf.all.route_localnet", 0, false],
    ["net.ipv4.conf.eth1.route_localnet", 1, false],
  ])("%s = %s: its loopback address is a target of who is on its LAN and runs nothing else: %s", (key, value, is) => {
    const policy = policyOf({ rdp: { ssh: "-R 43234:localhost:3389", reachable_from: [] } });
    policy.server.sysctl = { [key]: value };
    const cells = expecting(policy, [{ forward: "rdp", host: "server", port: 43234 }]).filter(({ via }) => via !== undefined);
    expect(told(cells, "campus", "home", "internet")).toEqual(is ? ["campus 127.0.0.1:43234 via 198.51.100.10 blocked"] : []);
  });

  test("an entry that names a next hop requires it of that way alone", () => {
    const network: Policy["network"] = {
      server: [
        { interface: "eth0", address: ["198.51.100.10/24", "2001:db8:100::10/64"] },
        { interface: "back0", address: ["10.30.0.1/24"], ipv6: false },
      ],
    };
    const ways = (reachable: Parameters<typeof plan>[0]) =>
      told(plan(reachable, "server", network), "campus").filter((line) => !line.includes("["));
    const entry = { vantage: "campus", address: "10.30.0.1", via: "198.51.100.10" };
    const [direct, front] = ["campus 10.30.0.1:43234", "campus 198.51.100.10:43234"];
    const through = "campus 10.30.0.1:43234 via 198.51.100.10";
    expect(ways([entry])).toEqual([`${direct} blocked`, `${through} reachable`, `${front} blocked`]);
    expect(ways([{ vantage: "campus", via: "198.51.100.10" }])).toEqual([`${direct} blocked`, `${through} reachable`, `${front} blocked`]);
    expect(ways(["campus", { ...entry, is: "blocked" }])).toEqual([`${direct} -`, `${through} blocked`, `${front} reachable`]);
    expect(ways(["campus"])).toEqual([`${direct} -`, `${through} -`, `${front} reachable`]);
  });

  describe("a listener on another address of loopback", () => {
    const policyFor = (reachable_from: Policy["forwards"][string]["reachable_from"], sysctl?: Record<string, number>) => {
      const policy = policyOf({ rdp: { ssh: "-R 127.3.0.1:43234:localhost:3389", reachable_from } });
      if (sysctl) policy.server.sysctl = sysctl;
      return policy;
    };
    const where = { forward: "rdp", host: "server", port: 43234, loopback: "127.3.0.1" };
    const at = (policy: Policy) =>
      told(expecting(policy, [where]), "server", "campus", "internet").filter((line) => line.includes("127.3.0.1"));

    test("is a target of its host, and of neighbours that reach loopback", () => {
      expect(at(policyFor([]))).toEqual(["server 127.3.0.1:43234 -"]);
      expect(at(policyFor([{ vantage: "server", is: "blocked" }]))).toEqual(["server 127.3.0.1:43234 blocked"]);
      expect(at(policyFor([{ vantage: "server", address: "127.3.0.1" }]))).toEqual(["server 127.3.0.1:43234 reachable"]);
      expect(at(policyFor([], { "net.ipv4.conf.all.route_localnet": 1 }))).toEqual([
        "server 127.3.0.1:43234 -",
        "campus 127.3.0.1:43234 via 198.51.100.10 blocked",
      ]);
    });

    test.each([
      ["127.3.0.1", "127.3.0.1"],
      ["127.0.0.1", undefined],
      ["::1", undefined],
      ["198.51.100.10", undefined],
      [undefined, undefined],
    ])("%s: %s", (address, found) => expect(otherLoopback(address)).toBe(found));
  });

  describe("where its rules tell link-local addresses from others", () => {
    const where = { forward: "rdp", host: "server", port: 43234, linkLocal: "everywhere" as const };
    const linkLocal = (policy: Policy) =>
      told(expecting(policy, [where]), ...Object.keys(labSpecOf(policy).hosts)).filter((line) => line.includes("%"));
    const rdp = (reachable_from: Policy["forwards"][string]["reachable_from"], rest: Partial<Policy> = {}) =>
      policyOf({ rdp: { ssh: "-R :43234:localhost:3389", reachable_from } }, rest);

    test("neighbours dial it by theirs: blocked unless they may reach the forward, when they need not", () => {
      expect(linkLocal(rdp(["other-lan"]))).toEqual(["campus [fe80::10%eth0]:43234 blocked"]);
      expect(linkLocal(rdp(["campus"]))).toEqual(["campus [fe80::10%eth0]:43234 -"]);
      expect(linkLocal(rdp([{ vantage: "campus", family: 4 }]))).toEqual(["campus [fe80::10%eth0]:43234 blocked"]);
      expect(told(expecting(rdp(["campus"]), [{ forward: "rdp", host: "server", port: 43234 }]), "campus").join()).not.toContain("%");
    });

    test("an entry that names them requires it of neighbours there, and of nothing else", () => {
      expect(linkLocal(rdp([{ vantage: "campus", address: "link-local" }]))).toEqual(["campus [fe80::10%eth0]:43234 reachable"]);
      expect(linkLocal(rdp([{ vantage: "anyone", address: "link-local" }]))).toEqual(["campus [fe80::10%eth0]:43234 reachable"]);
      expect(linkLocal(rdp(["campus", { vantage: "campus", address: "link-local", is: "blocked" }]))).toEqual([
        "campus [fe80::10%eth0]:43234 blocked",
      ]);
      const others = told(expecting(rdp([{ vantage: "campus", address: "link-local" }]), [where]), "campus", "internet");
      expect(others.filter((line) => !line.includes("%") && !line.endsWith(" blocked"))).toEqual([]);
    });

    test("each LAN has one, by the neighbour's own interface; without IPv6 on it there is none", () => {
      const network: Policy["network"] = {
        server: [
          { interface: "ens3", address: ["133.1.17.5/24", "2001:db8:17::5/64"] },
          { interface: "ens4", address: ["10.20.0.5/16"], ipv6: false },
        ],
        vantages: { backup: { lan: "ens4" } },
      };
      const both = ["campus [fe80::5%eth0]:43234 blocked", "backup [fe80::fd:1%eth0]:43234 blocked"];
      expect(linkLocal(rdp([], { network }))).toEqual(both);
      const policy = rdp([], { network });
      const alone = cellsOf(labSpecOf(policy), [{ ...where, linkLocal: "alone" }]).filter(({ target }) => target.includes("%"));
      expect(alone.map(({ vantage }) => vantage)).toEqual(["backup"]);
      policy.server.sysctl = { "net.ipv6.conf.ens4.disable_ipv6": 1 };
      expect(linkLocal(policy)).toEqual(both.slice(0, 1));
    });

    test("a host that stands for some addresses alone has none; no two hosts have the same", () => {
      const spec: LabSpec = articleLab();
      const lan = (address: string) => ({ name: "eth0", link: { lan: "server-lan" }, addresses: [address] });
      spec.hosts.alone = { kind: "namespace", families: [6], interfaces: [lan("2001:db8:100::30/64")] };
      const from = cellsOf(spec, [where]).flatMap(({ vantage, target }) => (target.includes("%") ? [`${vantage} ${target}`] : []));
      expect(from).toContain("campus [fe80::10%eth0]:43234");
      expect(from.join()).not.toContain("alone");
      const twins: LabSpec = { ...spec, hosts: { ...spec.hosts, twin: { kind: "namespace" as const, interfaces: [lan("fd00::10/64")] } } };
      const [own, twin] = ["server", "twin"].map((host) => linkLocalOf(twins, host, twins.hosts[host]?.interfaces[0] as InterfaceSpec));
      expect([own, twin]).toEqual(["fe80::10", expect.stringMatching(/^fe80::fd:\d$/)]);
    });
  });

  test("each address of a server with several is a target, from everywhere", () => {
    const cells = plan(["campus"], "server", {
      server: [
        { address: ["133.1.17.5/24", "133.1.17.6/24", "2001:db8:17::5/64"] },
        { interface: "eth1", address: ["10.20.0.5/16"], ipv6: false },
      ],
      vantages: { backup: { lan: "eth1" } },
    });
    for (const vantage of ["campus", "internet", "backup"]) {
      expect(cells.filter((cell) => cell.vantage === vantage && cell.via === undefined).map((cell) => cell.address)).toEqual([
        "10.20.0.5",
        "133.1.17.5",
        "133.1.17.6",
        "2001:db8:17::5",
      ]);
    }
    expect(cells.find((cell) => cell.vantage === "backup" && cell.address === "10.20.0.5")?.scope).toBe("lan");
  });
});

describe("a forward that listens at home", () => {
  const cells = plan(["home"], "home");

  test("home uses its loopback, its LAN the private address, the rest the NAT's public one and IPv6", () => {
    expect(told(cells, "home")).toEqual([
      "home 127.0.0.1:43234 reachable",
      "home 192.168.1.10:43234 -",
      "home [::1]:43234 reachable",
      "home [2001:db8:7::10]:43234 -",
    ]);
    expect(told(cells, "home-lan")).toEqual(["home-lan 192.168.1.10:43234 blocked", "home-lan [2001:db8:7::10]:43234 blocked"]);
    expect(told(cells, "server")).toEqual(["server 203.0.113.7:43234 -", "server [2001:db8:7::10]:43234 -"]);
    for (const vantage of ["other-lan", "internet", "campus"]) {
      expect(told(cells, vantage)).toEqual([`${vantage} 203.0.113.7:43234 blocked`, `${vantage} [2001:db8:7::10]:43234 blocked`]);
    }
    expect(cells.find((cell) => cell.vantage === "internet" && cell.family === 4)).toMatchObject({ scope: "nat", nat: "isp" });
  });

  test("without NAT its own address is everybody's", () => {
    const open = plan(["home"], "home", { home: { behind: "none", public: "203.0.113.7" } });
    expect(open.find((cell) => cell.vantage === "internet" && cell.family === 4)).toMatchObject({
      address: "203.0.113.7",
      scope: "routed",
    });
  });

  test("home is free where it is not named, and can be forbidden", () => {
    expect(told(plan([], "home"), "home").every((line) => line.endsWith("-"))).toBe(true);
    expect(told(plan([], "home"), "home-lan").every((line) => line.endsWith("blocked"))).toBe(true);
    expect(told(plan([{ vantage: "home", is: "blocked" }], "home"), "home").every((line) => line.endsWith("blocked"))).toBe(true);
  });
});

describe("a forward that listens on a Unix socket", () => {
  const socket = { path: "/tmp/x.sock", accounts: ["alice", "bob"] };
  const cells = (host: "server" | "home", reachable: Policy["forwards"][string]["reachable_from"]) => {
    const policy = policyOf({ rdp: { ssh: "-R /tmp/x.sock:localhost:1", reachable_from: reachable } });
    return told(expecting(policy, [{ forward: "rdp", host, port: 0, socket }]), "server", "home", "internet");
  };

  test("its host alone has cells, one for each account; whoever listens is meant by `reachable`, the others by `blocked`", () => {
    expect(cells("server", [])).toEqual(["server /tmp/x.sock as alice -", "server /tmp/x.sock as bob -"]);
    expect(cells("server", ["server"])).toEqual(["server /tmp/x.sock as alice reachable", "server /tmp/x.sock as bob -"]);
    expect(cells("server", [{ vantage: "server", is: "filtered" }])).toEqual([
      "server /tmp/x.sock as alice -",
      "server /tmp/x.sock as bob filtered",
    ]);
    expect(cells("home", [])).toEqual(["home /tmp/x.sock as alice -", "home /tmp/x.sock as bob blocked"]);
  });

  test("no port of the host is reserved for it", () => {
    const policy = policyOf({ rdp: { ssh: "-R /tmp/x.sock:localhost:1" } });
    const spec = labSpecOf(policy, { listening: [{ forward: "rdp", host: "server", port: 0, socket }] });
    expect(spec.hosts.server?.reservedPorts).toBeUndefined();
  });
});

test("cells are sorted, whatever order they come in", () => {
  const cells = plan(["campus"]);
  expect([...cells].reverse().sort(compareCells)).toEqual(cells);
  expect([...new Set(cells.map((cell) => cell.vantage))]).toEqual(["server", "campus", "home", "home-lan", "other-lan", "internet"]);
});

test("a forward without a listener has no cells", () => {
  expect(cellsOf(labSpecOf(articlePolicy), [])).toEqual([]);
});

test("some vantage points alone have the same cells as among all", () => {
  const spec = labSpecOf(articlePolicy);
  const all = cellsOf(spec, listening);
  for (const vantage of Object.keys(spec.hosts))
    expect(cellsOf(spec, listening, [vantage])).toEqual(all.filter((cell) => cell.vantage === vantage));
});

test("a NAT's own port that leads to another one is no cell of a forward, unless it is asked for", () => {
  const article = articleLab();
  const spec = {
    ...article,
    routers: {
      ...article.routers,
      core: article.routers.core,
      "home-router": {
        lans: article.routers["home-router"]?.lans ?? {},
        nat: "masquerade" as const,
        uplink: { router: "core", address: "203.0.113.7" },
        portForwards: [{ port: 8081, to: { address: "192.168.1.10", port: 2222 } }],
      },
    },
  } as LabSpec;
  const targets = (port: number, more: { named?: true } = {}) =>
    cellsOf(spec, [{ forward: "web", host: "home", port, ...more }], ["internet"]).flatMap(({ target, family }) =>
      family === 4 ? [target] : [],
    );
  expect(targets(2222)).toEqual(["203.0.113.7:8081"]);
  expect(targets(8081)).toEqual([]);
  expect(targets(8081, { named: true })).toEqual(["203.0.113.7:8081"]);
  expect(targets(8082)).toEqual(["203.0.113.7:8082"]);
});
