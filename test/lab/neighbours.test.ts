/** Hosts on one LAN: the server as next hop to its other addresses, and rules that keep neighbours from finding each other. */
import { describe } from "vitest";
import { flushNeighbours } from "../../harness/lab/flush-neighbours.ts";
import { readRules } from "../../harness/lab/read-rules.ts";
import { articleLab, expect, labTest, type TestLab } from "../../harness/vitest/index.ts";
import { test as oneNic } from "./clientspecified.ts";

const article = articleLab();
const back = { 4: "10.20.0.10", 6: "fd00:20::10" };
const twoNics = labTest({
  spec: {
    ...article,
    lans: { ...article.lans, back: { ipv4: "10.20.0.0/24", ipv6: "fd00:20::/64", isolated: [4, 6] } },
    hosts: {
      ...article.hosts,
      server: {
        kind: "container",
        sysctl: { "net.ipv4.conf.eth0.route_localnet": 1 },
        interfaces: [
          ...article.hosts.server.interfaces,
          { name: "eth1", link: { lan: "back" }, addresses: [`${back[4]}/24`, `${back[6]}/64`] },
        ],
      },
    },
  },
  sshd: "GatewayPorts clientspecified\n",
});

describe("the server as next hop to its address on another network", () => {
  const front = { 4: "198.51.100.10", 6: "2001:db8:100::10" };
  const request = (family: 4 | 6, vantage = "campus") => ({
    ...{ vantage, address: back[family], via: front[family], port: 43234, targetHost: "server" },
  });

  const through = (family: 4 | 6) => ({ address: back[family], via: front[family] });

  twoNics("a bind address there protects nothing from the LAN in front", async ({ lab }) => {
    await using forward4 = await lab.home.ssh("-R", `${back[4]}:43234:localhost:3389`);
    await using forward6 = await lab.home.ssh("-R", `[${back[6]}]:43234:localhost:3389`);
    expect([forward4.granted, forward6.granted]).toEqual([true, true]);
    await expect(lab.campus).toReach(forward4, through(4));
    await expect(lab.campus).toReach(forward6, through(6));
    await expect(expect(lab.campus).not.toReach(forward4)).rejects.toThrow(
      /^Received.*✘ 10\.20\.0\.10:43234 via 198\.51\.100\.10 +reached$/ms,
    );
    // Without the next hop nobody finds it, and the front address itself refuses.
    await expect(lab.campus).toSee(forward4, "unreachable", { address: back[4], via: null });
    await expect(lab.internet).not.toReach(forward4);
    await expect(lab.campus).toSee(forward4, "refused", { address: front[4] });
    // Who is no neighbour has no such way, and nothing is proven where nothing was looked at.
    await expect(expect(lab.internet).not.toReach(forward4, through(4))).rejects.toMatchObject({ name: "NotProven" });
  });

  twoNics("a router without a route says so each time, however often it is asked", async ({ lab }) => {
    const { prober } = lab.forwardLab;
    const { via: _, ...direct } = request(4);
    const ports = Array.from({ length: 12 }, (_each, at) => 43300 + at);
    const probes = await Promise.all(ports.map((port) => prober.probe({ ...direct, port, identity: "" })));
    expect(probes.map(({ verdict }) => verdict)).toEqual(ports.map(() => "unreachable"));
  });

  twoNics("what is no forward is reached the same way", async ({ lab }) => {
    await expect(lab.campus).toReach(await lab.server.serve(43234, back[4]), through(4));
  });

  twoNics("nothing listens there: refused; a rule for the interface: filtered", async ({ lab }) => {
    const { prober } = lab.forwardLab;
    expect((await prober.probe({ ...request(4), identity: "" })).verdict).toBe("refused");
    expect((await prober.probe({ ...request(6), identity: "" })).verdict).toBe("refused");
    await lab.use({
      firewall: `
table inet filter {
  chain input {
    type filter hook input priority filter; policy accept;
    iifname "eth0" ip daddr ${back[4]} drop
    iifname "eth0" ip6 daddr ${back[6]} drop
  }
}
`,
    });
    await using forward = await lab.home.ssh("-R", `${back[4]}:43234:localhost:3389`);
    expect(forward.granted).toBe(true);
    await expect(lab.campus).toSee(forward, "filtered", { ...through(4), by: { layer: "server-firewall", line: 5 } });
    await expect(lab.campus).toSee(forward, "filtered", { ...through(6), by: { layer: "server-firewall", line: 6 } });
    await expect(lab.campus).not.toReach(forward);
  });

  twoNics("and to its loopback address, where `route_localnet` lets that in", async ({ lab }) => {
    const loopback = { address: "127.0.0.1", via: front[4] };
    await using forward = await lab.home.ssh("-R", "43234:localhost:3389");
    await expect(lab.campus).toReach(forward, loopback);
    await expect(expect(lab.campus).not.toReach(forward)).rejects.toThrow(
      /loopback protects nothing from a neighbour whose next hop is 198\.51\.100\.10/,
    );
    await expect(lab.campus).not.toReach(forward, { family: 6 });
    await expect(lab.internet).not.toReach(forward);
    await lab.use({
      firewall: `
table inet filter {
  chain prerouting {
    type filter hook prerouting priority raw; policy accept;
    iifname != "lo" ip daddr 127.0.0.0/8 drop
  }
}
`,
    });
    await expect(lab.campus).toSee(forward, "filtered", { ...loopback, by: { layer: "server-firewall", line: 5 } });
    await expect(lab.server).toReach(forward, { address: "127.0.0.1" });
  });

  twoNics("a strict reverse-path filter lets it through: the sender is where it should be", async ({ lab }) => {
    await lab.server.set({ "net.ipv4.conf.all.rp_filter": 1, "net.ipv4.conf.eth0.rp_filter": 1, "net.ipv4.conf.all.arp_ignore": 1 });
    await using forward = await lab.home.ssh("-R", `${back[4]}:43234:localhost:3389`);
    await expect(lab.campus).toReach(forward, through(4));
  });

  twoNics("probes of the same vantage point at the same time go their own way, and no route stays", async ({ lab }) => {
    const { prober, lab: running } = lab.forwardLab;
    const routes = async () =>
      await running.fabric.request("tool", {
        namespace: "campus",
        argv: ["sh", "-c", "ip rule; ip -6 rule; ip route show table all"],
      });
    const before = await routes();
    const [through, router] = await Promise.all([
      prober.probe({ ...request(4), identity: "" }),
      prober.probe({ ...request(4), via: "198.51.100.1", identity: "" }),
    ]);
    expect(through.verdict).toBe("refused");
    expect(router).toMatchObject({ verdict: "unreachable" });
    expect((await routes()).stdout).toBe(before.stdout);
  });
});

