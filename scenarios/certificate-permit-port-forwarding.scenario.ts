import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "A certificate without permit-port-forwarding cannot forward, whatever sshd_config allows",
    ja: "permit-port-forwarding のない証明書では、sshd_config で許可されていても転送できない",
  },
  question: {
    en: "sshd trusts a CA and allows forwarding. alice logs in with a certificate from that CA. May she forward?",
    ja: "sshd は CA を信頼し、転送を許可しています。alice はその CA の証明書でログインします。転送できますか。",
  },
  predict: {
    en: "Signed with ssh-keygen's defaults? With `-O clear`? With `-O clear -O permit-port-forwarding`?",
    ja: "ssh-keygen の既定値で署名した場合、`-O clear` の場合、`-O clear -O permit-port-forwarding` の場合、それぞれどうなりますか。",
  },
  commands: [
    "home$ ssh-keygen -s ca -I alice -n alice -O clear -O permit-port-forwarding id.pub",
    "home$ ssh-keygen -L -f id-cert.pub",
    "home$ ssh -R 43234:localhost:3389 alice@server",
  ],
  seen: {
    en: "With the extension, -R and -L work; without it both are refused, although the login succeeds. Nothing changes on the server in between.",
    ja: "拡張があれば -R も -L も使えます。なければログインはできても、どちらも拒否されます。サーバーの設定は何も変えていません。",
  },
  why: {
    en: "Login and forwarding are separate: a certificate proves the name and grants only the extensions it carries. By default ssh-keygen includes them all.",
    ja: "ログインと転送は別の話です。証明書は名前を証明し、含まれている拡張だけを許可します。ssh-keygen は既定ですべての拡張を含めます。",
  },
});

const key = "/root/.ssh/id";
const ssh = ["ssh", "-F", "none", "-i", key];
const remoteForward = ["-R", "43234:localhost:3389", "alice@server", "id -un; curl -s http://localhost:43234/hello"];
const table = [
  { options: [], allowed: true },
  { options: ["-O", "clear"], allowed: false },
  { options: ["-O", "clear", "-O", "permit-port-forwarding"], allowed: true },
  { options: ["-O", "no-port-forwarding"], allowed: false },
];

test("only the certificate differs", async ({ lab }) => {
  await lab.use({ sshd: "TrustedUserCAKeys /etc/ssh/ca.pub\nAllowTcpForwarding yes\n", accounts: { alice: { keys: [] } } });
  const desktop = await lab.home.serve(3389);
  const web = await lab.server.serve(80);
  await lab.home.equip();
  await lab.home.run(["sh", "-c", "cd /root/.ssh && ssh-keygen -q -t ed25519 -N '' -f ca && ssh-keygen -q -t ed25519 -N '' -f id"]);
  await lab.server.write({ "/etc/ssh/ca.pub": (await lab.home.run(["cat", "/root/.ssh/ca.pub"])).stdout });

  for (const { options, allowed } of table) {
    await lab.home.run(["ssh-keygen", "-q", "-s", "/root/.ssh/ca", "-I", "alice", "-n", "alice", ...options, `${key}.pub`]);

    const remote = await lab.home.run([...ssh, ...remoteForward]);
    const local = await lab.home.run([...ssh, "-W", "localhost:80", "alice@server"], { input: "GET /hello HTTP/1.0\r\n\r\n" });

    expect(remote.stdout).toMatch(/^alice\n/);
    if (allowed) {
      expect(remote.stdout).toContain(desktop.identity);
      expect(local.stdout).toContain(web.identity);
    } else {
      expect(remote).toMatchObject({ stdout: "alice\n", stderr: expect.stringContaining("remote port forwarding failed") });
      expect(local).toMatchObject({ code: 255, stdout: "", stderr: expect.stringContaining("administratively prohibited") });
    }
  }
});
