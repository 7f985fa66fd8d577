import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "myths",
  title: {
    en: '"clientspecified limits who may connect": no, it chooses the address that listens, not the visitor\'s',
    ja: "「clientspecified は接続できる相手を制限する」は誤り。指定するのは待ち受けるアドレスで、接続元ではない",
  },
  question: {
    en: "`-R 203.0.113.50:43234:…` names the other LAN's address. Does it let in only the other LAN?",
    ja: "`-R 203.0.113.50:43234:…` には別の LAN のアドレスを指定しています。別の LAN だけが接続できますか。",
  },
  predict: {
    en: "Is it granted? And who gets in with just a colon instead?",
    ja: "要求は許可されますか。アドレスの代わりにコロンだけを書くと、誰が接続できますか。",
  },
  commands: ["home$ ssh -R 203.0.113.50:43234:localhost:3389 server", "home$ ssh -R :43234:localhost:3389 server"],
  seen: {
    en: "It is refused, as the server has no such address. With the colon everyone gets in, the stranger included.",
    ja: "サーバーにそのアドレスがないため、拒否されます。コロンだけなら、第三者も含めて誰でも接続できます。",
  },
  why: {
    en: "The client specifies a bind address. Who may connect to it is up to the firewall alone.",
    ja: "クライアントが指定するのはバインドアドレスです。誰が接続できるかを決めるのは、ファイアウォールだけです。",
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

test("control: the colon is granted and lets everyone in", async ({ lab }) => {
  await lab.use({ sshd });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.otherLan).toReach(forward);
  await expect(lab.internet).toReach(forward);
});
