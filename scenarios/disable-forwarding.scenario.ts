import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "DisableForwarding yes wins over a Match that allows forwarding; only a Match that takes it back does not",
    ja: "DisableForwarding yes は、転送を許す Match に勝つ。取り消せるのは、それ自身を戻す Match だけ",
  },
  question: {
    en: "The config disables forwarding, and a Match block for alice says AllowTcpForwarding yes. May alice forward?",
    ja: "設定は転送を無効にし、alice 向けの Match は AllowTcpForwarding yes と言う。alice は転送できるか。",
  },
  predict: {
    en: "alice with AllowTcpForwarding yes, and alice with DisableForwarding no?",
    ja: "AllowTcpForwarding yes の alice と、DisableForwarding no の alice。それぞれどうなるか。",
  },
  commands: ["server# sshd -T -C user=alice | grep -i forwarding", "home$ ssh -R 43234:localhost:3389 alice@server"],
  seen: { en: "The first is refused, the second is granted.", ja: "前者は拒否され、後者は許される。" },
  why: {
    en: "They are two settings, and sshd asks both. A value in a Match block replaces only the setting of the same name.",
    ja: "二つは別の設定で、sshd は両方を確かめる。Match の値が置き換えるのは同じ名前の設定だけ。",
  },
});

const accounts = { alice: {} };

test("a Match that allows forwarding does not help", async ({ lab }) => {
  await lab.use({ sshd: "DisableForwarding yes\nMatch User alice\n  AllowTcpForwarding yes\n", accounts });
  await using forward = await lab.home.ssh("-R", "43234:localhost:3389");
  expect(forward.granted).toBe(false);
  await expect(lab.server).toSee(forward, "refused", { by: { layer: "sshd-policy", rule: "DisableForwarding yes", line: 1 } });
});

test("control: a Match that takes it back does", async ({ lab }) => {
  await lab.use({ sshd: "DisableForwarding yes\nMatch User alice\n  DisableForwarding no\n", accounts });
  await using forward = await lab.home.ssh("-R", "43234:localhost:3389");
  await expect(lab.server).toReach(forward);
});
