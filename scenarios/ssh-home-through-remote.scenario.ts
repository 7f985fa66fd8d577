import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "services",
  title: {
    en: "ssh to a forwarded port is a login at home, with home's accounts and host key",
    ja: "転送ポートへの ssh は、自宅へのログインになる。アカウントもホスト鍵も自宅のもの",
  },
  question: {
    en: "After `-R :2222:localhost:22`, whose shell does `ssh -p 2222 alice@server` open, and whose host key does it show?",
    ja: "`-R :2222:localhost:22` の後、`ssh -p 2222 alice@server` で開くのは誰のシェルですか。ホスト鍵は誰のものですか。",
  },
  predict: {
    en: "The server has no account alice. And what does the client say if the port later leads to the server's own sshd?",
    ja: "サーバーに alice のアカウントはありません。後でポートの先がサーバー自身の sshd に変わると、クライアントはどう反応しますか。",
  },
  commands: [
    "home$ ssh -R :2222:localhost:22 tunnel@server",
    "other-lan$ ssh -p 2222 -o HostKeyAlias=home alice@server hostname",
    "other-lan$ ssh-keygen -F home",
  ],
  seen: {
    en: "A shell at home, and home's key, which HostKeyAlias stores under the name home. Once the port leads to the server's sshd, ssh refuses: the host identification has changed.",
    ja: "シェルもホスト鍵も自宅のもので、HostKeyAlias により鍵は home という名前で記録されます。ポートの先がサーバーの sshd に変わると、ホスト鍵が変わったとして ssh は接続を拒否します。",
  },
  why: {
    en: "The second ssh runs from the other LAN to home, inside the first. The server only carries it, and has neither home's host key nor the session keys.",
    ja: "2 つ目の ssh は、1 つ目の中を通り、別の LAN から自宅まで続いています。サーバーは中継するだけで、自宅のホスト鍵もセッションの鍵も持っていません。",
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
