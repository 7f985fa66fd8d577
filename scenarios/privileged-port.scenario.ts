import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: { en: "By default only root can open a port below 1024 with -R", ja: "既定では、-R で 1024 未満のポートを開けるのは root だけ" },
  question: {
    en: "An ordinary account asks for port 443 on the server. Does it get it?",
    ja: "一般のアカウントがサーバーの 443 番を要求します。取得できますか。",
  },
  predict: {
    en: "Port 443 as alice? Port 1024 as alice? Port 443 as root?",
    ja: "alice で 443 番、alice で 1024 番、root で 443 番を要求すると、それぞれどうなりますか。",
  },
  commands: [
    "home$ ssh -R :443:localhost:3389 alice@server",
    "home$ ssh -R :1024:localhost:3389 alice@server",
    "home$ ssh -R :443:localhost:3389 root@server",
  ],
  seen: {
    en: "443 is refused to alice and granted to root; 1024 is granted to alice.",
    ja: "443 番は alice には拒否され、root には許可されます。1024 番は alice にも許可されます。",
  },
  why: {
    en: "sshd binds the port as the account that logged in, and by default the kernel lets only root bind ports below 1024.",
    ja: "sshd は、ログインしたアカウントの権限でポートをバインドします。既定では、カーネルは 1024 未満のポートを root にしか許可しません。",
  },
});

const server = { sshd: "GatewayPorts clientspecified\nPermitRootLogin prohibit-password\n", accounts: { alice: {}, root: {} } };

test("an ordinary account is refused port 443", async ({ lab }) => {
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
