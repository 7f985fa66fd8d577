import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "local",
  title: {
    en: "-L opens a port on the machine that runs ssh, for that machine alone; -g opens it to the machines beside it",
    ja: "-L は ssh を動かした機械にポートを開く。その機械だけのもの。-g を付けると隣の機械にも開く",
  },
  question: {
    en: "Which machine listens after `ssh -L 8080:localhost:80 server`, and whose is `localhost`?",
    ja: "`ssh -L 8080:localhost:80 server` の後、待ち受けるのはどの機械か。`localhost` は誰のものか。",
  },
  predict: {
    en: "Home itself, another machine in the same home, the world: with and without -g?",
    ja: "自宅の機械自身、同じ家の別の機械、外の世界。-g の有無でどう変わるか。",
  },
  commands: [
    "home$ ssh -L 8080:localhost:80 server",
    "home$ ssh -g -L 8080:localhost:80 server",
    "home-lan$ curl http://192.168.1.10:8080/",
  ],
  seen: {
    en: "Without -g only home itself reaches the server's port 80. With -g its neighbours do; the world does not.",
    ja: "-g なしでは自宅の機械自身だけがサーバーの 80 番に届く。-g を付けると隣の機械も届く。外の世界は届かない。",
  },
  why: {
    en: "For -L it is ssh that listens, on loopback unless told otherwise. `localhost` is then the server's. Home's router stops the world.",
    ja: "-L で待ち受けるのは ssh で、指定がなければループバックだけ。`localhost` はサーバーから見たもの。外の世界は自宅のルーターが止める。",
  },
});

test("without -g the port is home's own", async ({ lab }) => {
  await using forward = await lab.home.ssh("-L", "8080:localhost:80");

  expect(forward.listeners).toEqual(["127.0.0.1:8080", "[::1]:8080"]);
  await expect(lab.home).toReach(forward);
  await expect(lab.homeLan).toSee(forward, "refused", { by: "bind-address" });
});

test("with -g a machine in the same home reaches it, the world does not", async ({ lab }) => {
  await using forward = await lab.home.ssh("-g", "-L", "8080:localhost:80");

  expect(forward.listeners).toEqual(["0.0.0.0:8080", "[::]:8080"]);
  await expect(lab.homeLan).toReach(forward);
  await expect(lab.internet).not.toReach(forward);
  await expect(lab.otherLan).not.toReach(forward);
});
