import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "services",
  title: {
    en: "ssh to a forwarded port is a login at home: home's accounts, home's host key, and the server cannot pass for it",
    ja: "転送したポートへの ssh は自宅へのログイン。アカウントもホスト鍵も自宅のもので、サーバーはなりすませない",
  },
  question: {
    en: "After `-R :2222:localhost:22`, whose shell does `ssh -p 2222 alice@server` give, and whose host key does it show?",
    ja: "`-R :2222:localhost:22` のあと、`ssh -p 2222 alice@server` で得るのは誰のシェルか。見えるホスト鍵は誰のものか。",
  },
  predict: {
    en: "The server has no account alice. And what does the client say when the port leads to the server's own sshd one day?",
    ja: "サーバーに alice というアカウントはない。ある日ポートの先がサーバー自身の sshd に変わったら、クライアントは何と言うか。",
  },
  commands: [
    "home$ ssh -R :2222:localhost:22 tunnel@server",
    "other-lan$ ssh -p 2222 -o HostKeyAlias=home alice@server hostname",
    "other-lan$ ssh-keygen -F home",
  ],
  seen: {
    en: "A shell at home, and home's key, which HostKeyAlias files under home. When the port leads to the server's sshd, ssh refuses: the identification has changed.",
    ja: "自宅のシェルと自宅の鍵で、HostKeyAlias により鍵は home の名で控えられる。ポートの先がサーバーの sshd に変わると、識別情報が変わったとして ssh は拒む。",
  },
  why: {
    en: "The second ssh runs from the other LAN to home, inside the first. The server carries it, and has neither home's key nor the session's.",
    ja: "二つ目の ssh は、一つ目の中を通って別の LAN から自宅まで続く。サーバーは運ぶだけで、自宅の鍵もセッションの鍵も持たない。",
  },
});

const test = labTest({ sshd: "GatewayPorts clientspecified\n" });

const hostKey = "/etc/ssh/ssh_host_ed25519_key";
const setUpHome = ["sh", "-c", `ssh-keygen -q -t ed25519 -N '' -f ${hostKey} && useradd -m -p '*' alice`];
const known = "/root/.ssh/known_homes";
const trust = ["-o", `UserKnownHostsFile=${known}`, "-o", "HostKeyAlias=home", "-o", "StrictHostKeyChecking=accept-new"];
const visit = ["ssh", ...trust, "-i", "/root/.ssh/tunnel", "-p", "2222", "alice@server", "hostname; whoami"];

test("the login ends at home, and nowhere else", async ({ lab }) => {
  await lab.otherLan.equip();
  const visitor = await lab.otherLan.run(["ssh-keygen", "-y", "-f", "/root/.ssh/tunnel"]);
  await lab.home.run(setUpHome);
  await lab.home.write({ "/etc/ssh/sshd_config": "AuthorizedKeysFile /etc/ssh/keys\n", "/etc/ssh/keys": visitor.stdout });
  await lab.home.start(["/usr/sbin/sshd", "-D", "-e"], { listensOn: 22 });
  const atHome = await lab.home.ssh("-R", ":2222:localhost:22", { service: false });

  expect(await lab.otherLan.run(visit)).toMatchObject({ code: 0, stdout: "home\nalice\n" });
  const [, key] = (await lab.home.run(["cat", `${hostKey}.pub`])).stdout.split(" ");
  expect((await lab.otherLan.run(["ssh-keygen", "-F", "home", "-f", known])).stdout).toContain(` ssh-ed25519 ${key}`);

  await atHome.kill();
  await expect.poll(() => lab.server.listeners(2222)).toEqual([]);
  await using elsewhere = await lab.internet.ssh("-R", ":2222:198.51.100.10:22", { service: false });
  expect(elsewhere.granted).toBe(true);

  const { code, stderr } = await lab.otherLan.run(visit);
  expect(code).toBe(255);
  expect(stderr).toContain("REMOTE HOST IDENTIFICATION HAS CHANGED");
});
