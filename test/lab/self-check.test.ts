/** A lab that is not what it should be says so, and gives no proof. */

import type { ForwardLab } from "../../harness/index.ts";
import { selfCheck } from "../../harness/probe/self-check.ts";
import { expect, labTest } from "../../harness/vitest/index.ts";

const test = labTest({ sshd: "GatewayPorts clientspecified\n" });

const failures = async ({ lab, prober }: ForwardLab) => (await selfCheck(lab, prober)).filter(({ ok }) => !ok).map(({ name }) => name);

/** Runs `ip` lines in a namespace of the lab; `{ns:NAME}` stands for another. */
const ip = ({ lab }: ForwardLab, namespace: string, ...lines: string[]) =>
  lab.fabric.request("build", { namespaces: [], steps: [{ namespace, ip: lines }] });

const nft = async ({ lab }: ForwardLab, namespace: string, input: string) => {
  const { code, stderr } = await lab.fabric.request("tool", {
    namespace,
    argv: ["nft", "-f", "-"],
    input,
  });
  expect(stderr).toBe("");
  expect(code).toBe(0);
};

test("a lab as built passes, every time", async ({ lab: { forwardLab } }) => {
  expect(forwardLab.checks.length).toBeGreaterThan(40);
  expect(forwardLab.checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(await failures(forwardLab)).toEqual([]);
});

test("a wire between home and the other LAN is a side path", async ({ lab: { forwardLab } }) => {
  await ip(forwardLab, "home", "link add name side type veth peer name side netns {ns:other-lan}");
  expect(await failures(forwardLab)).toEqual([
    "other-lan has the lab's interfaces and no other",
    "home has the lab's interfaces and no other",
  ]);

  // In use it is more: other-lan then reaches home without passing any router.
  await ip(
    forwardLab,
    "home",
    "link set dev side up",
    "addr add 2001:db8:bad::1/64 dev side nodad",
    "route add 2001:db8:50::10/128 via 2001:db8:bad::2",
  );
  await ip(
    forwardLab,
    "other-lan",
    "link set dev side up",
    "addr add 2001:db8:bad::2/64 dev side nodad",
    "route add 2001:db8:7::10/128 via 2001:db8:bad::1",
  );
  const inUse = await failures(forwardLab);
  await ip(forwardLab, "home", "link del dev side");
  expect(inUse).toContain("other-lan has no side path to home at 2001:db8:7::10");
  expect(await failures(forwardLab)).toEqual([]);
});

test("a rule in the core that drops what goes to the server", async ({ lab: { forwardLab } }) => {
  await nft(
    forwardLab,
    "core",
    "table ip bad { chain forward { type filter hook forward priority -10; ip daddr 198.51.100.10 ip saddr 192.0.2.66 drop\n}\n}\n",
  );
  expect(await failures(forwardLab)).toEqual(["internet reaches server's ingress at 198.51.100.10"]);
  await nft(forwardLab, "core", "delete table ip bad");
  expect(await failures(forwardLab)).toEqual([]);
});

test("an address in the core by which the lab could be left", async ({ lab: { forwardLab } }) => {
  await ip(forwardLab, "core", "addr add 192.0.2.254/32 dev lo");
  expect(await failures(forwardLab)).toContain("campus cannot leave the lab (192.0.2.254)");
  await ip(forwardLab, "core", "addr del 192.0.2.254/32 dev lo");
});

test("a server that routes, or lets anybody bind port 443, is no host", async ({ lab: { forwardLab } }) => {
  const set = (key: string, value: number) =>
    forwardLab.lab.fabric.request("build", { namespaces: [], steps: [{ namespace: "server", settings: { [key]: value } }] });
  await set("net.ipv4.ip_unprivileged_port_start", 0);
  expect(await failures(forwardLab)).toEqual(["server has a host's kernel settings"]);
  await set("net.ipv4.ip_unprivileged_port_start", 1024);
  await set("net.ipv4.ip_forward", 1);
  expect(await failures(forwardLab)).toEqual(["server has a host's kernel settings"]);
  await set("net.ipv4.ip_forward", 0);
  expect(await failures(forwardLab)).toEqual([]);
});

test("the server's address on the wrong host is seen", async ({ lab: { forwardLab } }) => {
  await ip(forwardLab, "campus", "addr add 198.51.100.10/32 dev lo");
  expect(await failures(forwardLab)).toEqual(["campus reaches server's ingress at 198.51.100.10"]);
  await ip(forwardLab, "campus", "addr del 198.51.100.10/32 dev lo");
});
