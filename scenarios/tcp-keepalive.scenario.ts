import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "TCPKeepAlive, on by default, first probes after two hours: the kernel's setting decides, not sshd's",
    ja: "既定で有効な TCPKeepAlive が最初に確認するのは 2 時間後。決めるのは sshd ではなく、カーネルの設定",
  },
  question: {
    en: "sshd has TCPKeepAlive yes and nothing else. Home's line is cut. When does the port close?",
    ja: "sshd の設定は TCPKeepAlive yes だけです。自宅の回線が切れました。ポートはいつ閉じますか。",
  },
  predict: {
    en: "What does `ss -o` show for the session? And with net.ipv4.tcp_keepalive_time=1?",
    ja: "`ss -o` はセッションについて何を表示しますか。net.ipv4.tcp_keepalive_time=1 ならどうですか。",
  },
  commands: [
    "home$ ssh -R 43234:localhost:80 server",
    "server$ ss -tno sport = :22",
    "server# sysctl net.ipv4.tcp_keepalive_time=1 net.ipv4.tcp_keepalive_intvl=1 net.ipv4.tcp_keepalive_probes=2",
  ],
  seen: {
    en: "`timer:(keepalive,119min,0)`. With the kernel set to 1 s, a new session's port closes within seconds of the cut; with TCPKeepAlive no it does not.",
    ja: "`timer:(keepalive,119min,0)` です。カーネルの設定が 1 秒なら、新しいセッションのポートは回線が切れて数秒で閉じます。TCPKeepAlive no なら閉じません。",
  },
  why: {
    en: "TCPKeepAlive only enables the kernel's probes, which wait for hours by default. ClientAliveInterval is sshd's own, and can be set for single accounts.",
    ja: "TCPKeepAlive はカーネルの確認を有効にするだけで、既定の間隔は数時間です。ClientAliveInterval は sshd 自身の機能で、アカウントごとにも設定できます。",
  },
});

const timerOf = (port: number) => ["ss", "-Htno", "state", "established", `sport = :${port}`];

test("by default the kernel waits for two hours", async ({ lab }) => {
  await using forward = await lab.home.ssh("-R", "43234:localhost:80");
  await expect(lab.server).toReach(forward);
  expect((await lab.server.run(timerOf(22))).stdout).toMatch(/timer:\(keepalive,1(19min|20min)/);
});

test("with shorter kernel timeouts the port closes; control: TCPKeepAlive no", async ({ lab }) => {
  await lab.server.set({ "net.ipv4.tcp_keepalive_time": 1, "net.ipv4.tcp_keepalive_intvl": 1, "net.ipv4.tcp_keepalive_probes": 2 });
  await lab.server.start(["/usr/sbin/sshd", "-D", "-p", "2222", "-o", "TCPKeepAlive=no"], { listensOn: 2222 });
  await using _asking = await lab.home.ssh("-R", "43234:localhost:80");
  await using _silent = await lab.home.ssh("-p", "2222", "-R", "43235:localhost:80");
  expect((await lab.server.run(timerOf(2222))).stdout).not.toContain("keepalive");
  // While data is in flight the kernel retransmits it instead of probing.
  await expect.poll(() => lab.server.unacknowledged(22), { interval: 20, timeout: 20_000 }).toBe(0);

  await using _cut = await lab.cut("home");

  await expect.poll(() => lab.server.listeners(43234), { interval: 50, timeout: 30_000 }).toEqual([]);
  expect(await lab.server.listeners(43235)).toHaveLength(2);
});
