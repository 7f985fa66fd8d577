import { articleLab, expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "myths",
  title: {
    en: '"I never configured IPv6, so nobody uses it": the server\'s neighbours can, on an address that nobody assigned',
    ja: "「IPv6 は設定していないから使われない」は誤り。隣のホストは、自動的に付いたアドレスで接続できる",
  },
  question: {
    en: "The server has an IPv4 address and no other, and a firewall in a table `ip`. Who can reach the forwarded port?",
    ja: "サーバーに設定したのは IPv4 アドレス 1 つだけで、ファイアウォールは `ip` テーブルにあります。転送ポートに接続できるのは誰ですか。",
  },
  predict: {
    en: "A host on the same network: over IPv4, and over the server's fe80:: address? And with net.ipv6.conf.all.disable_ipv6=1?",
    ja: "同じネットワークのホストは、IPv4 と、サーバーの fe80:: アドレスで接続できますか。net.ipv6.conf.all.disable_ipv6=1 ならどうなりますか。",
  },
  commands: [
    "server$ ip -6 addr show dev eth0",
    "home$ ssh -R :43234:localhost:3389 server",
    "campus$ curl 'http://[fe80::…%eth0]:43234/'",
  ],
  seen: {
    en: "IPv4 is closed, fe80:: is open. With IPv6 disabled the address is gone; with a table `inet` the rules cover it too.",
    ja: "IPv4 では閉じていますが、fe80:: では開いています。IPv6 を無効にするとアドレスはなくなります。`inet` テーブルなら、ルールが IPv6 にも適用されます。",
  },
  why: {
    en: "Linux gives every interface a link-local address when it comes up, and the colon listens on [::]. Only neighbours can use it; in a data centre those may be many.",
    ja: "Linux は、有効になったインターフェースにリンクローカルアドレスを付け、コロンがあると [::] でも待ち受けます。使えるのは隣のホストだけですが、データセンターでは多数のことがあります。",
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

test("the neighbour is kept out over IPv4, and gets in over fe80::", async ({ lab }) => {
  await lab.use({ firewall: rules("ip") });
  const desktop = await lab.home.serve(3389);
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389", { service: false });
  expect(forward.listeners).toContain("[::]:43234");
  const address = (await lab.server.run(linkLocal)).stdout.trim();

  await expect(lab.campus).toSee(forward, "filtered", { family: 4, by: "server-firewall" });
  await expect(lab.campus).toReach(forward, { address: `${address}%eth0` });
  expect((await lab.campus.run(visit(`[${address}%25eth0]`, 20))).stdout).toContain(desktop.identity);
});

test("control: a table inet closes both", async ({ lab }) => {
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
