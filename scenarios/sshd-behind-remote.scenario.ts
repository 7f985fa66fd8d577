import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "services",
  title: {
    en: "Behind -R, home's sshd cannot tell its visitors apart: AllowUsers, Match Address and from= see loopback",
    ja: "-R の先にある自宅の sshd は訪問者を区別できない。AllowUsers も Match Address も from= も、見るのはループバック",
  },
  question: {
    en: "Home's sshd_config says AllowUsers alice@203.0.113.50, the other LAN's address. Does alice get in from there, through the forward?",
    ja: "自宅の sshd_config には AllowUsers alice@203.0.113.50 (別の LAN のアドレス) とある。alice はそこから転送を通って入れるか。",
  },
  predict: {
    en: "And with alice@127.0.0.1 and alice@::1: is that the other LAN alone?",
    ja: "alice@127.0.0.1 と alice@::1 ならどうか。入れるのは別の LAN だけか。",
  },
  commands: [
    "home# echo 'AllowUsers alice@203.0.113.50' >> /etc/ssh/sshd_config",
    "home$ ssh -R :2222:localhost:22 tunnel@server",
    "other-lan$ ssh -p 2222 alice@server",
    "internet$ ssh -p 2222 alice@server",
  ],
  seen: {
    en: "She is turned away, as alice from ::1. With loopback allowed a stranger on the internet who has her key gets in just as well.",
    ja: "::1 からの alice として断られる。ループバックを許せば、彼女の鍵を持つ第三者もインターネットから同じように入れる。",
  },
  why: {
    en: "It is ssh at home that dials home's sshd. Addresses are checked where they can still be seen: by the server's firewall, or by who may log in there.",
    ja: "自宅の sshd にダイヤルするのは自宅の ssh。アドレスは、まだ見える所で調べるしかない。サーバーのファイアウォールか、そこへのログインで。",
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
    // Control: who comes directly is seen as who it is.
    expect(await lab.homeLan.run(visitDirectly)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^192\.168\.1\.20 /) });
  }
  await using _sshd = await allow("127.0.0.1,::1");
  for (const visitor of [lab.otherLan, lab.internet])
    expect(await visitor.run(visit)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^(127\.0\.0\.1|::1) /) });
});
