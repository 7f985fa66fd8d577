import { articleLab, expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "alternatives",
  title: {
    en: "A relay's tunnel opens home to everybody who knows its name: neither NAT nor a firewall of yours stands before it",
    ja: "中継サービスのトンネルは、名前を知る者なら誰にでも自宅を開く。その前には NAT も自分のファイアウォールも立たない",
  },
  question: {
    en: "A program at home keeps a connection to a relay on the internet, which takes the visitors. The firewall of your server lets other-lan in alone. Who sees the page?",
    ja: "自宅のプログラムがインターネット上の中継につながり、訪問者は中継が受ける。自分のサーバーのファイアウォールは別の LAN だけを通す。ページを見られるのは誰か。",
  },
  predict: {
    en: "The other LAN, another machine on campus, with the relay and with ssh -R through your own server? And when the program at home has ended?",
    ja: "別の LAN と、キャンパスの別の機械。中継のときと、自分のサーバー経由の ssh -R のとき。自宅のプログラムが終わったら。",
  },
  commands: [
    "relay$ haproxy -f relay.cfg",
    "home$ haproxy -f home.cfg",
    "campus$ curl http://home.relay.example/",
    "home$ ssh -R :8080:localhost:80 server",
    "campus$ curl http://server:8080/",
  ],
  seen: {
    en: "Through the relay everybody, as long as the program at home runs. Through the server those alone whom its firewall lets in.",
    ja: "中継を通せば、自宅のプログラムが動いている間は誰でも。サーバー経由なら、そのファイアウォールが通す者だけ。",
  },
  why: {
    en: "Home dials out, so NAT does not mind, and the visitors never meet your server. Who may come in is the relay's to decide, or the program's own.",
    ja: "外へつなぐのは自宅なので NAT は妨げず、訪問者は自分のサーバーを通らない。誰を入れるかを決めるのは中継か、自宅のプログラム自身。",
  },
});

const test = labTest({
  sshd: "GatewayPorts clientspecified\n",
  spec: { ...articleLab(), names: { "home.relay.example": ["192.0.2.66"] } },
  images: { internet: "forwardlab/relay", home: "forwardlab/relay" },
});

const firewall = `
table inet filter {
  chain input {
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    meta l4proto { icmp, ipv6-icmp } accept
    tcp dport 22 accept
    ip saddr 203.0.113.50 tcp dport 8080 accept
    ip6 saddr 2001:db8:50::/64 tcp dport 8080 accept
  }
}
`;

/** HAProxy calls it reverse HTTP: home dials, and the connection then serves as the relay's way to home. */
const common = `
global
  expose-experimental-directives
defaults
  mode http
  timeout connect 5s
  timeout client 1m
  timeout server 1m
`;
const relay = `${common}
frontend visitors
  bind :80
  default_backend home
frontend tunnels
  bind :7000 proto h2
  tcp-request session attach-srv home/tunnel
backend home
  server tunnel rhttp@
`;
const home = `${common}
frontend tunnel
  bind rhttp@relay/relay nbconn 1
  default_backend web
backend relay
  server relay home.relay.example:7000 proto h2
backend web
  server web localhost:80
`;

const visit = ["curl", "-sS", "-w", "\n%{http_code}", "http://home.relay.example/hello"];

test("everybody sees the page, as long as the program at home runs", async ({ lab }) => {
  await lab.use({ firewall });
  const web = await lab.home.serve(80);
  await lab.internet.write({ "/tmp/relay.cfg": relay });
  await lab.home.write({ "/tmp/home.cfg": home });
  await lab.internet.start(["haproxy", "-db", "-f", "/tmp/relay.cfg"], { listensOn: 7000 });
  const tunnel = await lab.home.start(["haproxy", "-db", "-f", "/tmp/home.cfg"]);
  const seenFrom = async (host: typeof lab.campus) => (await host.run(visit)).stdout;

  await expect.poll(() => seenFrom(lab.otherLan)).toContain(web.identity);
  expect(await seenFrom(lab.campus)).toContain(web.identity);
  await expect(lab.campus).not.toReach(web);

  await tunnel.kill();
  expect(await seenFrom(lab.campus)).toMatch(/\n503$/);
});

test("control: through the own server the firewall decides", async ({ lab }) => {
  await lab.use({ firewall });
  await using forward = await lab.home.ssh("-R", ":8080:localhost:80");

  await expect(lab.otherLan).toReach(forward);
  await expect(lab.campus).toSee(forward, "filtered", { by: "server-firewall" });
});
