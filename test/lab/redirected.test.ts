/** Destination NAT that leads a packet away from the forward is a proven block, unless something answers where it leads. */
import { describe } from "vitest";
import { expect } from "../../harness/vitest/index.ts";
import { test } from "./clientspecified.ts";
import { oneChain } from "./one-chain.ts";

const nat = (rule: string) => `
table ip nat {
  chain prerouting {
    type nat hook prerouting priority -100; policy accept;
    ${rule}
  }
}
`;
const ingress = (rule: string) => `
table netdev early {
  chain arriving {
    type filter hook ingress device "eth0" priority 0;
    ${rule}
  }
}
`;
const firstRule = { layer: "server-firewall", line: 5 } as const;
const v4 = { family: 4 } as const;

describe("led away", () => {
  test.for([
    ["to a port where nobody listens", nat("tcp dport 43234 redirect to :8080")],
    ["to a host that is not there", nat("tcp dport 43234 dnat to 172.17.0.2")],
    ["out of an interface", ingress('ip protocol tcp tcp dport 43234 fwd to "eth0"')],
  ])("%s: filtered, by the rule that did it", async ([, firewall], { lab }) => {
    await lab.use({ firewall });
    await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
    // Each waits until its time is over.
    const [probe] = await Promise.all([
      lab.forwardLab.prober.probe({ vantage: "campus", address: "198.51.100.10", port: 43234, targetHost: "server", identity: "" }),
      expect(lab.internet).toSee(forward, "filtered", { ...v4, by: firstRule }),
      expect(lab.internet).toReach(forward, { family: 6 }),
    ]);
    expect(probe.decision).toMatchObject({ action: "redirect", direction: "request", at: "server", nobodyThere: true });
  });

  test("the answer made to leave from another port: filtered, by the rule that did it", async ({ lab }) => {
    await lab.use({
      firewall: oneChain("output", "accept", "tcp sport 43234 tcp sport set 443"),
    });
    await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
    await using free = await lab.home.ssh("-R", ":43235:localhost:3389");
    await Promise.all([
      expect(lab.internet).toSee(forward, "filtered", { by: { layer: "server-firewall", line: 5 } }),
      expect(lab.internet).toReach(free),
    ]);
  });

  test("a DNAT of iptables in a chain of its own, and a forward chain that drops what was led away", async ({ lab }) => {
    const dump = `*nat
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:CONTAINERS - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j CONTAINERS
-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j CONTAINERS
-A CONTAINERS -p tcp -m tcp --dport 43234 -j DNAT --to-destination 172.17.0.2:80
COMMIT
*filter
:FORWARD DROP [0:0]
COMMIT
`;
    await lab.use({ firewall: dump });
    await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
    await Promise.all([
      expect(lab.internet).toSee(forward, "filtered", { ...v4, by: { layer: "server-firewall", line: 7 } }),
      expect(lab.server).toSee(forward, "filtered", { address: "198.51.100.10", by: { line: 7 } }),
    ]);
    await expect(lab.server).toReach(forward, { address: "127.0.0.1" });
  });

  test("the server's own packets on loopback, to where no route leads from there", async ({ lab }) => {
    await lab.use({ firewall: nat("tcp dport 43234 dnat to 172.17.0.2:80").replaceAll("prerouting", "output") });
    await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
    await expect(lab.server).toSee(forward, "filtered", { address: "127.0.0.1", by: firstRule });
    await expect(lab.internet).toReach(forward);
  });

  test.for([
    ["127.0.0.1", "ip", "198.51.100.10"],
    ["::1", "ip6", "2001:db8:100::10"],
  ] as const)(
    "to loopback, %s, which no packet from outside comes to: filtered, by the rule that did it",
    async ([loopback, ip, address], { lab }) => {
      const to = loopback.includes(":") ? `[${loopback}]` : loopback;
      await lab.use({ firewall: nat(`tcp dport 43234 dnat to ${to}:43234`).replace("table ip ", `table ${ip} `) });
      await using forward = await lab.home.ssh("-R", "43234:localhost:3389");
      await expect(lab.internet).toSee(forward, "filtered", { address, by: firstRule });
      await expect(lab.server).toReach(forward, { address: loopback });
    },
  );

  test("a rule before it drops the packet: that one is named", async ({ lab }) => {
    await lab.use({
      firewall: `
table ip raw {
  chain prerouting {
    type filter hook prerouting priority raw; policy accept;
    tcp dport 43234 drop
  }
}
${nat("tcp dport 43234 redirect to :8080")}`,
    });
    await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
    await expect(lab.internet).toSee(forward, "filtered", { ...v4, by: firstRule });
  });
});

describe("not led away", () => {
  test("something answers where it leads: wrong-service", async ({ lab }) => {
    await lab.use({ firewall: nat("tcp dport 43234 redirect to :8080") });
    await lab.server.serve(8080);
    await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
    await expect(lab.internet).toSee(forward, "wrong-service", v4);
  });

  test("the rule is for other addresses, or leads to the forward itself: reached", async ({ lab }) => {
    await lab.use({ firewall: nat("ip saddr 203.0.113.0/24 tcp dport 43234 redirect to :8080") });
    await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
    await expect(lab.internet).toReach(forward, v4);
    await lab.use({ firewall: nat("tcp dport 43234 dnat to 198.51.100.10:43234") });
    await expect(lab.internet).toReach(forward, v4);
  });

  test("to loopback, on a host that lets it in from outside", async ({ lab }) => {
    const routeLocalnet = (value: number) => {
      const settings = { "net.ipv4.conf.all.route_localnet": value };
      return lab.forwardLab.lab.fabric.request("build", { namespaces: [], steps: [{ namespace: "server", settings }] });
    };
    await routeLocalnet(1);
    try {
      await lab.use({ firewall: nat("tcp dport 43234 dnat to 127.0.0.1:43234") });
      await using forward = await lab.home.ssh("-R", "43234:localhost:3389");
      await expect(lab.internet).toReach(forward, v4);
    } finally {
      await routeLocalnet(0);
    }
  });

  test("a drop after a redirect to the forward's own port is the drop's", async ({ lab }) => {
    await lab.use({
      firewall: `${nat("tcp dport 43234 dnat to 198.51.100.10:43234")}
table inet filter {
  chain input {
    type filter hook input priority filter; policy accept;
    ip saddr 192.0.2.66 tcp dport 43234 drop
  }
}
`,
    });
    await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
    await expect(lab.internet).toSee(forward, "filtered", {
      ...v4,
      by: { layer: "server-firewall", rule: "inet filter input ip saddr 192.0.2.66 tcp dport 43234 drop" },
    });
  });
});
