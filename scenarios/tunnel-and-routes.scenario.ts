import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "other-ways",
  title: {
    en: "Who else gets into a -w tunnel is decided by routes and ip_forward on the server; sshd has no word in it",
    ja: "-w のトンネルにほかに誰が入れるかは、サーバーの経路と ip_forward が決める。sshd に出番はない",
  },
  question: {
    en: "Home and server are joined by -w. Does a machine beside the server reach home?",
    ja: "自宅とサーバーが -w でつながっている。サーバーの隣の機械は自宅に届くか。",
  },
  predict: {
    en: "With ip_forward 0, with ip_forward 1, and with ip_forward 1 and a firewall that drops what is forwarded?",
    ja: "ip_forward が 0、1、1 で転送を捨てるファイアウォールがあるとき。それぞれどうなるか。",
  },
  commands: [
    "home# ssh -N -w 0:0 root@server",
    "campus# ip route add 10.9.0.1 via 198.51.100.10",
    "server# sysctl -w net.ipv4.ip_forward=1",
    "campus$ xfreerdp /v:10.9.0.1",
  ],
  seen: {
    en: "With 0 the server alone, with 1 the whole campus; a forward chain that drops shuts it again, and the server still gets in.",
    ja: "0 ならサーバーだけ、1 なら campus 全体が入れる。forward チェーンで捨てればまた閉じ、サーバーだけは入れる。",
  },
  why: {
    en: "tun0 is an interface like any other. A server that routes, as one with Docker or a VPN does, routes into it, too; home sees packets from strangers' addresses.",
    ja: "tun0 はただのインターフェース。Docker や VPN のあるサーバーのように経路を中継する機械は、そこへも中継する。自宅には他人のアドレスからのパケットが届く。",
  },
});

const up = (address: string) => ["sh", "-c", `ip addr add ${address}/30 dev tun0 && ip link set tun0 up`];
const route = (verb: string) => ["ip", "route", verb, "10.9.0.1", "via", "198.51.100.10"];
const dial = (patience: number) => ["curl", "-sS", "-m", String(patience), "http://10.9.0.1:3389/hello"];
const noAnswer = { code: 28, stdout: "" };
const dropForwarded = "table inet filter {\n  chain forward {\n    type filter hook forward priority filter; policy drop;\n  }\n}\n";

test("the server alone, the campus, the server alone", async ({ lab, onTestFinished }) => {
  await lab.use({ sshd: "PermitRootLogin yes\nPermitTunnel yes\n", firewall: null, accounts: { root: {} } });
  const desktop = await lab.home.serve(3389);
  await lab.home.equip();
  onTestFinished(async () => {
    await lab.campus.run(route("del"));
  });
  await lab.home.start(["ssh", "-v", "-N", "-w", "0:0", "root@server"], { says: /tunnel forward established/ });
  await lab.home.run(up("10.9.0.1"));
  await lab.home.run(["ip", "route", "add", "198.51.100.20", "dev", "tun0"]);
  await lab.server.run(up("10.9.0.2"));
  await lab.campus.run(route("add"));

  await lab.server.set({ "net.ipv4.ip_forward": 0 });
  expect((await lab.server.run(dial(20))).stdout).toContain(desktop.identity);
  expect(await lab.campus.run(dial(2))).toMatchObject(noAnswer);

  await lab.server.set({ "net.ipv4.ip_forward": 1 });
  expect((await lab.campus.run(dial(20))).stdout).toContain(desktop.identity);

  await lab.use({ firewall: dropForwarded });
  expect(await lab.campus.run(dial(2))).toMatchObject(noAnswer);
  expect((await lab.server.run(dial(20))).stdout).toContain(desktop.identity);
});
