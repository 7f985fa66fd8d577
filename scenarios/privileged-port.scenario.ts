import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: { en: "A port below 1024 can be forwarded by root alone", ja: "1024 未満のポートを転送できるのは root だけ" },
  question: {
    en: "A plain account asks for port 443 on the server. Does it get it?",
    ja: "一般のアカウントがサーバーの 443 番を求める。得られるか。",
  },
  predict: {
    en: "Port 443 as alice, port 1024 as alice, port 443 as root?",
    ja: "alice で 443 番、alice で 1024 番、root で 443 番。それぞれどうなるか。",
  },
  commands: [
    "home$ ssh -R :443:localhost:3389 alice@server",
    "home$ ssh -R :1024:localhost:3389 alice@server",
    "home$ ssh -R :443:localhost:3389 root@server",
  ],
  seen: {
    en: "443 is refused to alice and granted to root; 1024 is granted to alice.",
    ja: "443 番は alice には拒否され、root には許される。1024 番は alice にも許される。",
  },
  why: {
    en: "sshd binds the port as the account that logged in, and the kernel lets only root bind the well-known ports.",
    ja: "sshd はログインしたアカウントの権限でポートを開く。カーネルは、ウェルノウンポートを root にしか開かせない。",
  },
});

const server = { sshd: "GatewayPorts clientspecified\nPermitRootLogin prohibit-password\n", accounts: { alice: {}, root: {} } };

test("a plain account is refused port 443", async ({ lab }) => {
  await lab.use(server);

  await using forward = await lab.home.ssh("-R", ":443:localhost:3389", { as: "alice" });

  expect(forward.granted).toBe(false);
  expect(forward.outcome.refusedBy).toMatchObject({ layer: "bind-address", text: expect.stringContaining("Permission denied") });
  await expect(lab.server).toSee(forward, "refused");
  await expect(lab.otherLan).toSee(forward, "refused", { by: "bind-address" });
});

test("control: the same account gets port 1024", async ({ lab }) => {
  await lab.use(server);
  await using forward = await lab.home.ssh("-R", ":1024:localhost:3389", { as: "alice" });
  await expect(lab.otherLan).toReach(forward);
});

test("control: root gets port 443", async ({ lab }) => {
  await lab.use(server);
  await using forward = await lab.home.ssh("-R", ":443:localhost:3389", { as: "root" });
  await expect(lab.otherLan).toReach(forward);
});
