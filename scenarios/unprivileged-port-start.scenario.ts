import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "It is the kernel that keeps ports below 1024 for root: one setting, and any account's -R may take port 80",
    ja: "1024 未満のポートを root に限るのはカーネル。設定一つで、どのアカウントの -R でも 80 番を取れる",
  },
  question: {
    en: "A container host has set net.ipv4.ip_unprivileged_port_start to 80. What has that to do with ssh -R?",
    ja: "コンテナのために net.ipv4.ip_unprivileged_port_start を 80 にした。ssh -R と何の関係があるか。",
  },
  predict: {
    en: "alice asks for port 80 and for port 79, before and after?",
    ja: "設定の前と後で、alice が 80 番と 79 番を求めるとどうなるか。",
  },
  commands: ["server# sysctl -w net.ipv4.ip_unprivileged_port_start=80", "home$ ssh -R 80:localhost:3389 alice@server"],
  seen: {
    en: "Before: both refused. After: she has port 80, and 79 is refused as before. PermitListen keeps her off it again.",
    ja: "前はどちらも拒否。後では 80 番を取れ、79 番は前と同じく拒否される。PermitListen でまた締め出せる。",
  },
  why: {
    en: "sshd binds as the account that has logged in, and asks nobody but the kernel. The setting holds for IPv6, too.",
    ja: "sshd はログインしたアカウントとしてバインドし、可否はカーネルに任せる。この設定は IPv6 にも及ぶ。",
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
