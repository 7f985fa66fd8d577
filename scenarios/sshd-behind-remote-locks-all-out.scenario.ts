import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "services",
  title: {
    en: "Behind -R, one stranger's failed logins lock everyone out of home's sshd",
    ja: "-R の先にある自宅の sshd では、第三者 1 人のログイン失敗で、転送を使う全員が締め出される",
  },
  question: {
    en: "A stranger tries wrong keys on server:2222, which leads to home's sshd. What happens to alice, who has the right one?",
    ja: "第三者が、自宅の sshd につながる server:2222 で誤った鍵を試します。正しい鍵を持つ alice はどうなりますか。",
  },
  predict: {
    en: "alice through the forward? alice from another host on home's LAN?",
    ja: "転送を通る alice と、自宅と同じ LAN のホストから接続する alice は、それぞれログインできますか。",
  },
  commands: [
    "home$ ssh -R :2222:localhost:22 tunnel@server",
    "internet$ for i in 1 2 3 4 5; do ssh -i wrong -p 2222 alice@server; done",
    "other-lan$ ssh -p 2222 alice@server",
  ],
  seen: {
    en: "After a few failures alice is locked out too; from home's LAN she still gets in. With loopback in PerSourcePenaltyExemptList, nobody is locked out.",
    ja: "数回失敗すると alice も締め出されますが、自宅の LAN からはログインできます。PerSourcePenaltyExemptList にループバックを加えれば、誰も締め出されません。",
  },
  why: {
    en: "Since 9.8 sshd, like fail2ban, blocks addresses with many failures, and all visitors of the forward share one. Block them on the server, which can tell them apart.",
    ja: "9.8 以降の sshd は、fail2ban のように、失敗を繰り返すアドレスをブロックします。転送を通る接続は、すべて同じアドレスになります。ブロックするなら、アドレスを区別できるサーバー側で行ってください。",
  },
});

const test = labTest({ sshd: "GatewayPorts clientspecified\n", images: { "home-lan": "forwardlab/host", internet: "forwardlab/host" } });

const hostKey = "/etc/ssh/ssh_host_ed25519_key";
const setUpHome = ["sh", "-c", `test -e ${hostKey} || { ssh-keygen -q -t ed25519 -N '' -f ${hostKey} && useradd -m -p '*' alice; }`];
const makeWrongKey = ["sh", "-c", "test -e /root/wrong || ssh-keygen -q -t ed25519 -N '' -f /root/wrong"];

const quietly = ["BatchMode=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null"].flatMap((option) => ["-o", option]);
const through = (key: string) => ["ssh", ...quietly, "-i", key, "-p", "2222", "alice@server", "hostname"];
const direct = ["ssh", ...quietly, "-i", "/root/.ssh/tunnel", "alice@192.168.1.10", "hostname"];
const letIn = { code: 0, stdout: "home\n" };

test("a few wrong keys lock alice out", async ({ lab }) => {
  for (const host of [lab.otherLan, lab.homeLan]) await host.equip();
  const { stdout: key } = await lab.otherLan.run(["ssh-keygen", "-y", "-f", "/root/.ssh/tunnel"]);
  await lab.home.run(setUpHome);
  await lab.internet.run(makeWrongKey);
  await lab.home.write({ "/etc/ssh/sshd_config": "AuthorizedKeysFile /etc/ssh/keys\n", "/etc/ssh/keys": key });
  const sshd = await lab.home.start(["/usr/sbin/sshd", "-D", "-e"], { listensOn: 22 });
  await using _forward = await lab.home.ssh("-R", ":2222:localhost:22", { service: false });
  expect(await lab.otherLan.run(through("/root/.ssh/tunnel"))).toMatchObject(letIn);

  const wrongLogin = async () => {
    await lab.internet.run(through("/root/wrong"));
    return sshd.lines.map(({ text }) => text).join("\n");
  };
  await expect.poll(wrongLogin, { timeout: 60_000 }).toMatch(/drop connection .* from \[::1\].* penalty: failed authentication/);

  expect(await lab.otherLan.run(through("/root/.ssh/tunnel"))).toMatchObject({ code: 255, stdout: "" });
  expect(await lab.homeLan.run(direct)).toMatchObject(letIn);
});

test("control: with loopback exempt, alice still gets in", async ({ lab }) => {
  await lab.otherLan.equip();
  const { stdout: key } = await lab.otherLan.run(["ssh-keygen", "-y", "-f", "/root/.ssh/tunnel"]);
  await lab.home.run(setUpHome);
  await lab.internet.run(makeWrongKey);
  const config = "AuthorizedKeysFile /etc/ssh/keys\nPerSourcePenaltyExemptList 127.0.0.1,::1\n";
  await lab.home.write({ "/etc/ssh/sshd_config": config, "/etc/ssh/keys": key });
  await lab.home.start(["/usr/sbin/sshd", "-D", "-e"], { listensOn: 22 });
  await using _forward = await lab.home.ssh("-R", ":2222:localhost:22", { service: false });

  for (let count = 0; count < 8; count++) expect((await lab.internet.run(through("/root/wrong"))).stderr).toContain("Permission denied");

  expect(await lab.otherLan.run(through("/root/.ssh/tunnel"))).toMatchObject(letIn);
});
