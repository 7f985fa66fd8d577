import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "dynamic",
  title: {
    en: "-D opens a SOCKS proxy only for the host that runs ssh; -g opens it to the whole LAN",
    ja: "-D が開く SOCKS プロキシは、ssh を動かすホスト専用。-g を付けると、同じ LAN にも開く",
  },
  question: { en: "Who can use the proxy that `ssh -D 1080` opens?", ja: "`ssh -D 1080` が開くプロキシを使えるのは誰ですか。" },
  predict: {
    en: "Home itself, another host on its LAN, a stranger: with and without -g?",
    ja: "自宅のホスト自身、同じ LAN の別のホスト、第三者は使えますか。-g の有無でどう変わりますか。",
  },
  commands: [
    "home$ ssh -D 1080 server",
    "home$ ssh -g -D 1080 server",
    "home-lan$ curl --socks5-hostname 192.168.1.10:1080 http://localhost:7/",
  ],
  seen: {
    en: "Without -g, only home itself. With -g, the hosts on its LAN too, but nobody on the internet.",
    ja: "-g なしでは、自宅のホスト自身だけです。-g を付けると同じ LAN のホストも使えますが、インターネットからは使えません。",
  },
  why: {
    en: "ssh listens and speaks SOCKS; the server makes the connections. Anyone who reaches the proxy reaches whatever the server can, its loopback included.",
    ja: "待ち受けて SOCKS を話すのは ssh で、接続するのはサーバーです。プロキシを使える人は、サーバーのループバックも含めて、サーバーから接続できるものすべてに届きます。",
  },
});

test("without -g the proxy is for home only", async ({ lab }) => {
  await using proxy = await lab.home.ssh("-D", "1080");

  expect(proxy.listeners).toEqual(["127.0.0.1:1080", "[::1]:1080"]);
  await expect(lab.home).toReach(proxy);
  await expect(lab.homeLan).toSee(proxy, "refused", { by: "bind-address" });
});

test("with -g a host on home's LAN can use it, the internet cannot", async ({ lab }) => {
  await using proxy = await lab.home.ssh("-g", "-D", "1080");

  await expect(lab.homeLan).toReach(proxy);
  await expect(lab.internet).not.toReach(proxy);
});
