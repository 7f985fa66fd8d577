import { once } from "node:events";
import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "Up to OpenSSH 10.0 a ChannelTimeout in a Match block is shown by sshd -T and does nothing; 10.6 heeds it",
    ja: "OpenSSH 10.0 までは、Match の中の ChannelTimeout は sshd -T に表示されるだけで効かない。10.6 では効く",
  },
  question: {
    en: "ChannelTimeout is one second for all, and one hour for alice. When is alice's idle visitor cut off?",
    ja: "ChannelTimeout は全員に一秒、alice には一時間。alice の暇な訪問者はいつ切られるか。",
  },
  predict: {
    en: "What does sshd -T say for alice, and what does sshd do, in 10.0 and in 10.6?",
    ja: "alice について sshd -T は何と言うか。10.0 と 10.6 の sshd はどう振る舞うか。",
  },
  commands: [
    "server# sshd -T -C user=alice,host=home,addr=203.0.113.7 | grep -i channeltimeout",
    "home$ ssh -R 43234:localhost:3389 alice@server",
    "server$ nc localhost 43234",
  ],
  seen: {
    en: "sshd -T says one hour in both. 10.0 cuts the visitor off after one second; 10.6 does with a Match what the Match says.",
    ja: "sshd -T はどちらも一時間と言う。10.0 は一秒で訪問者を切る。10.6 は Match のとおりにする。",
  },
  why: {
    en: "Before 10.6 the Match's value reaches only the process that logs alice in, not the one that then carries her forwards. (Measured on 9.2, 10.0, 10.6.)",
    ja: "10.6 より前では、Match の値は alice をログインさせるプロセスにだけ届き、その後で転送を運ぶプロセスには届かない。(9.2、10.0、10.6 で測定)",
  },
});

const accounts = { alice: {} };
const config = (forAll: string, forAlice: string) =>
  `LogLevel DEBUG2\nChannelTimeout forwarded-tcpip=${forAll}\nMatch User alice\n  ChannelTimeout forwarded-tcpip=${forAlice}\n`;
const shown = [
  "sh",
  "-c",
  "/usr/sbin/sshd -T -C user=alice,host=home,addr=203.0.113.7,laddr=198.51.100.10,lport=22 | grep -i '^channeltimeout'",
];

const oldAndNew = [
  { test: labTest({ openssh: "10.0", accounts }), version: "10.0", forAll: "1s", forAlice: "1h" },
  { test: labTest({ openssh: "10.6", accounts }), version: "10.6", forAll: "1h", forAlice: "1s" },
];

for (const { test, version, forAll, forAlice } of oldAndNew) {
  test(`OpenSSH ${version}: ${forAll} for all, ${forAlice} for alice, cut off after one second`, async ({ lab, onTestFinished }) => {
    await lab.use({ sshd: config(forAll, forAlice) });
    expect((await lab.server.run(shown)).stdout).toMatch(new RegExp(`forwarded-tcpip=${forAlice}$`, "im"));
    await using forward = await lab.home.ssh("-R", "43234:localhost:3389");
    const visitor = await lab.forwardLab.lab.host("server").dial("127.0.0.1", 43234);
    onTestFinished(() => void visitor.destroy());
    visitor.write("x");

    await once(visitor.resume(), "end");

    await expect
      .poll(() => forward.outcome.serverLog, { interval: 20, timeout: 10_000 })
      .toMatch(/closing after 1(\.0+)? seconds of inactivity/);
    await expect(lab.server).toReach(forward);
  });
}
