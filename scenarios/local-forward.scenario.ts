/**
 * Claim: `-L 8080:localhost:80` opens a port on the machine that runs ssh, for that machine alone; `-g` opens it to the machines beside it.
 * Why: for -L it is ssh that listens. Without -g or a bind address it listens on loopback. `localhost` is then the server's.
 * Control: another machine in the same home, with and without -g; the world outside never gets in, because home's router stops it.
 */
import { expect, test } from "../harness/vitest/index.ts";

test("without -g the port is home's own", async ({ lab }) => {
  await using forward = await lab.home.ssh("-L", "8080:localhost:80");

  expect(forward.listeners).toEqual(["127.0.0.1:8080", "[::1]:8080"]);
  await expect(lab.home).toReach(forward);
  await expect(lab.homeLan).toSee(forward, "refused", { by: "bind-address" });
});

test("with -g a machine in the same home reaches it, the world does not", async ({ lab }) => {
  await using forward = await lab.home.ssh("-g", "-L", "8080:localhost:80");

  expect(forward.listeners).toEqual(["0.0.0.0:8080", "[::]:8080"]);
  await expect(lab.homeLan).toReach(forward);
  await expect(lab.internet).not.toReach(forward);
  await expect(lab.otherLan).not.toReach(forward);
});
