import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "TCPKeepAlive, on by default, asks after two hours: how soon a dead port closes is the kernel's setting, not sshd's",
    ja: "既定で有効な TCPKeepAlive が尋ねるのは 2 時間後。死んだポートがいつ閉じるかを決めるのは、sshd ではなくカーネルの設定",
  },
  question: {
    en: "sshd has TCPKeepAlive yes and nothing else. Home's line is cut. When does the port close?",
    ja: "sshd の設定は TCPKeepAlive yes だけ。自宅の回線が切れた。ポートはいつ閉じるか。",
  },
  predict: {
    en: "What does `ss -o` say of the session? And with net.ipv4.tcp_keepalive_time=1?",
    ja: "`ss -o` はセッションについて何と言うか。net.ipv4.tcp_keepalive_time=1 ならどうか。",
  },
  commands: [
    "home$ ssh -R 43234:localhost:80 server",
    "server$ ss -tno sport = :22",
    "server# sysctl net.ipv4.tcp_keepalive_time=1 net.ipv4.tcp_keepalive_intvl=1 net.ipv4.tcp_keepalive_probes=2",
  ],
  seen: {
    en: "`timer:(keepalive,119min,0)`. With the kernel at 1 s a new session's port closes within seconds of the cut; with TCPKeepAlive no it does not.",
    ja: "`timer:(keepalive,119min,0)`。カーネルが 1 秒なら、新しいセッションのポートは切断から数秒で閉じる。TCPKeepAlive no なら閉じない。",
  },
  why: {
    en: "TCPKeepAlive turns the kernel's own questions on, and the kernel's times are made for hours. ClientAliveInterval is sshd's own, for one account if need be.",
    ja: "TCPKeepAlive はカーネルの問い合わせを有効にするだけで、その時間は何時間もの単位。ClientAliveInterval は sshd 自身のもので、アカウントごとにも設定できる。",
  },
});

const timerOf = (port: number) => ["ss", "-Htno", "state", "established", `sport = :${port}`];

test("by default the kernel waits for two hours", async ({ lab }) => {
  await using forward = await lab.home.ssh("-R", "43234:localhost:80");
  await expect(lab.server).toReach(forward);
  expect((await lab.server.run(timerOf(22))).stdout).toMatch(/timer:\(keepalive,1(19min|20min)/);
});

test("a kernel with less patience closes the port; control: TCPKeepAlive no", async ({ lab }) => {
  await lab.server.set({ "net.ipv4.tcp_keepalive_time": 1, "net.ipv4.tcp_keepalive_intvl": 1, "net.ipv4.tcp_keepalive_probes": 2 });
  await lab.server.start(["/usr/sbin/sshd", "-D", "-p", "2222", "-o", "TCPKeepAlive=no"], { listensOn: 2222 });
  await using _asking = await lab.home.ssh("-R", "43234:localhost:80");
  await using _silent = await lab.home.ssh("-p", "2222", "-R", "43235:localhost:80");
  expect((await lab.server.run(timerOf(2222))).stdout).not.toContain("keepalive");
  // While something is on its way the kernel sends that again, and asks nothing.
  await expect.poll(() => lab.server.unacknowledged(22), { interval: 20, timeout: 20_000 }).toBe(0);

  await using _cut = await lab.cut("home");

  await expect.poll(() => lab.server.listeners(43234), { interval: 50, timeout: 30_000 }).toEqual([]);
  expect(await lab.server.listeners(43235)).toHaveLength(2);
});
