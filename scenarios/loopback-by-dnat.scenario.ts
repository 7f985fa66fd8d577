import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "firewall-and-nat",
  title: {
    en: "A DNAT rule to 127.0.0.1 opens a loopback forward to everyone once route_localnet is 1",
    ja: "route_localnet が 1 なら、127.0.0.1 への DNAT ルールで、ループバックの転送が誰にでも開く",
  },
  question: {
    en: "The forward listens only on 127.0.0.1 and ::1. Can a firewall rule still let strangers in?",
    ja: "転送は 127.0.0.1 と ::1 だけで待ち受けています。それでも、ファイアウォールのルールによって第三者が接続できるようになりますか。",
  },
  predict: {
    en: "With the DNAT rule, with route_localnet=1, with both?",
    ja: "DNAT のルールだけの場合、route_localnet=1 だけの場合、両方の場合、それぞれどうなりますか。",
  },
  commands: [
    "home$ ssh -R 43234:localhost:3389 server",
    "server# nft add rule ip nat prerouting tcp dport 8080 dnat to 127.0.0.1:43234",
    "server# sysctl -w net.ipv4.conf.eth0.route_localnet=1",
    "internet$ curl http://server:8080/",
  ],
  seen: {
    en: "Either one alone opens nothing; both together let a stranger in. sshd still has GatewayPorts no, and ss still shows only loopback.",
    ja: "一方だけでは何も開きませんが、両方がそろうと第三者も接続できます。それでも sshd の設定は GatewayPorts no で、ss に見えるのもループバックだけです。",
  },
  why: {
    en: "By default the kernel drops packets from outside for 127.0.0.0/8; route_localnet lifts that. Some container engines set it for published ports.",
    ja: "既定では、カーネルは外から来た 127.0.0.0/8 宛てのパケットを破棄しますが、route_localnet はこれを解除します。公開ポートのためにこれを設定するコンテナエンジンもあります。",
  },
});

const dnat = `
table ip nat {
  chain prerouting {
    type nat hook prerouting priority dstnat;
    iifname "eth0" tcp dport 8080 dnat to 127.0.0.1:43234
  }
}
`;
const table = [
  { rule: true, local: 1, open: true },
  { rule: true, local: 0, open: false },
  { rule: false, local: 1, open: false },
];

test.for(table)("DNAT rule $rule, route_localnet $local: open is $open", async ({ rule, local, open }, { lab }) => {
  await lab.use({ sshd: "GatewayPorts no\n", firewall: rule ? dnat : null });
  await lab.server.set({ "net.ipv4.conf.eth0.route_localnet": local });
  const desktop = await lab.home.serve(3389);
  await using forward = await lab.home.ssh("-R", "43234:localhost:3389", { service: false });
  expect(forward.listeners).toEqual(["127.0.0.1:43234", "[::1]:43234"]);

  const visit = await lab.internet.run(["curl", "-sS", "-m", open ? "20" : "2", "http://198.51.100.10:8080/hello"]);

  if (open) expect(visit.stdout).toContain(desktop.identity);
  else expect(visit).toMatchObject({ code: rule ? 28 : 7, stdout: "" });
});
