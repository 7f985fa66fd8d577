import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "Match LocalPort gives one sshd two doors: forwarding through port 2222, none through port 22",
    ja: "Match LocalPort があれば、一つの sshd に入口が二つできる。2222 番では転送でき、22 番ではできない",
  },
  question: {
    en: "sshd listens on 22 and 2222. Can forwarding be for those who come in by 2222 alone?",
    ja: "sshd が 22 番と 2222 番で待ち受ける。転送を 2222 番から入った人だけに許せるか。",
  },
  predict: {
    en: "The same account and the same key, by each of the two ports: what does -R get?",
    ja: "同じアカウント、同じ鍵で、それぞれのポートから入る。-R はどうなるか。",
  },
  commands: [
    "home$ ssh -p 22 -R 43234:localhost:3389 server",
    "home$ ssh -p 2222 -R 43234:localhost:3389 server",
    "server# sshd -T -C lport=2222 | grep -i allowtcp",
  ],
  seen: {
    en: "Refused by 22, granted by 2222. With such a Match, sshd -T says nothing at all until it is given lport=.",
    ja: "22 番では拒否され、2222 番では許される。この Match があると、sshd -T は lport= を渡すまで何も答えない。",
  },
  why: {
    en: "The port on which a connection came in is one of the things that Match looks at. A firewall can then say who gets to which door.",
    ja: "接続が入ってきたポートは、Match が見るものの一つ。どちらの入口に誰が来られるかは、ファイアウォールで決められる。",
  },
});

const sshd = "Port 22\nPort 2222\nAllowTcpForwarding no\nMatch LocalPort 2222\n  AllowTcpForwarding yes\n";

test("by port 2222 it is granted", async ({ lab }) => {
  await lab.use({ sshd });
  await using forward = await lab.home.ssh("-p", "2222", "-R", "43234:localhost:3389");
  await expect(lab.server).toReach(forward);
});

test("control: by port 22 it is refused, by the line above the block", async ({ lab }) => {
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
