import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "Connections of old visitors, left in TIME_WAIT, do not keep the port from ssh when it comes back",
    ja: "TIME_WAIT に残った古い訪問者の接続は、戻ってきた ssh がポートを得る妨げにならない",
  },
  question: {
    en: "ssh dies while a visitor is connected, and is started anew at once. Is the port free?",
    ja: "訪問者がつながったまま ssh が死に、すぐに起動し直された。ポートは空いているか。",
  },
  predict: {
    en: "The old connection is still in the server's table. And if a program of the server listens there?",
    ja: "古い接続はまだサーバーの表にある。サーバーのプログラムがそこで待ち受けていればどうか。",
  },
  commands: [
    "home$ ssh -R 43234:localhost:80 server",
    "server$ nc localhost 43234",
    "home$ kill -9 %1",
    "server$ ss -tan state time-wait sport = :43234",
    "home$ ssh -R 43234:localhost:80 server",
  ],
  seen: {
    en: "The same port, at once, with the old connection still listed. A program that listens there keeps it.",
    ja: "同じポートがすぐ得られ、古い接続はまだ表に載っている。そこで待ち受けるプログラムがあれば得られない。",
  },
  why: {
    en: "sshd binds with SO_REUSEADDR: what has ended does not count, only what listens. A port that stays taken belongs to somebody alive.",
    ja: "sshd は SO_REUSEADDR で bind する。終わった接続は数えられず、数えられるのは待ち受けだけ。空かないポートには生きた持ち主がいる。",
  },
});

test("the port is had again while the old connection lingers", async ({ lab }) => {
  await using forward = await lab.home.ssh("-R", "43234:localhost:80");
  const visitor = await lab.server.start(["nc", "-4", "-v", "localhost", "43234"], { says: /succeeded/ });
  await forward.kill();
  await visitor.exited;

  const lingering = await lab.server.run(["ss", "-Htan", "state", "time-wait", "sport = :43234"]);
  expect(lingering.stdout).toContain("127.0.0.1:43234");
  await using again = await lab.home.ssh("-R", "43234:localhost:80");
  expect(again.listeners).toEqual(["127.0.0.1:43234", "[::1]:43234"]);
  await expect(lab.server).toReach(again);
});

test("control: a program that listens keeps the port", async ({ lab }) => {
  await lab.server.start(["nc", "-lk", "127.0.0.1", "43234"], { listensOn: 43234 });
  await using forward = await lab.home.ssh("-R", "127.0.0.1:43234:localhost:80");
  expect(forward.outcome).toMatchObject({ granted: false, refusedBy: { text: expect.stringContaining("Address already in use") } });
});
