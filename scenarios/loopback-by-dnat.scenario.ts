import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "firewall-and-nat",
  title: {
    en: "A DNAT rule to 127.0.0.1 opens a forward on loopback to the world, once route_localnet is 1",
    ja: "127.0.0.1 への DNAT は、route_localnet が 1 になったとたん、ループバックの転送を全世界に開く",
  },
  question: {
    en: "The forward listens on 127.0.0.1 alone. Can a rule of the firewall let strangers in all the same?",
    ja: "転送は 127.0.0.1 だけで待ち受ける。それでも、ファイアウォールの規則で第三者が入れるようになるか。",
  },
  predict: {
    en: "With the DNAT rule, with route_localnet=1, with both?",
    ja: "DNAT の規則だけ、route_localnet=1 だけ、両方。それぞれどうなるか。",
  },
  commands: [
    "home$ ssh -R 43234:localhost:3389 server",
    "server# nft add rule ip nat prerouting tcp dport 8080 dnat to 127.0.0.1:43234",
    "server# sysctl -w net.ipv4.conf.eth0.route_localnet=1",
    "internet$ curl http://server:8080/",
  ],
  seen: {
    en: "Each of them alone opens nothing; both together let a stranger in. sshd, GatewayPorts no and ss say nothing of it.",
    ja: "一方だけでは何も開かず、両方がそろうと第三者が入れる。sshd にも GatewayPorts no にも ss にも、それは現れない。",
  },
  why: {
    en: "The kernel drops packets for 127.0.0.0/8 that come from outside, unless it is told otherwise. Container engines tell it so for published ports.",
    ja: "外から来た 127.0.0.0/8 宛てのパケットはカーネルが捨てる。ただし設定で変えられ、コンテナエンジンは公開ポートのために変えることがある。",
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
