import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "myths",
  title: {
    en: '"sshd on another port is hidden": it identifies itself to anyone who connects; only a firewall hides it',
    ja: "「ポートを変えれば sshd は見つからない」は誤り。接続すれば誰にでも名乗る。隠せるのはファイアウォールだけ",
  },
  question: {
    en: "sshd listens on 2222 instead of 22. What does a stranger scanning ports learn?",
    ja: "sshd は 22 番ではなく 2222 番で待ち受けています。ポートスキャンをする第三者には何がわかりますか。",
  },
  predict: {
    en: "From port 22? From port 2222? And with a firewall that lets only home in?",
    ja: "22 番と 2222 番からは何が返りますか。自宅だけを許可するファイアウォールがあるとどうなりますか。",
  },
  commands: [
    "internet$ ssh-keyscan -p 22 server",
    "internet$ ssh-keyscan -p 2222 server",
    "home$ ssh -p 2222 -R 43234:localhost:3389 server",
  ],
  seen: {
    en: "22 refuses; 2222 tells anyone the software, its version and the host key. Behind the firewall the stranger gets no answer, and home can still forward.",
    ja: "22 番は接続を拒否し、2222 番は誰にでもソフトウェア名、バージョン、ホスト鍵を返します。ファイアウォールがあれば第三者には応答がなく、自宅からは転送できます。",
  },
  why: {
    en: "An SSH server speaks first, before it knows who has connected. There are only 65535 ports, and scanning them all takes minutes.",
    ja: "SSH サーバーは、相手が誰かわかる前に自わから名乗ります。ポートは 65535 個しかなく、すべて調べても数分です。",
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

test("control: a firewall keeps the stranger from connecting, and home can still forward", async ({ lab }) => {
  await lab.use({ sshd, firewall: homeAlone });

  expect((await lab.internet.run(scan(2222))).stdout).toBe("");
  await using forward = await lab.home.ssh("-4", "-R", "43234:localhost:3389");
  await expect(lab.server).toReach(forward);
});
