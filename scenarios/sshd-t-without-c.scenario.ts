import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "myths",
  title: {
    en: '"sshd -T shows the settings in force": a Match shows only if -C says who connects, and from where',
    ja: "「sshd -T で実際の設定がわかる」は誤り。-C で誰がどこから接続するかを指定しなければ、Match は反映されない",
  },
  question: {
    en: "An audit runs `sshd -T` and reads allowtcpforwarding no. Can nobody forward?",
    ja: "監査で `sshd -T` を実行すると、allowtcpforwarding no でした。誰も転送できませんか。",
  },
  predict: {
    en: "There is a Match for alice and her address. What do sshd -T, sshd -T -C user=alice, and the same with addr= print?",
    ja: "alice とそのアドレスに一致する Match があります。sshd -T、sshd -T -C user=alice、さらに addr= を加えたものは、それぞれ何を表示しますか。",
  },
  commands: [
    "server# sshd -T | grep -i allowtcp",
    "server# sshd -T -C user=alice | grep -i allowtcp",
    "server# sshd -T -C user=alice,addr=203.0.113.7 | grep -i allowtcp",
    "home$ ssh -4 -R 43234:localhost:3389 alice@server",
  ],
  seen: {
    en: "no, no, yes; and alice can forward.",
    ja: "順に no、no、yes です。そして alice は転送できます。",
  },
  why: {
    en: "Each login gets its own settings. A criterion left out of -C silently counts as not matching.",
    ja: "設定はログインごとに決まります。-C で省略した条件は、警告なしに「一致しない」とみなされます。",
  },
});

const sshd = "AllowTcpForwarding no\nMatch User alice Address 203.0.113.7\n  AllowTcpForwarding yes\n";
const table = [
  { asked: [], told: "no" },
  { asked: ["-C", "user=alice"], told: "no" },
  { asked: ["-C", "user=alice,addr=203.0.113.7"], told: "yes" },
];

test("what -T prints, and what alice gets", async ({ lab }) => {
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
