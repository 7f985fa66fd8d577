import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "DisableForwarding yes beats a Match that allows forwarding; only a Match with DisableForwarding no lifts it",
    ja: "DisableForwarding yes は、転送を許可する Match より優先される。解除できるのは DisableForwarding no の Match だけ",
  },
  question: {
    en: "The config disables forwarding, and a Match block for alice has AllowTcpForwarding yes. May alice forward?",
    ja: "設定では転送が無効で、alice 向けの Match に AllowTcpForwarding yes があります。alice は転送できますか。",
  },
  predict: {
    en: "With AllowTcpForwarding yes for alice? With DisableForwarding no for alice?",
    ja: "alice に AllowTcpForwarding yes を設定した場合と、DisableForwarding no を設定した場合、それぞれどうなりますか。",
  },
  commands: ["server# sshd -T -C user=alice | grep -i forwarding", "home$ ssh -R 43234:localhost:3389 alice@server"],
  seen: { en: "The first is refused, the second is granted.", ja: "前者は拒否され、後者は許可されます。" },
  why: {
    en: "They are two settings, and sshd checks both. A value in a Match block replaces only the setting of the same name.",
    ja: "この 2 つは別の設定で、sshd は両方を確認します。Match ブロックの値が置き換えるのは、同じ名前の設定だけです。",
  },
});

const accounts = { alice: {} };

test("a Match that allows forwarding does not help", async ({ lab }) => {
  await lab.use({ sshd: "DisableForwarding yes\nMatch User alice\n  AllowTcpForwarding yes\n", accounts });
  await using forward = await lab.home.ssh("-R", "43234:localhost:3389");
  expect(forward.granted).toBe(false);
  await expect(lab.server).toSee(forward, "refused", { by: { layer: "sshd-policy", rule: "DisableForwarding yes", line: 1 } });
});

test("control: a Match with DisableForwarding no does", async ({ lab }) => {
  await lab.use({ sshd: "DisableForwarding yes\nMatch User alice\n  DisableForwarding no\n", accounts });
  await using forward = await lab.home.ssh("-R", "43234:localhost:3389");
  await expect(lab.server).toReach(forward);
});
