/** What a test asks a SOCKS proxy for: the entries of the lists that limit it, or any target that it states. */
import { describe } from "vitest";
import { articleLab, expect, labTest } from "../../harness/vitest/index.ts";

const { hosts, routers, ...article } = articleLab();
const { server, ...others } = hosts;
/** On a network that nobody but the server is led to. */
const database = "10.9.8.7";
const test = labTest({
  spec: {
    ...article,
    lans: { ...article.lans, back: { ipv4: "10.9.8.0/24", isolated: [4, 6] } },
    routers: { ...routers, core: { lans: { ...routers.core?.lans, back: ["10.9.8.254/24"] } } },
    hosts: {
      ...others,
      server: {
        ...server,
        interfaces: [...server.interfaces, { name: "eth1", link: { lan: "back" }, addresses: ["10.9.8.1/24"] }],
      },
      database: { kind: "namespace", interfaces: [{ name: "eth0", link: { lan: "back" }, addresses: [`${database}/24`] }] },
    },
  },
});

const listed = { target: `${database}:5432` };
const other = { target: `${database}:5433` };

describe("-D, and PermitOpen names one target", () => {
  const sshd = `PermitOpen ${database}:5432\n`;

  test("it is a door, although every other is closed", async ({ lab }) => {
    await lab.use({ sshd });
    await using open = await lab.home.ssh("-g", "-D", "1080");
    await expect(lab.homeLan).toReach(open);
    await expect(lab.homeLan).toReach(open, listed);
    await expect(lab.homeLan).not.toReach(open, other);
    await expect(lab.homeLan).toSee(open, "closed", { ...other, by: { layer: "sshd-policy", rule: `PermitOpen ${database}:5432` } });
    // One closed door beside an open one shuts nobody out.
    await expect(expect(lab.homeLan).not.toReach(open)).rejects.toThrow(`home-lan is not shut out over IPv4`);
    await expect(expect(lab.homeLan).toReach(open, other)).rejects.toThrow(/^Received +✘ \S+:1080 → 10\.9\.8\.7:5433 +closed \(/m);
  });

  test("each entry and one target besides is looked at", async ({ lab }) => {
    await lab.use({ sshd });
    await using open = await lab.home.ssh("-g", "-D", "1080");
    const seen = await lab.homeLan.sees(open, { address: "192.168.1.10" });
    expect(seen.map(({ target, verdict, optional }) => [target, verdict, optional])).toEqual([
      [`192.168.1.10:1080 → ${database}:5432`, "reached", false],
      ["192.168.1.10:1080 → localhost:7", "closed", true],
    ]);
  });

  test("control: nobody reaches the target of a proxy that listens on loopback", async ({ lab }) => {
    await lab.use({ sshd });
    await using own = await lab.home.ssh("-D", "1080");
    await expect(lab.homeLan).not.toReach(own);
    await expect(lab.homeLan).toSee(own, "refused", { ...listed, by: "bind-address" });
    await expect(lab.home).toReach(own, listed);
  });
});

test("control: without a list both are reached, and neither without the proxy", async ({ lab }) => {
  await using open = await lab.home.ssh("-g", "-D", "1080");
  await expect(lab.homeLan).toReach(open);
  await expect(lab.homeLan).toReach(open, listed);
  await expect(lab.homeLan).toReach(open, other);
  await expect(lab.homeLan).not.toReach(await lab.host("database").serve(8080));
});

test("-D where AllowTcpForwarding leaves it out: the setting is named, whatever is asked for", async ({ lab }) => {
  await lab.use({ sshd: "AllowTcpForwarding remote\n" });
  await using closed = await lab.home.ssh("-g", "-D", "1080");
  await expect(lab.homeLan).toSee(closed, "closed", { ...listed, by: { layer: "sshd-policy", rule: "AllowTcpForwarding remote" } });
});

test("-R with a port alone: ssh's own PermitRemoteOpen decides", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts clientspecified\n" });
  await using proxy = await lab.home.ssh("-o", "PermitRemoteOpen=home-lan:445", "-R", ":1080");
  await expect(lab.internet).toReach(proxy, { target: "home-lan:445" });
  await expect(lab.internet).toSee(proxy, "closed", { target: "home-lan:446", address: "198.51.100.10", by: "client" });
  await using free = await lab.home.ssh("-R", ":1081");
  await expect(lab.internet).toReach(free, { target: "home-lan:446" });
});

test("a service of the test's own answers; without any, nothing does", async ({ lab }) => {
  const { identity } = await lab.host("database").serve(5432);
  await using proxy = await lab.home.ssh("-D", "1080", { service: false });
  await expect(lab.home).toReach(proxy, listed);
  await expect(lab.home).toSee(proxy, "closed", { ...other, address: "127.0.0.1", by: "service" });
  expect((await lab.home.run(["curl", "-sS", "--socks5", "localhost:1080", `http://${listed.target}/hello`])).stdout).toContain(identity);
});

test("a target that the lab does not have proves nothing", async ({ lab }) => {
  await using proxy = await lab.home.ssh("-D", "1080");
  await expect(lab.home).toSee(proxy, "inconclusive", { target: "203.0.113.99:80", address: "127.0.0.1" });
  await expect(expect(lab.home).not.toReach(proxy, { target: "203.0.113.99:80" })).rejects.toMatchObject({ name: "NotProven" });
});

test("what is no proxy, or no target, is an error", async ({ lab }) => {
  await using forward = await lab.home.ssh("-R", "43234:localhost:3389");
  await expect(lab.server.sees(forward, listed)).rejects.toMatchObject({ code: "forward-target" });
  await using proxy = await lab.home.ssh("-D", "1080");
  await expect(lab.home.sees(proxy, { target: "5432" })).rejects.toMatchObject({ code: "forward-target" });
});
