import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "other-ways",
  title: {
    en: "Routes and ip_forward on the server decide who else gets into a -w tunnel; sshd has no say",
    ja: "-w のトンネルをほかに誰が使えるかを決めるのは、サーバーの経路と ip_forward。sshd は関与しない",
  },
  question: {
    en: "Home and the server are joined by -w. Can a host next to the server reach home?",
    ja: "自宅とサーバーが -w でつながっています。サーバーの隣のホストは、自宅に接続できますか。",
  },
  predict: {
    en: "With ip_forward 0? With ip_forward 1? With ip_forward 1 and a firewall that drops forwarded packets?",
    ja: "ip_forward が 0 の場合、1 の場合、1 で転送パケットを破棄するファイアウォールがある場合、それぞれどうなりますか。",
  },
  commands: [
    "home# ssh -N -w 0:0 root@server",
    "campus# ip route add 10.9.0.1 via 198.51.100.10",
    "server# sysctl -w net.ipv4.ip_forward=1",
    "campus$ xfreerdp /v:10.9.0.1",
  ],
  seen: {
    en: "With 0 only the server, with 1 the campus too; a forward chain that drops shuts it out again, and the server still gets in.",
    ja: "0 ならサーバーだけ、1 なら campus のホストも接続できます。forward チェーンで破棄すれば campus からは届かなくなり、サーバーは引き続き接続できます。",
  },
  why: {
    en: "tun0 is an ordinary interface. A server that routes, as one with Docker or a VPN does, also routes into the tunnel; home then sees packets from strangers' addresses.",
    ja: "tun0 は普通のインターフェースです。Docker や VPN のあるサーバーのようにパケットを転送するホストは、トンネルにも転送します。自宅には、第三者のアドレスからのパケットが届きます。",
  },
});

const up = (address: string) => ["sh", "-c", `ip addr add ${address}/30 dev tun0 && ip link set tun0 up`];
const route = (verb: string) => ["ip", "route", verb, "10.9.0.1", "via", "198.51.100.10"];
const dial = (patience: number) => ["curl", "-sS", "-m", String(patience), "http://10.9.0.1:3389/hello"];
const noAnswer = { code: 28, stdout: "" };
const dropForwarded = "table inet filter {\n  chain forward {\n    type filter hook forward priority filter; policy drop;\n  }\n}\n";

test("the server only, the campus too, the server only", async ({ lab, onTestFinished }) => {
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
