import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "dynamic",
  title: {
    en: "-D opens a SOCKS proxy for the machine that runs ssh alone; -g offers it to the machines beside it",
    ja: "-D が開く SOCKS プロキシは ssh を動かした機械だけのもの。-g を付けると隣の機械にも開く",
  },
  question: { en: "Who can use the proxy that `ssh -D 1080` opens?", ja: "`ssh -D 1080` が開くプロキシを使えるのは誰か。" },
  predict: {
    en: "Home itself, another machine in the same home, a stranger: with and without -g?",
    ja: "自宅の機械自身、同じ家の別の機械、第三者。-g の有無でどう変わるか。",
  },
  commands: [
    "home$ ssh -D 1080 server",
    "home$ ssh -g -D 1080 server",
    "home-lan$ curl --socks5-hostname 192.168.1.10:1080 http://localhost:7/",
  ],
  seen: {
    en: "Without -g only home itself gets through. With -g the machines in the same home do too; the world does not.",
    ja: "-g なしでは自宅の機械自身だけ。-g を付けると同じ家の機械も使える。外の世界からは使えない。",
  },
  why: {
    en: "ssh itself listens and speaks SOCKS, the server dials. Whoever reaches the proxy reaches what the server reaches, its loopback included.",
    ja: "待ち受けて SOCKS を話すのは ssh、接続先へダイヤルするのはサーバー。プロキシに届く者は、サーバーから見えるもの(サーバーのループバックも含む)すべてに届く。",
  },
});

test("without -g the proxy is home's own", async ({ lab }) => {
  await using proxy = await lab.home.ssh("-D", "1080");

  expect(proxy.listeners).toEqual(["127.0.0.1:1080", "[::1]:1080"]);
  await expect(lab.home).toReach(proxy);
  await expect(lab.homeLan).toSee(proxy, "refused", { by: "bind-address" });
});

test("with -g a machine in the same home uses it, the world does not", async ({ lab }) => {
  await using proxy = await lab.home.ssh("-g", "-D", "1080");

  await expect(lab.homeLan).toReach(proxy);
  await expect(lab.internet).not.toReach(proxy);
});
