import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "Stopping sshd and starting it anew ends no forward; ending its sessions does",
    ja: "sshd を止めて起動し直しても、転送は一つも終わらない。終わるのは、セッションを終わらせたとき",
  },
  question: {
    en: "sshd is stopped, and started with GatewayPorts no. Is the port that was open to everybody closed?",
    ja: "sshd を止め、GatewayPorts no で起動し直した。全員に開いていたポートは閉じるか。",
  },
  predict: {
    en: "While sshd is stopped, after it was started, and after `pkill sshd`: who gets in?",
    ja: "停止中、起動後、`pkill sshd` の後。届くのは誰か。",
  },
  commands: [
    "home$ ssh -R :43234:localhost:3389 server",
    "server# pkill -o -x sshd",
    "internet$ xfreerdp /v:server:43234",
    "server# /usr/sbin/sshd",
    "server# pkill sshd",
  ],
  seen: {
    en: "Nobody can log in meanwhile, and the forward stays open to the world all the time. `pkill sshd` closes it.",
    ja: "その間は誰もログインできないが、転送はずっと全世界に開いたまま。`pkill sshd` で閉じる。",
  },
  why: {
    en: "The sshd that listens on port 22 and the one that holds the forward are two processes. Debian's service stops the first alone (KillMode=process); one that ends the whole group ends both.",
    ja: "22 番で待ち受ける sshd と、転送を持つ sshd は別のプロセス。Debian のサービスは前者だけを止める（KillMode=process）。グループ全体を終わらせるサービスは両方を終わらせる。",
  },
});

test("the forward outlives two sshds, and ends with its session", async ({ lab }) => {
  // A text of its own: no later test may take these sshds for the one that it expects.
  await lab.use({ sshd: "GatewayPorts clientspecified\n# until the restart\n" });
  await using old = await lab.home.ssh("-R", ":43234:localhost:3389");

  expect(await lab.server.run(["pkill", "-o", "-x", "sshd"])).toMatchObject({ code: 0 });
  await expect.poll(() => lab.server.listeners(22), { interval: 20, timeout: 15_000 }).toEqual([]);
  await lab.home.equip();
  expect(await lab.home.run(["ssh", "server", "true"])).toMatchObject({ code: 255, stderr: expect.stringContaining("Connection refused") });
  await expect(lab.internet).toReach(old);

  await lab.server.write({ "/etc/ssh/sshd_config": "GatewayPorts no\n" });
  await lab.server.start(["/usr/sbin/sshd", "-D"], { listensOn: 22 });
  await using fresh = await lab.home.ssh("-R", ":43235:localhost:3389");
  expect(fresh.listeners).toEqual(["127.0.0.1:43235", "[::1]:43235"]);
  await expect(lab.internet).toReach(old);

  expect(await lab.server.run(["pkill", "sshd"])).toMatchObject({ code: 0 });
  await expect.poll(() => lab.server.listeners(43234), { interval: 20, timeout: 15_000 }).toEqual([]);
  await expect(lab.internet).toSee(old, "refused");
});
