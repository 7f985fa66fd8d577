import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "local",
  title: {
    en: "-L reaches what the server keeps on its loopback: a database that nobody outside can reach",
    ja: "-L は、サーバーがループバックに置いたものに届く。外からは誰も届かないデータベースでも",
  },
  question: {
    en: "A database listens on the server's 127.0.0.1:5432. Who reaches it?",
    ja: "データベースがサーバーの 127.0.0.1:5432 で待ち受ける。届くのは誰か。",
  },
  predict: {
    en: "home directly, home through -L, a machine beside home?",
    ja: "自宅から直接、自宅から -L で、自宅の隣の機械から。それぞれどうか。",
  },
  commands: ["home$ psql -h server", "home$ ssh -L 5432:localhost:5432 server", "home$ psql -h localhost"],
  seen: { en: "Directly: refused. Through -L home alone reaches it.", ja: "直接は拒否される。-L を通れば自宅だけが届く。" },
  why: {
    en: "It is the server that dials the target, so its loopback counts as near. Whoever may use -L stands inside the server's firewall.",
    ja: "行き先へダイヤルするのはサーバーなので、そのループバックが近い。-L を使える者は、サーバーのファイアウォールの内側に立つ。",
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
