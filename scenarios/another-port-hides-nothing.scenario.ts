import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "myths",
  title: {
    en: '"sshd on another port is hidden": whoever connects there is told what it is; only a firewall keeps the question from being asked',
    ja: "「別のポートの sshd は見つからない」は誤り。そこにつなげば名乗る。尋ねさせないのはファイアウォールだけ",
  },
  question: {
    en: "sshd listens on 2222 in place of 22. What does a stranger who tries ports learn?",
    ja: "sshd は 22 番でなく 2222 番で待ち受ける。ポートを順に試す第三者は、何を知るか。",
  },
  predict: {
    en: "From port 22, from port 2222? And with a firewall that lets home in alone?",
    ja: "22 番と 2222 番から、それぞれ何が返るか。自宅だけを入れるファイアウォールがあればどうか。",
  },
  commands: [
    "internet$ ssh-keyscan -p 22 server",
    "internet$ ssh-keyscan -p 2222 server",
    "home$ ssh -p 2222 -R 43234:localhost:3389 server",
  ],
  seen: {
    en: "22 refuses; 2222 gives name, version and host key to anybody. Behind the firewall the stranger gets no answer, and home still forwards.",
    ja: "22 番は拒否し、2222 番は誰にでも名前と版とホスト鍵を渡す。ファイアウォールの内側なら第三者に答えはなく、自宅は転送できる。",
  },
  why: {
    en: "An SSH server speaks first, before it knows who has come. There are 65535 ports, and trying them takes minutes.",
    ja: "SSH サーバーは、相手が誰かを知る前に先に名乗る。ポートは 65535 個で、全部試しても数分。",
  },
});

const sshd = "Port 2222\n";
const homeAlone = `
table inet filter {
  chain input {
    type filter hook input priority filter; policy drop;
    iif lo accept
    ct state established,related accept
    meta l4proto { icmp, ipv6-icmp } accept
    ip saddr 203.0.113.7 tcp dport 2222 accept
  }
}
`;
const scan = (port: number) => ["ssh-keyscan", "-T", "2", "-t", "ed25519", "-p", String(port), "198.51.100.10"];

test("sshd tells a stranger what it is", async ({ lab }) => {
  await lab.use({ sshd, firewall: null });
  const { stdout: key } = await lab.server.run(["sh", "-c", "cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub"]);

  expect((await lab.internet.run(scan(22))).stdout).toBe("");
  const found = await lab.internet.run(scan(2222));

  expect(found.stdout).toContain(`[198.51.100.10]:2222 ${key}`);
  expect(found.stderr + found.stdout).toMatch(/SSH-2\.0-OpenSSH_/);
});

test("control: a firewall keeps the stranger from asking, and lets home forward", async ({ lab }) => {
  await lab.use({ sshd, firewall: homeAlone });

  expect((await lab.internet.run(scan(2222))).stdout).toBe("");
  await using forward = await lab.home.ssh("-4", "-R", "43234:localhost:3389");
  await expect(lab.server).toReach(forward);
});
