import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "It is the kernel that reserves ports below 1024 for root: with one setting, any account's -R may take port 80",
    ja: "1024 未満のポートを root に限っているのはカーネル。設定 1 つで、どのアカウントの -R でも 80 番を取れる",
  },
  question: {
    en: "A container host sets net.ipv4.ip_unprivileged_port_start to 80. What does that have to do with ssh -R?",
    ja: "コンテナのために、net.ipv4.ip_unprivileged_port_start を 80 にしました。ssh -R とどんな関係がありますか。",
  },
  predict: {
    en: "alice asks for port 80 and for port 79, before and after?",
    ja: "設定の前と後で、alice が 80 番と 79 番を要求するとどうなりますか。",
  },
  commands: ["server# sysctl -w net.ipv4.ip_unprivileged_port_start=80", "home$ ssh -R 80:localhost:3389 alice@server"],
  seen: {
    en: "Before, 80 is refused. After, she gets port 80, and 79 is refused. PermitListen keeps her off it again.",
    ja: "設定の前は 80 番が拒否されます。後では 80 番を取れ、79 番は拒否されます。PermitListen を使えば、80 番を再び禁止できます。",
  },
  why: {
    en: "sshd binds as the account that logged in and leaves the decision to the kernel. The setting applies to IPv6 too.",
    ja: "sshd はログインしたアカウントの権限でバインドし、可否はカーネルが判断します。この設定は IPv6 にも適用されます。",
  },
});

const accounts = { alice: {} };
const kept = { granted: false, refusedBy: { layer: "bind-address", text: expect.stringContaining("Permission denied") } };

test("before and after", async ({ lab }) => {
  await lab.use({ sshd: "", accounts });
  await lab.server.set({ "net.ipv4.ip_unprivileged_port_start": 1024 });
  await using before = await lab.home.ssh("-R", "80:localhost:3389");
  expect(before.outcome).toMatchObject(kept);

  await lab.server.set({ "net.ipv4.ip_unprivileged_port_start": 80 });

  await using after = await lab.home.ssh("-R", "80:localhost:3389");
  expect(after.listeners).toEqual(["127.0.0.1:80", "[::1]:80"]);
  await expect(lab.server).toReach(after);
  await using below = await lab.home.ssh("-R", "79:localhost:3389");
  expect(below.outcome).toMatchObject(kept);
});

test("control: PermitListen keeps her off it", async ({ lab }) => {
  await lab.use({ sshd: "PermitListen 43234\n", accounts });
  await lab.server.set({ "net.ipv4.ip_unprivileged_port_start": 80 });
  await using forward = await lab.home.ssh("-R", "80:localhost:3389");
  expect(forward.outcome).toMatchObject({ granted: false, refusedBy: { layer: "sshd-policy" } });
});
