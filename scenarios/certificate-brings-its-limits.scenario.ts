import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "A certificate carries its own limits, source address and validity; the server needs no entry for its owner",
    ja: "証明書は、接続元アドレスや有効期間の制限を自ら持つ。サーバーに所有者ごとの設定は要らない",
  },
  question: {
    en: "The server knows one CA and none of alice's keys. Can a certificate be valid from home only, and for one year only?",
    ja: "サーバーが知っているのは CA だけで、alice の鍵は登録されていません。自宅からだけ、1 年間だけ有効な証明書は作れますか。",
  },
  predict: {
    en: "With source-address set to home's public address? To the other LAN's? With an expired certificate?",
    ja: "source-address が自宅の公開アドレスの場合、別の LAN の場合、証明書の期限が切れている場合、それぞれどうなりますか。",
  },
  commands: [
    "home$ ssh-keygen -s ca -I alice -n alice -O source-address=203.0.113.7 -V +52w id.pub",
    "home$ ssh -4 -R 43234:localhost:3389 alice@server",
  ],
  seen: {
    en: "Only the first one logs in and forwards. The other two get Permission denied (publickey).",
    ja: "ログインして転送できるのは最初のものだけです。ほかの 2 つは Permission denied (publickey) になります。",
  },
  why: {
    en: "The limits are signed together with the key, and sshd checks them at login. The address that counts is the one that sshd sees: the NAT's.",
    ja: "制限は鍵と一緒に署名され、sshd がログイン時に確認します。比較されるのは sshd から見えるアドレス、つまり NAT のアドレスです。",
  },
});

const key = "/root/.ssh/id";
const forward = ["-R", "43234:localhost:3389", "alice@server", "curl -sS http://localhost:43234/hello"];
const table = [
  { limits: ["-O", "source-address=203.0.113.7", "-V", "+52w"], allowed: true },
  { limits: ["-O", "source-address=203.0.113.50", "-V", "+52w"], allowed: false },
  { limits: ["-O", "source-address=203.0.113.7", "-V", "-2w:-1w"], allowed: false },
];

test("from the right address, while it is valid", async ({ lab }) => {
  await lab.use({ sshd: "TrustedUserCAKeys /etc/ssh/ca.pub\n", accounts: { alice: { keys: [] } } });
  const desktop = await lab.home.serve(3389);
  await lab.home.equip();
  await lab.home.run(["sh", "-c", "cd /root/.ssh && ssh-keygen -q -t ed25519 -N '' -f ca && ssh-keygen -q -t ed25519 -N '' -f id"]);
  await lab.server.write({ "/etc/ssh/ca.pub": (await lab.home.run(["cat", "/root/.ssh/ca.pub"])).stdout });

  for (const { limits, allowed } of table) {
    await lab.home.run(["ssh-keygen", "-q", "-s", "/root/.ssh/ca", "-I", "alice", "-n", "alice", ...limits, `${key}.pub`]);
    const result = await lab.home.run(["ssh", "-4", "-F", "none", "-i", key, "-o", "BatchMode=yes", ...forward]);
    if (allowed) expect(result.stdout).toContain(desktop.identity);
    else expect(result).toMatchObject({ code: 255, stdout: "", stderr: expect.stringContaining("Permission denied (publickey") });
  }
});
