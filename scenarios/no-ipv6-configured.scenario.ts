import { articleLab, expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "myths",
  title: {
    en: '"I never configured IPv6, so nobody comes over it": the machines beside the server do, by an address that nobody gave it',
    ja: "「IPv6 は設定していないから誰も来ない」は誤り。隣の機械は、誰も付けた覚えのないアドレスでやって来る",
  },
  question: {
    en: "The server has an IPv4 address and no other, and a firewall in a table `ip`. Who reaches the forwarded port?",
    ja: "サーバーには IPv4 アドレスが一つだけあり、`ip` テーブルのファイアウォールがある。転送されたポートに誰が届くか。",
  },
  predict: {
    en: "A machine on the same network, by IPv4, and by the server's fe80:: address? And with net.ipv6.conf.all.disable_ipv6=1?",
    ja: "同じ網の機械が、IPv4 で、またサーバーの fe80:: アドレスで。net.ipv6.conf.all.disable_ipv6=1 ならどうか。",
  },
  commands: [
    "server$ ip -6 addr show dev eth0",
    "home$ ssh -R :43234:localhost:3389 server",
    "campus$ curl 'http://[fe80::…%eth0]:43234/'",
  ],
  seen: {
    en: "By IPv4 it is shut, by fe80:: it is open. With IPv6 disabled the address is gone, and with a table `inet` the rules hold for it, too.",
    ja: "IPv4 では閉じ、fe80:: では開いている。IPv6 を無効にすればアドレスは消え、`inet` テーブルなら規則はそこにも及ぶ。",
  },
  why: {
    en: "Linux gives every interface a link-local address as soon as it is up, and the colon listens on [::]. Only neighbours can use it; in a data centre that may be many.",
    ja: "Linux は、有効になったインターフェースのすべてにリンクローカルアドレスを付け、コロンは [::] でも待ち受ける。使えるのは隣人だけだが、データセンターでは隣人が多い。",
  },
});

const article = articleLab();
const server = {
  ...article.hosts.server,
  interfaces: article.hosts.server.interfaces.map((each) => ({ ...each, addresses: ["198.51.100.10/24"] })),
};
const test = labTest({ spec: { ...article, hosts: { ...article.hosts, server } }, sshd: "GatewayPorts clientspecified\n" });

const rules = (family: "ip" | "inet") => `
table ${family} filter {
  chain input {
    type filter hook input priority filter; policy drop;
    iif lo accept
    ct state established,related accept
    meta l4proto { icmp, ipv6-icmp } accept
    tcp dport 22 accept
  }
}
`;
const linkLocal = ["sh", "-c", "ip -6 -o addr show dev eth0 scope link | grep -o 'fe80::[0-9a-f:]*'"];
const visit = (address: string, patience: number) => ["curl", "-sS", "-m", String(patience), `http://${address}:43234/hello`];

test("the neighbour is kept out over IPv4, and gets in by fe80::", async ({ lab }) => {
  await lab.use({ firewall: rules("ip") });
  const desktop = await lab.home.serve(3389);
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389", { service: false });
  expect(forward.listeners).toContain("[::]:43234");
  const address = (await lab.server.run(linkLocal)).stdout.trim();

  await expect(lab.campus).toSee(forward, "filtered", { by: "server-firewall" });
  expect((await lab.campus.run(visit(`[${address}%25eth0]`, 20))).stdout).toContain(desktop.identity);
});

test("control: a table inet shuts both", async ({ lab }) => {
  await lab.use({ firewall: rules("inet") });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  const address = (await lab.server.run(linkLocal)).stdout.trim();

  await expect(lab.campus).toSee(forward, "filtered", { by: "server-firewall" });
  expect(await lab.campus.run(visit(`[${address}%25eth0]`, 2))).toMatchObject({ code: 28, stdout: "" });
});

test("control: without IPv6 there is no such address", async ({ lab }) => {
  await lab.server.set({ "net.ipv6.conf.all.disable_ipv6": 1 });
  expect(await lab.server.run(linkLocal)).toMatchObject({ code: 1, stdout: "" });
});
