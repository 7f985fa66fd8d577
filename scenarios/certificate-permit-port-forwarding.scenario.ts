import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "A certificate without permit-port-forwarding cannot forward, whatever the config allows",
    ja: "permit-port-forwarding のない証明書では、設定が何を許しても転送できない",
  },
  question: {
    en: "sshd trusts a CA and allows forwarding. alice logs in with a certificate of that CA. May she forward?",
    ja: "sshd は CA を信頼し、転送を許している。alice はその CA の証明書でログインする。転送できるか。",
  },
  predict: {
    en: "Signed as ssh-keygen does by default, with `-O clear`, and with `-O clear -O permit-port-forwarding`?",
    ja: "ssh-keygen の既定の署名、`-O clear`、`-O clear -O permit-port-forwarding` のそれぞれで、どうなるか。",
  },
  commands: [
    "home$ ssh-keygen -s ca -I alice -n alice -O clear -O permit-port-forwarding id.pub",
    "home$ ssh-keygen -L -f id-cert.pub",
    "home$ ssh -R 43234:localhost:3389 alice@server",
  ],
  seen: {
    en: "With the extension -R and -L work, without it both are refused, and nothing on the server was changed in between.",
    ja: "拡張があれば -R も -L も使え、なければどちらも拒否される。その間、サーバーでは何も変えていない。",
  },
  why: {
    en: "Login and forwarding are two things: a certificate proves the name and grants only the extensions that it carries. By default ssh-keygen puts all of them in.",
    ja: "ログインと転送は別のこと。証明書は名前を証明し、載っている拡張だけを与える。ssh-keygen は既定で拡張をすべて載せる。",
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
