import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "myths",
  title: {
    en: '"sshd -T shows what holds": for nobody in particular; a Match shows up only when -C says who comes, from where',
    ja: "「sshd -T で実際の設定が見える」は誤り。-C で誰がどこから来るかを言わなければ、Match は現れない",
  },
  question: {
    en: "An audit runs `sshd -T` and reads allowtcpforwarding no. Does nobody forward?",
    ja: "監査で `sshd -T` を実行し、allowtcpforwarding no と出た。転送できる者はいないか。",
  },
  predict: {
    en: "A Match for alice's address follows. What does sshd -T say, and sshd -T -C user=alice, and with addr= added?",
    ja: "alice とそのアドレスへの Match が後にある。sshd -T、sshd -T -C user=alice、addr= を足したものは、それぞれ何と言うか。",
  },
  commands: [
    "server# sshd -T | grep -i allowtcp",
    "server# sshd -T -C user=alice | grep -i allowtcp",
    "server# sshd -T -C user=alice,addr=203.0.113.7 | grep -i allowtcp",
    "home$ ssh -4 -R 43234:localhost:3389 alice@server",
  ],
  seen: {
    en: "no, no, yes; and alice forwards.",
    ja: "順に no、no、yes。そして alice は転送できる。",
  },
  why: {
    en: "Each login has settings of its own. What -C leaves out is taken not to match, without a word.",
    ja: "設定はログインごとに決まる。-C に書かなかったものは、何の警告もなく「一致しない」とされる。",
  },
});

const sshd = "AllowTcpForwarding no\nMatch User alice Address 203.0.113.7\n  AllowTcpForwarding yes\n";
const table = [
  { asked: [], told: "no" },
  { asked: ["-C", "user=alice"], told: "no" },
  { asked: ["-C", "user=alice,addr=203.0.113.7"], told: "yes" },
];

test("what -T tells, and what alice gets", async ({ lab }) => {
  await lab.use({ sshd, accounts: { alice: {}, bob: {} } });

  for (const { asked, told } of table) {
    const { stdout } = await lab.server.run(["/usr/sbin/sshd", "-T", ...asked]);
    expect.soft(stdout.toLowerCase(), asked.join(" ")).toContain(`allowtcpforwarding ${told}\n`);
  }
  await using alice = await lab.home.ssh("-4", "-R", "43234:localhost:3389", { as: "alice" });
  await expect(lab.server).toReach(alice);
});

test("control: for bob the first answer is the right one", async ({ lab }) => {
  await lab.use({ sshd, accounts: { alice: {}, bob: {} } });
  await using bob = await lab.home.ssh("-4", "-R", "43234:localhost:3389", { as: "bob" });
  await expect(lab.server).toSee(bob, "refused", { by: { layer: "sshd-policy", rule: "AllowTcpForwarding no", line: 1 } });
});
