import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "Match LocalPort gives one sshd two entrances: port 2222 with forwarding, port 22 without",
    ja: "Match LocalPort を使えば、1 つの sshd に入口を 2 つ作れる。2222 番では転送でき、22 番ではできない",
  },
  question: {
    en: "sshd listens on 22 and 2222. Can it allow forwarding only for logins on 2222?",
    ja: "sshd が 22 番と 2222 番で待ち受けています。2222 番からログインしたときだけ転送を許可できますか。",
  },
  predict: {
    en: "With the same account and key on each port: what happens to -R?",
    ja: "同じアカウントと鍵で、それぞれのポートからログインします。-R はどうなりますか。",
  },
  commands: [
    "home$ ssh -p 22 -R 43234:localhost:3389 server",
    "home$ ssh -p 2222 -R 43234:localhost:3389 server",
    "server# sshd -T -C lport=2222 | grep -i allowtcp",
  ],
  seen: {
    en: "Refused on 22, granted on 2222. With such a Match, sshd -T only prints an error unless it is given lport=.",
    ja: "22 番では拒否され、2222 番では許可されます。この Match があると、sshd -T は lport= を指定しないかぎりエラーになります。",
  },
  why: {
    en: "Match can look at the port on which a connection came in. A firewall can then decide who reaches which entrance.",
    ja: "Match では、接続を受け付けたポートも条件にできます。どちらの入口を誰が使えるかは、ファイアウォールで制御できます。",
  },
});

const sshd = "Port 22\nPort 2222\nAllowTcpForwarding no\nMatch LocalPort 2222\n  AllowTcpForwarding yes\n";

test("on port 2222 it is granted", async ({ lab }) => {
  await lab.use({ sshd });
  await using forward = await lab.home.ssh("-p", "2222", "-R", "43234:localhost:3389");
  await expect(lab.server).toReach(forward);
});

test("control: on port 22 it is refused, by the line above the block", async ({ lab }) => {
  await lab.use({ sshd });
  await using forward = await lab.home.ssh("-p", "22", "-R", "43234:localhost:3389");
  await expect(lab.server).toSee(forward, "refused", { by: { layer: "sshd-policy", rule: "AllowTcpForwarding no", line: 3 } });
});

test("sshd -T must be told the port", async ({ lab }) => {
  await lab.use({ sshd });
  const asked = (...connection: string[]) => lab.server.run(["/usr/sbin/sshd", "-T", ...connection]);

  expect(await asked()).toMatchObject({ stdout: "", stderr: expect.stringContaining("'lport' not in connection test specification") });
  expect((await asked("-C", "lport=22")).stdout.toLowerCase()).toContain("allowtcpforwarding no\n");
  expect((await asked("-C", "lport=2222")).stdout.toLowerCase()).toContain("allowtcpforwarding yes\n");
});
