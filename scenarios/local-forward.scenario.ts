import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "local",
  title: {
    en: "-L opens a port on the host that runs ssh, for that host alone; -g opens it to the whole LAN",
    ja: "-L は ssh を動かすホストにポートを開く。使えるのはそのホストだけ。-g を付けると、同じ LAN にも開く",
  },
  question: {
    en: "Which host listens after `ssh -L 8080:localhost:80 server`, and which host is `localhost`?",
    ja: "`ssh -L 8080:localhost:80 server` の後、待ち受けるのはどのホストですか。`localhost` はどのホストですか。",
  },
  predict: {
    en: "Home itself, another host on its LAN, the internet: with and without -g?",
    ja: "自宅のホスト自身、同じ LAN の別のホスト、インターネットから接続できますか。-g の有無でどう変わりますか。",
  },
  commands: [
    "home$ ssh -L 8080:localhost:80 server",
    "home$ ssh -g -L 8080:localhost:80 server",
    "home-lan$ curl http://192.168.1.10:8080/",
  ],
  seen: {
    en: "Without -g, only home itself reaches the server's port 80. With -g its LAN does too, but nobody on the internet.",
    ja: "-g なしでは、自宅のホスト自身だけがサーバーの 80 番に接続できます。-g を付けると同じ LAN からも接続できますが、インターネットからはできません。",
  },
  why: {
    en: "With -L, ssh itself listens, on loopback by default. `localhost` means the server. Home's router keeps the internet out.",
    ja: "-L で待ち受けるのは ssh で、既定ではループバックだけです。`localhost` はサーバーを指します。インターネットからの接続は、自宅のルーターが止めます。",
  },
});

test("without -g the port is for home only", async ({ lab }) => {
  await using forward = await lab.home.ssh("-L", "8080:localhost:80");

  expect(forward.listeners).toEqual(["127.0.0.1:8080", "[::1]:8080"]);
  await expect(lab.home).toReach(forward);
  await expect(lab.homeLan).toSee(forward, "refused", { by: "bind-address" });
});

test("with -g a host on home's LAN reaches it, the internet does not", async ({ lab }) => {
  await using forward = await lab.home.ssh("-g", "-L", "8080:localhost:80");

  expect(forward.listeners).toEqual(["0.0.0.0:8080", "[::]:8080"]);
  await expect(lab.homeLan).toReach(forward);
  await expect(lab.internet).not.toReach(forward);
  await expect(lab.otherLan).not.toReach(forward);
});
