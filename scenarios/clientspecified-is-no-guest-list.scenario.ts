import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "myths",
  title: {
    en: '"clientspecified limits who may connect": no, it is about the address that listens, not about the visitor\'s',
    ja: "「clientspecified は接続できる相手を制限する」は誤り。待ち受けるアドレスの話で、訪問者のアドレスではない",
  },
  question: {
    en: "`-R 203.0.113.50:43234:…` names the other LAN's address. Does it let the other LAN in alone?",
    ja: "`-R 203.0.113.50:43234:…` は別の LAN のアドレスを名指しする。別の LAN だけが入れるか。",
  },
  predict: { en: "Is it granted? And who gets in with a colon in its place?", ja: "許されるか。代わりにコロンを書くと、誰が入れるか。" },
  commands: ["home$ ssh -R 203.0.113.50:43234:localhost:3389 server", "home$ ssh -R :43234:localhost:3389 server"],
  seen: {
    en: "It is refused, as the server has no such address. With the colon everybody gets in, the stranger included.",
    ja: "サーバーにそのアドレスがないので拒否される。コロンなら、第三者も含めて誰でも入れる。",
  },
  why: {
    en: "The client specifies a bind address. Who may connect to it is the firewall's business alone.",
    ja: "クライアントが指定するのはバインドアドレス。そこへ誰が接続してよいかは、ファイアウォールだけが決める。",
  },
});

const sshd = "GatewayPorts clientspecified\n";

test("a visitor's address cannot be bound", async ({ lab }) => {
  await lab.use({ sshd });
  await using forward = await lab.home.ssh("-R", "203.0.113.50:43234:localhost:3389");
  expect(forward.granted).toBe(false);
  expect(forward.outcome.refusedBy).toMatchObject({
    layer: "bind-address",
    text: expect.stringContaining("Cannot assign requested address"),
  });
  await expect(lab.otherLan).toSee(forward, "refused", { by: "bind-address" });
});

test("control: the colon is granted, and lets everybody in", async ({ lab }) => {
  await lab.use({ sshd });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.otherLan).toReach(forward);
  await expect(lab.internet).toReach(forward);
});
