import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "A certificate brings its own limits along, source address and time; the server holds no line about its owner",
    ja: "証明書は、接続元アドレスや期限という制限を自分で持ち込む。持ち主についての行はサーバーに一つもない",
  },
  question: {
    en: "The server knows one CA and no key of alice. Can a certificate be good from home alone, and for this year alone?",
    ja: "サーバーが知るのは CA 一つで、alice の鍵は知らない。自宅からだけ、今年だけ有効な証明書は作れるか。",
  },
  predict: {
    en: "source-address with home's public address, with the other LAN's; a certificate that has run out?",
    ja: "source-address が自宅の公開アドレスのとき、別の LAN のもののとき。期限の切れた証明書。それぞれどうなるか。",
  },
  commands: [
    "home$ ssh-keygen -s ca -I alice -n alice -O source-address=203.0.113.7 -V +52w id.pub",
    "home$ ssh -4 -R 43234:localhost:3389 alice@server",
  ],
  seen: {
    en: "Only the first one logs in and forwards. The other two: Permission denied (publickey).",
    ja: "ログインして転送できるのは最初のものだけ。ほかの二つは Permission denied (publickey)。",
  },
  why: {
    en: "The limits are signed with the key, and sshd checks them at the login. The address that counts is the one that sshd sees: the NAT's.",
    ja: "制限は鍵と一緒に署名され、sshd がログイン時に確かめる。問われるのは sshd から見えるアドレス、つまり NAT のもの。",
  },
});

const key = "/root/.ssh/id";
const forward = ["-R", "43234:localhost:3389", "alice@server", "curl -sS http://localhost:43234/hello"];
const table = [
  { limits: ["-O", "source-address=203.0.113.7", "-V", "+52w"], allowed: true },
  { limits: ["-O", "source-address=203.0.113.50", "-V", "+52w"], allowed: false },
  { limits: ["-O", "source-address=203.0.113.7", "-V", "-2w:-1w"], allowed: false },
];

test("from the right address, in its time", async ({ lab }) => {
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
