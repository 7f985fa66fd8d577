import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "local",
  title: {
    en: "-L reaches what the server keeps on its loopback, such as a database that nobody outside can reach",
    ja: "-L を使えば、外からは届かないデータベースなど、サーバーのループバックにあるものに接続できる",
  },
  question: {
    en: "A database listens on the server's 127.0.0.1:5432. Who can reach it?",
    ja: "データベースがサーバーの 127.0.0.1:5432 で待ち受けています。接続できるのは誰ですか。",
  },
  predict: {
    en: "Home directly? Home through -L? Another host on home's LAN?",
    ja: "自宅から直接の場合、-L を通した場合、自宅と同じ LAN のホストの場合、それぞれどうなりますか。",
  },
  commands: ["home$ psql -h server", "home$ ssh -L 5432:localhost:5432 server", "home$ psql -h localhost"],
  seen: {
    en: "Directly, home is refused. Through -L, only home reaches it.",
    ja: "直接の接続は拒否されます。-L を通せば、自宅だけが接続できます。",
  },
  why: {
    en: "The server connects to the target, so its loopback is within reach. Anyone who may use -L is inside the server's firewall.",
    ja: "転送先に接続するのはサーバーなので、サーバーのループバックにも届きます。-L を使える人は、サーバーのファイアウォールの内側にいるのと同じです。",
  },
});

test("refused directly, reached through -L", async ({ lab }) => {
  const database = await lab.server.serve(5432, "127.0.0.1");
  const connectRefused = 7;
  expect(await lab.home.run(["curl", "-sS", "http://server:5432/"])).toMatchObject({ code: connectRefused });

  await using forward = await lab.home.ssh("-L", "5432:localhost:5432");

  await expect(lab.home).toReach(forward);
  expect((await lab.home.run(["curl", "-sS", "http://localhost:5432/hello"])).stdout).toContain(database.identity);
  await expect(lab.homeLan).toSee(forward, "refused", { by: "bind-address" });
  await expect(lab.internet).not.toReach(forward);
});
