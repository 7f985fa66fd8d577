/** Rules in each format are loaded by the real tools; a decision is told with the user's own file and line. */
import { expect, labTest } from "../../harness/vitest/index.ts";

const test = labTest({ sshd: "GatewayPorts clientspecified\n" });

test("an nft ruleset with include, define, set and jump", async ({ lab }) => {
  await lab.use({ firewall: { path: "fixtures/nft/nftables.conf" } });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");

  await expect(lab.otherLan).toReach(forward, { family: 4 });
  await expect(lab.campus).toReach(forward, { family: 4 });
  await expect(lab.internet).toSee(forward, "filtered", { family: 4, by: { file: "fixtures/nft/nftables.d/tunnel.nft", line: 3 } });
  await expect(lab.internet).toSee(forward, "filtered", { family: 6, by: { file: "fixtures/nft/nftables.conf", line: 14 } });
  await expect(lab.server).toReach(forward);
});

test("iptables-save dumps, one for each family", async ({ lab }) => {
  await lab.use({ firewall: { path: ["fixtures/dumps/rules.v4", "fixtures/dumps/rules.v6"] } });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");

  await expect(lab.otherLan).toReach(forward);
  await expect(lab.internet).toSee(forward, "filtered", { family: 4, by: { file: "fixtures/dumps/rules.v4", line: 13 } });
  await expect(lab.internet).toSee(forward, "filtered", { family: 6, by: { file: "fixtures/dumps/rules.v6", line: 6 } });
  await expect(lab.campus).toSee(forward, "filtered", { family: 4, by: { file: "fixtures/dumps/rules.v4", line: 3 } });
});

test("a dump for IPv4 alone leaves IPv6 open", async ({ lab }) => {
  await lab.use({ firewall: { path: "fixtures/dumps/rules.v4" } });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");

  await expect(lab.internet).not.toReach(forward, { family: 4 });
  await expect(lab.internet).toReach(forward, { family: 6 });
});

test("a fault in an included file is told with its own line, and leaves no rules behind", async ({ lab }) => {
  const refused = lab.use({ firewall: { path: "fixtures/broken/nftables.conf" } });
  await expect(refused).rejects.toMatchObject({
    name: "UserError",
    code: "firewall-load",
    place: { file: "fixtures/broken/nftables.d/tunnel.nft", line: 3 },
  });

  await lab.use({ firewall: null });
  expect(lab.forwardLab.rules.count).toBe(0);
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.internet).toReach(forward);
});

test("one ruleset takes the other's place as a whole", async ({ lab }) => {
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.internet).toReach(forward);
  await lab.use({ firewall: { path: ["fixtures/dumps/rules.v4", "fixtures/dumps/rules.v6"] } });
  await expect(lab.internet).not.toReach(forward);
  await lab.use({ firewall: { path: "fixtures/nft/nftables.conf" } });
  await expect(lab.internet).toSee(forward, "filtered", { family: 4, by: { file: "fixtures/nft/nftables.d/tunnel.nft" } });
  await lab.use({ firewall: null });
  await expect(lab.internet).toReach(forward);
});
