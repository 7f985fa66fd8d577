import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "Stopping and starting sshd ends no forward; ending its sessions does",
    ja: "sshd を停止して再起動しても、転送は終わらない。終わるのは、セッションを終了させたとき",
  },
  question: {
    en: "sshd is stopped, then started with GatewayPorts no. Does the port that was open to everyone close?",
    ja: "sshd を停止し、GatewayPorts no で起動し直しました。全員に開いていたポートは閉じますか。",
  },
  predict: {
    en: "While sshd is stopped, after it has started, and after `pkill sshd`: who gets in?",
    ja: "停止中、起動後、`pkill sshd` の後、接続できるのは誰ですか。",
  },
  commands: [
    "home$ ssh -R :43234:localhost:3389 server",
    "server# pkill -o -x sshd",
    "internet$ xfreerdp /v:server:43234",
    "server# /usr/sbin/sshd",
    "server# pkill sshd",
  ],
  seen: {
    en: "While it is stopped nobody can log in, yet the forward stays open to everyone throughout. `pkill sshd` closes it.",
    ja: "停止中は誰もログインできませんが、転送はずっと全員に開いたままです。`pkill sshd` で閉じます。",
  },
  why: {
    en: "The sshd that listens on port 22 and the one that holds the forward are two processes. Debian's service stops only the first (KillMode=process); a service that kills its whole control group stops both.",
    ja: "22 番で待ち受ける sshd と、転送を持つ sshd は別のプロセスです。Debian のサービスは前者だけを停止します（KillMode=process）。コントロールグループ全体を終了させるサービスでは、両方が終わります。",
  },
});

test("the forward outlives two sshds, and ends with its session", async ({ lab }) => {
  // A text of its own, so that no later test mistakes these sshds for the one it expects.
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
