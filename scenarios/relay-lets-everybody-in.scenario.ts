import { articleLab, expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "alternatives",
  title: {
    en: "A relay's tunnel opens home to everyone who knows its name: neither NAT nor your own firewall stands in the way",
    ja: "中継サービスのトンネルでは、名前を知っていれば誰でも自宅に接続できる。NAT も自分のファイアウォールも効かない",
  },
  question: {
    en: "A program at home keeps a connection to a relay on the internet, which accepts the visitors. Your server's firewall lets in only other-lan. Who sees the page?",
    ja: "自宅のプログラムがインターネット上の中継サービスに接続し、外からの接続は中継サービスが受け付けます。自分のサーバーのファイアウォールは other-lan だけを許可します。ページを見られるのは誰ですか。",
  },
  predict: {
    en: "The other LAN, and a host on campus: through the relay, and through ssh -R on your own server? And after the program at home has stopped?",
    ja: "別の LAN と campus のホストは、中継サービスを通した場合と、自分のサーバーの ssh -R を通した場合で、どうなりますか。自宅のプログラムが終了した後はどうですか。",
  },
  commands: [
    "relay$ haproxy -f relay.cfg",
    "home$ haproxy -f home.cfg",
    "campus$ curl http://home.relay.example/",
    "home$ ssh -R :8080:localhost:80 server",
    "campus$ curl http://server:8080/",
  ],
  seen: {
    en: "Through the relay everyone, as long as the program at home runs. Through the server, only those its firewall lets in.",
    ja: "中継サービスを通すと、自宅のプログラムが動いている間は誰でも見られます。サーバーを通すと、ファイアウォールが許可した相手だけです。",
  },
  why: {
    en: "Home connects outwards, so NAT does not get in the way, and visitors bypass your server. Only the relay, or the program itself, can decide who gets in.",
    ja: "自宅から外へ接続するので NAT は妨げにならず、接続は自分のサーバーを通りません。誰を許可するかを決められるのは、中継サービスか、自宅のプログラム自身だけです。",
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

/** HAProxy calls it reverse HTTP: home connects, and the relay sends its requests back over that connection. */
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

test("everyone sees the page, as long as the program at home runs", async ({ lab }) => {
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

test("control: through your own server the firewall decides", async ({ lab }) => {
  await lab.use({ firewall });
  await using forward = await lab.home.ssh("-R", ":8080:localhost:80");

  await expect(lab.otherLan).toReach(forward);
  await expect(lab.campus).toSee(forward, "filtered", { by: "server-firewall" });
});
