import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "services",
  title: {
    en: "Behind -R, home's sshd cannot tell its visitors apart: AllowUsers, Match Address and from= see loopback",
    ja: "-R の先にある自宅の sshd は、接続元を区別できない。AllowUsers、Match Address、from= から見えるのはループバックだけ",
  },
  question: {
    en: "Home's sshd_config has AllowUsers alice@203.0.113.50, the other LAN's address. Can alice log in from there, through the forward?",
    ja: "自宅の sshd_config に AllowUsers alice@203.0.113.50（別の LAN のアドレス）があります。alice はそこから転送を通してログインできますか。",
  },
  predict: {
    en: "And with alice@127.0.0.1 and alice@::1: does that let in only the other LAN?",
    ja: "alice@127.0.0.1 と alice@::1 ならどうですか。ログインできるのは別の LAN だけですか。",
  },
  commands: [
    "home# echo 'AllowUsers alice@203.0.113.50' >> /etc/ssh/sshd_config",
    "home$ ssh -R :2222:localhost:22 tunnel@server",
    "other-lan$ ssh -p 2222 alice@server",
    "internet$ ssh -p 2222 alice@server",
  ],
  seen: {
    en: "No: she is denied, as alice from ::1. With loopback allowed, anyone on the internet who has her key gets in just as well.",
    ja: "::1 からの alice とみなされ、拒否されます。ループバックを許可すると、鍵を持っていれば、インターネット上の誰でも同じようにログインできます。",
  },
  why: {
    en: "ssh at home connects to home's sshd. Check addresses where they are still visible: in the server's firewall, or in the server's own login rules.",
    ja: "自宅の sshd に接続するのは、自宅の ssh です。アドレスは、まだ見えるところで確認してください。サーバーのファイアウォールか、サーバー自身のログインの設定です。",
  },
});

const test = labTest({
  sshd: "GatewayPorts clientspecified\n",
  images: { "home-lan": "forwardlab/host", internet: "forwardlab/host" },
});

const hostKey = "/etc/ssh/ssh_host_ed25519_key";
const setUpHome = ["sh", "-c", `test -e ${hostKey} || { ssh-keygen -q -t ed25519 -N '' -f ${hostKey} && useradd -m -p '*' alice; }`];
const options = ["-i", "/root/.ssh/tunnel", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"];
const visit = ["ssh", ...options, "-p", "2222", "alice@server", "echo $SSH_CONNECTION"];
const visitDirectly = ["ssh", ...options, "alice@192.168.1.10", "echo $SSH_CONNECTION"];
const showKey = ["ssh-keygen", "-y", "-f", "/root/.ssh/tunnel"];

test.for([
  { rule: "AllowUsers", config: (from: string) => `AllowUsers alice@${from.replaceAll(",", " alice@")}` },
  { rule: "Match Address", config: (from: string) => `PubkeyAuthentication no\nMatch Address ${from}\n  PubkeyAuthentication yes` },
  { rule: "from=", config: () => "", keyOptions: (from: string) => `from="${from}" ` },
])("$rule sees loopback", async ({ config, keyOptions }, { lab }) => {
  for (const host of [lab.otherLan, lab.internet, lab.homeLan]) await host.equip();
  const key = (await lab.otherLan.run(showKey)).stdout;
  await lab.home.run(setUpHome);
  await using _forward = await lab.home.ssh("-R", ":2222:localhost:22", { service: false });
  const allow = async (from: string) => {
    await lab.home.write({
      "/etc/ssh/sshd_config": `AuthorizedKeysFile /etc/ssh/keys\n${config(from)}\n`,
      "/etc/ssh/keys": `${keyOptions?.(from) ?? ""}${key}`,
    });
    return lab.home.start(["/usr/sbin/sshd", "-D", "-e"], { listensOn: 22 });
  };

  {
    await using sshd = await allow("203.0.113.50,192.168.1.20");
    expect(await lab.otherLan.run(visit)).toMatchObject({ code: 255, stderr: expect.stringContaining("Permission denied") });
    await expect.poll(() => sshd.lines.map(({ text }) => text).join("\n")).toMatch(/alice (from )?(127\.0\.0\.1|::1) /);
    // Control: a direct connection shows the client's own address.
    expect(await lab.homeLan.run(visitDirectly)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^192\.168\.1\.20 /) });
  }
  await using _sshd = await allow("127.0.0.1,::1");
  for (const visitor of [lab.otherLan, lab.internet])
    expect(await visitor.run(visit)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^(127\.0\.0\.1|::1) /) });
});
