import { once } from "node:events";
import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "In OpenSSH 10.0, sshd -T shows a ChannelTimeout from a Match block, but it has no effect; 10.6 applies it",
    ja: "OpenSSH 10.0 では、Match ブロックの ChannelTimeout は sshd -T に表示されても効かない。10.6 では効く",
  },
  question: {
    en: "ChannelTimeout has one value for everyone and another for alice. Which one cuts off alice's idle visitor?",
    ja: "ChannelTimeout に、全員向けの値と alice 向けの値があります。alice の転送のアイドル接続には、どちらが適用されますか。",
  },
  predict: {
    en: "What does sshd -T print for alice, and what does sshd do, in 10.0 and in 10.6?",
    ja: "10.0 と 10.6 で、sshd -T は alice について何を表示し、sshd は実際にどう動作しますか。",
  },
  commands: [
    "server# sshd -T -C user=alice,host=home,addr=203.0.113.7 | grep -i channeltimeout",
    "home$ ssh -R 43234:localhost:3389 alice@server",
    "server$ nc localhost 43234",
  ],
  seen: {
    en: "sshd -T prints alice's value in both. 10.0 applies the global value; 10.6 applies alice's.",
    ja: "sshd -T は、どちらでも alice 向けの値を表示します。実際に適用されるのは、10.0 では全員向けの値、10.6 では alice 向けの値です。",
  },
  why: {
    en: "In the older versions the Match value reaches only the process that logs alice in, not the one that then carries her forwards. (Measured on 9.2, 10.0, 10.6.)",
    ja: "古いバージョンでは、Match の値は alice をログインさせるプロセスにだけ届き、転送を運ぶプロセスには届きません。（9.2、10.0、10.6 で測定）",
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
  test(`OpenSSH ${version}: ${forAll} for everyone, ${forAlice} for alice, cut off after one second`, async ({ lab, onTestFinished }) => {
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