describe("the server's link-local address", () => {
  const way = { address: "fe80::10%eth0" };
  const global = { address: "2001:db8:100::10" };
  const rules = (policy: string, rule: string) => `
table inet filter {
  chain input {
    type filter hook input priority filter; policy ${policy};
    ct state established,related accept
    iifname "lo" accept
    meta l4proto { icmp, ipv6-icmp } accept
    tcp dport 22 accept
    ${rule}
  }
}
`;

  oneNic("is a way in for a neighbour where rules let it in there alone", async ({ lab }) => {
    await lab.use({ firewall: rules("drop", "ip6 saddr fe80::/10 accept") });
    await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
    await expect(lab.campus).toReach(forward, way);
    await expect(lab.campus).toSee(forward, "filtered", global);
    await expect(expect(lab.campus).not.toReach(forward)).rejects.toThrow(
      /✘ \[fe80::10%eth0\]:43234 +reached.*every neighbour can use the link-local address/s,
    );
    await expect(lab.internet).not.toReach(forward);
    await using bound = await lab.home.ssh("-R", `[${global.address}]:43235:localhost:3389`);
    await expect(lab.campus).toSee(bound, "refused", way);
    await expect(lab.campus).toSee(bound, "filtered", global);
  });

  oneNic("rules for other addresses keep nobody out there", async ({ lab }) => {
    await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
    await lab.use({ firewall: rules("accept", `ip6 daddr ${global.address} tcp dport 43234 drop`) });
    await expect(lab.campus).toReach(forward, way);
    await expect(lab.campus).toSee(forward, "filtered", { ...global, by: { layer: "server-firewall", line: 9 } });
    await lab.use({ firewall: rules("accept", "ip6 daddr != ::1 tcp dport 43234 drop") });
    await expect(lab.campus).not.toReach(forward, { family: 6 });
  });

  oneNic("is not found where neighbour discovery is stopped", async ({ lab }) => {
    await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
    await lab.use({ firewall: rules("drop", "ip6 saddr fe80::/10 tcp dport 43234 accept").replace("ipv6-icmp", "udp") });
    await expect(lab.campus).toSee(forward, "filtered", { ...way, by: { layer: "server-firewall", line: 4 } });
    const probe = await lab.forwardLab.prober.probe({ vantage: "campus", ...way, port: 43234, targetHost: "server", identity: "" });
    expect(probe.decision).toMatchObject({ direction: "neighbour", at: "server" });
  });

  oneNic("is not asked where it makes no difference, and it makes none", async ({ lab }) => {
    await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
    await lab.use({ firewall: rules("drop", "ip6 saddr 2001:db8:50::/64 tcp dport 43234 accept") });
    await expect(expect(lab.campus).toReach(forward, way)).rejects.toMatchObject({ name: "NotProven" });
    const dialled = { vantage: "campus", ...way, port: 43234, targetHost: "server", identity: "" };
    expect(await lab.forwardLab.prober.probe(dialled)).toMatchObject({
      verdict: "filtered",
      target: "[fe80::10%eth0]:43234",
      decision: { at: "server", direction: "request", line: 4 },
    });
    // What a route's answer decides is the same for both.
    await lab.use({ firewall: rules("accept", "fib saddr . iif oif missing drop\n    fib daddr . iif type != local drop") });
    await expect(expect(lab.campus).toReach(forward, way)).rejects.toMatchObject({ name: "NotProven" });
    expect(await lab.forwardLab.prober.probe(dialled)).toMatchObject({ evidence: { connect: "connected" } });
    await expect(lab.campus).toReach(forward, global);
  });
});

