/**
 * Claim: `-D 1080` opens a SOCKS proxy on the machine that runs ssh, for that machine alone; `-g` offers it to the machines beside it.
 * Why: ssh speaks SOCKS and the server dials. Whoever reaches the proxy reaches what the server reaches, its loopback included.
 * Control: another machine in the same home, with and without -g.
 */
import { expect, test } from "../harness/vitest/index.ts";

test("without -g the proxy is home's own", async ({ lab }) => {
  await using proxy = await lab.home.ssh("-D", "1080");

  expect(proxy.listeners).toEqual(["127.0.0.1:1080", "[::1]:1080"]);
  await expect(lab.home).toReach(proxy);
  await expect(lab.homeLan).toSee(proxy, "refused", { by: "bind-address" });
});

test("with -g a machine in the same home uses it, the world does not", async ({ lab }) => {
  await using proxy = await lab.home.ssh("-g", "-D", "1080");

  await expect(lab.homeLan).toReach(proxy);
  await expect(lab.internet).not.toReach(proxy);
});
