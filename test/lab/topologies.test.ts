/** Topologies that the article's lab does not have. */
import { articleLab, expect, labTest } from "../../harness/vitest/index.ts";

const article = articleLab();

/** A stranger who runs ssh himself is a container on a wire of his own. */
const stranger = labTest({ spec: { ...article, hosts: { ...article.hosts, internet: { ...article.hosts.internet, kind: "container" } } } });

stranger("a container alone on the internet", async ({ lab }) => {
  await using forward = await lab.internet.ssh("-R", "43234:localhost:3389");
  await expect(lab.server).toReach(forward);
  await expect(lab.internet).not.toReach(forward);
});

/** Two interfaces, a private one that is not routed, names that begin alike. */
const office = labTest({
  spec: {
    lans: {
      "headquarters-public": { ipv4: "198.51.100.0/24", ipv6: "2001:db8:100::/64" },
      "headquarters-private": { ipv4: "10.0.0.0/24", ipv6: "fd00::/64", isolated: [4, 6] },
    },
    routers: {
      core: {
        lans: {
          "headquarters-public": ["198.51.100.1/24", "2001:db8:100::1/64"],
          "headquarters-private": ["10.0.0.1/24", "fd00::1/64"],
        },
      },
    },
    hosts: {
      server: {
        kind: "container",
        interfaces: [
          { name: "ens3", link: { lan: "headquarters-public" }, addresses: ["198.51.100.10/24", "2001:db8:100::10/64"] },
          { name: "ens4", link: { lan: "headquarters-private" }, addresses: ["10.0.0.10/24", "fd00::10/64"] },
        ],
      },
      laptop: {
        kind: "container",
        interfaces: [{ name: "eth0", link: { lan: "headquarters-public" }, addresses: ["198.51.100.20/24", "2001:db8:100::20/64"] }],
      },
      desk: {
        kind: "namespace",
        interfaces: [{ name: "eth0", link: { lan: "headquarters-private" }, addresses: ["10.0.0.30/24", "fd00::30/64"] }],
      },
      outside: {
        kind: "namespace",
        interfaces: [{ name: "eth0", link: { router: "core" }, addresses: ["192.0.2.66", "2001:db8:66::66"] }],
      },
    },
  },
  sshd: "GatewayPorts clientspecified\n",
});

office("a server's second, private address: reached by whoever shares it, by nobody else", async ({ lab }) => {
  await using forward = await lab.laptop.ssh("-R", "10.0.0.10:8080:localhost:80");
  await expect(lab.desk).toReach(forward, { address: "10.0.0.10" });
  await expect(lab.outside).not.toReach(forward, { address: "198.51.100.10" });
  await expect(lab.outside).toSee(forward, "unreachable", { address: "10.0.0.10" });
  await expect(lab.outside).toSee(forward, "unreachable", { address: "fd00::10" });
});

office("a private network has no way out: its hosts find no other address of the server's, whatever listens there", async ({ lab }) => {
  await using forward = await lab.laptop.ssh("-R", ":8080:localhost:80");
  for (const address of ["198.51.100.10", "2001:db8:100::10"]) {
    await expect(lab.desk).toSee(forward, "unreachable", { address, via: null });
    await expect(lab.outside).toReach(forward, { address });
  }
});

office("a rule for one interface leaves the other open", async ({ lab }) => {
  await lab.use({
    firewall: `
table inet filter {
  chain input {
    type filter hook input priority filter; policy accept;
    iifname "ens3" tcp dport 8080 drop
  }
}
`,
  });
  await using forward = await lab.laptop.ssh("-R", ":8080:localhost:80");
  await expect(lab.outside).toSee(forward, "filtered", { address: "198.51.100.10", by: { line: 5 } });
  await expect(lab.desk).toReach(forward, { address: "10.0.0.10" });
});

const { uplink: _, ...homeRouter } = article.routers["home-router"] as NonNullable<(typeof article.routers)[string]>;
const { isp: _isp, ...otherRouters } = article.routers;
/** The home router forwards the forward's own port to another one. */
const ported = labTest({
  spec: {
    ...article,
    routers: {
      ...otherRouters,
      "home-router": {
        ...homeRouter,
        uplink: { router: "core", address: "203.0.113.7" },
        portForwards: [
          { port: 8081, to: { address: "192.168.1.10", port: 2222 } },
          { port: 8082, to: { address: "192.168.1.10", port: 8082 } },
        ],
      },
    },
  },
});

ported("a router that leads a port to another one refuses it in that one's name", async ({ lab }) => {
  await using elsewhere = await lab.home.ssh("-L", "*:8081:localhost:3389");
  await using there = await lab.home.ssh("-L", "*:8082:localhost:3389");
  await expect(lab.internet).toSee(elsewhere, "refused", { address: "203.0.113.7" });
  await expect(lab.internet).toReach(there, { address: "203.0.113.7" });
});