describe("rules that keep neighbours from finding each other", () => {
  const [v4, v6] = ["198.51.100.10", "2001:db8:100::10"];
  /** The ruleset comes after the login: with it in force there would be none. */
  const load = async ({ forwardLab }: TestLab, ruleset: string) => {
    const { lab } = forwardLab;
    await lab.fabric.request("tool", { namespace: "server", argv: ["nft", "-f", "-"], input: ruleset });
    await flushNeighbours(lab, "server");
    forwardLab.prober.useRules("server", await readRules(lab, "server"));
  };
  const unload = async ({ forwardLab }: TestLab, table: string) =>
    await forwardLab.lab.fabric.request("tool", { namespace: "server", argv: ["nft", "delete", "table", ...table.split(" ")] });

  /** The session must not hang on the addresses that cannot be found. */
  const overIpv6 = (lab: TestLab) => lab.home.ssh("-6", "-R", ":43234:localhost:3389");

  oneNic("a policy that drops ICMPv6: IPv6 is dead, from the LAN and from beyond the router; IPv4 is not", async ({ lab }) => {
    await lab.use({
      firewall: `
table inet filter {
  chain input {
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    iifname "lo" accept
    ip protocol icmp accept
    tcp dport { 22, 43234 } accept
    reject
  }
}
`,
    });
    await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
    const by = { layer: "server-firewall", line: 9 } as const;
    await Promise.all([
      expect(lab.campus).toSee(forward, "filtered", { family: 6, by }),
      expect(lab.internet).toSee(forward, "filtered", { family: 6, by }),
      expect(lab.otherLan).toSee(forward, "filtered", { family: 6, by }),
      expect(lab.campus).toReach(forward, { family: 4 }),
      expect(lab.internet).toReach(forward, { family: 4 }),
    ]);
    const probe = await lab.forwardLab.prober.probe({ vantage: "internet", address: v6, port: 43234, targetHost: "server", identity: "" });
    expect(probe.decision).toMatchObject({ direction: "neighbour", at: "server" });
  });

  oneNic("the same with neighbour discovery let in: IPv6 is reached", async ({ lab }) => {
    await lab.use({
      firewall: `
table inet filter {
  chain input {
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    iifname "lo" accept
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
    tcp dport { 22, 43234 } accept
  }
}
`,
    });
    await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
    await expect(lab.campus).toReach(forward);
    await expect(lab.internet).toReach(forward);
  });

  oneNic.for([
    ["requests for the server", "input", "arp operation request drop", "until the server asks"],
    ["the server's replies", "output", "arp operation reply drop", "until the server asks"],
    ["whatever comes", "input", "drop", "always"],
  ] as const)("an ARP table that drops %s: filtered over IPv4, reached over IPv6", async ([, hook, rule, lasts], { lab }) => {
    await using forward = await overIpv6(lab);
    await expect(lab.campus).toReach(forward);
    await load(lab, `table arp strict {\n chain ${hook} { type filter hook ${hook} priority 0; policy accept; ${rule}; }\n}`);
    try {
      for (const vantage of ["campus", "internet"]) {
        const probe = await lab.forwardLab.prober.probe({ vantage, address: v4, port: 43234, targetHost: "server", identity: "" });
        expect(probe, vantage).toMatchObject({ verdict: "filtered", decision: { direction: "neighbour", at: "server", action: "drop" } });
        expect(probe.decision?.rule).toMatch(/^arp strict /);
      }
      await expect(lab.campus).toReach(forward, { address: v6 });
      if (lasts === "always") await expect(lab.campus).toSee(forward, "filtered", { address: v4 });
      else await expect(expect(lab.campus).toReach(forward, { address: v4 })).rejects.toThrow(/which host looks up the other first/);
    } finally {
      await unload(lab, "arp strict");
    }
  });

  oneNic("a router's answer that the server drops: nobody beyond it gets an answer", async ({ lab }) => {
    await using forward = await overIpv6(lab);
    await load(
      lab,
      "table arp strict {\n chain input { type filter hook input priority 0; policy accept; arp saddr ip 198.51.100.1 drop; }\n}",
    );
    try {
      const from = (vantage: string) =>
        lab.forwardLab.prober.probe({ vantage, address: v4, port: 43234, targetHost: "server", identity: "" });
      expect((await from("internet")).decision).toMatchObject({ direction: "neighbour", rule: expect.stringContaining("arp saddr ip") });
      await expect(lab.campus).toReach(forward, { address: v4 });
    } finally {
      await unload(lab, "arp strict");
    }
  });
});
