import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "Old connections in TIME_WAIT do not keep a restarted ssh from getting its port",
    ja: "TIME_WAIT に残った古い接続があっても、再起動した ssh はポートを取得できる",
  },
  question: {
    en: "ssh dies while a visitor is connected, and is restarted at once. Is the port free?",
    ja: "接続が残ったまま ssh が強制終了され、すぐに再起動されました。ポートは空いていますか。",
  },
  predict: {
    en: "The old connection is still in the server's table. And if a program on the server listens there?",
    ja: "古い接続は、まだサーバーの一覧に残っています。サーバーのプログラムがそのポートで待ち受けている場合はどうですか。",
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
    ja: "古い接続が一覧に残っていても、すぐに同じポートを取得できます。待ち受けているプログラムがあれば、取得できません。",
  },
  why: {
    en: "sshd binds with SO_REUSEADDR: closed connections do not count, only listeners do. A port that stays taken has a process that still uses it.",
    ja: "sshd は SO_REUSEADDR を指定してバインドします。終わった接続は妨げにならず、待ち受けだけが妨げになります。ポートが空かないなら、まだ使っているプロセスがあります。",
  },
});

test("the port is free again while the old connection lingers", async ({ lab }) => {
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
