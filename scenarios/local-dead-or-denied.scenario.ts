import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "local",
  title: {
    en: "A target of -L that is dead, unreachable or denied looks the same from outside: accepted, then closed; only ssh tells which",
    ja: "-L の行き先が死んでいても、届かなくても、拒否されても、外からは同じに見える。受け付けて、閉じる。違いを告げるのは ssh だけ",
  },
  question: {
    en: "Three -L: to a port where nothing runs, to a machine that is away, to a living service that PermitOpen denies. What does curl at home see?",
    ja: "三つの -L。何も動いていないポート、いない機械、PermitOpen が拒否する生きたサービス。自宅の curl は何を見るか。",
  },
  predict: {
    en: "Refused, a time-out, an empty answer? And what does ssh print for each?",
    ja: "拒否か、時間切れか、空の応答か。ssh はそれぞれ何を表示するか。",
  },
  commands: [
    "home$ ssh -L 8081:localhost:81 -L 8082:198.51.100.99:80 -L 8083:localhost:80 alice@server",
    "home$ curl http://localhost:8081/",
    "home$ curl http://localhost:8082/",
    "home$ curl http://localhost:8083/",
    "home$ ssh -L 8083:localhost:80 bob@server",
  ],
  seen: {
    en: "A connection, then its end, three times; the second after some seconds. ssh prints `Connection refused`, `No route to host`, and for the denied one `administratively prohibited`.",
    ja: "三つとも、つながって、閉じる。二つ目だけ数秒かかる。ssh は `Connection refused`、`No route to host`、拒否には `administratively prohibited` と表示する。",
  },
  why: {
    en: "ssh has accepted before the server is asked to dial. What became of it is told on ssh's own standard error, which -f and a supervisor hide.",
    ja: "サーバーがダイヤルを頼まれる前に、ssh はもう受け付けている。結果は ssh の標準エラーに出て、-f や監視役の下では見えない。",
  },
});

test("three times nothing, and what ssh says of each", async ({ lab }) => {
  await lab.use({
    sshd: "Match User alice\n  PermitOpen localhost:81 198.51.100.99:80\n",
    accounts: { alice: {}, bob: {} },
  });
  await lab.home.equip();
  await lab.server.serve(80);
  const targets = ["-L", "8081:localhost:81", "-L", "8082:198.51.100.99:80", "-L", "8083:localhost:80"];
  const ssh = await lab.home.start(["ssh", "-N", ...targets, "alice@server"], { listensOn: 8083 });

  const reasons = {
    8081: "connect failed: Connection refused",
    8082: "connect failed: No route to host",
    8083: "administratively prohibited",
  };
  for (const [port, reason] of Object.entries(reasons)) {
    const curl = await lab.home.run(["curl", "-sSv", `http://127.0.0.1:${port}/`]);
    expect(curl).toMatchObject({ stdout: "", stderr: expect.stringContaining("> GET / ") });
    const [emptyReply, reset] = [52, 56];
    expect([emptyReply, reset]).toContain(curl.code);
    expect(await ssh.waitForLine((text) => text.includes(reason) || undefined)).toBe(true);
  }
});

test("control: the denied service lives, and answers bob", async ({ lab }) => {
  await lab.use({ sshd: "Match User alice\n  PermitOpen localhost:81\n", accounts: { alice: {}, bob: {} } });
  await using denied = await lab.home.ssh("-L", "8083:localhost:80", { as: "alice" });
  await using allowed = await lab.home.ssh("-L", "8084:localhost:80", { as: "bob" });
  await expect(lab.home).toSee(denied, "closed", { address: "127.0.0.1", by: "sshd-policy" });
  await expect(lab.home).toReach(allowed);
});
