import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "firewall-and-nat",
  title: {
    en: "With the colon and no firewall, the host at home is open to the whole internet",
    ja: "先頭のコロンがあり、ファイアウォールがなければ、自宅のホストはインターネット全体に公開される",
  },
  question: {
    en: "The server has no firewall. Who can reach Remote Desktop at home?",
    ja: "サーバーにファイアウォールがありません。自宅のリモートデスクトップに接続できるのは誰ですか。",
  },
  predict: {
    en: "The other LAN, for which it is meant? A stranger on the internet?",
    ja: "目的の別の LAN と、インターネット上の第三者は接続できますか。",
  },
  commands: ["home$ ssh -R :43234:localhost:3389 server", "internet$ xfreerdp /v:server:43234"],
  seen: {
    en: "Everyone gets in. The internet stays out only when sshd keeps the listener on loopback.",
    ja: "誰でも接続できます。外から接続できないのは、sshd がループバックだけで待ち受けるときです。",
  },
  why: {
    en: "The forwarded port is a port of the server like any other, and nothing else protects it.",
    ja: "転送ポートはサーバーのほかのポートと変わらず、それを守るものはほかにありません。",
  },
});

test("no firewall: everyone reaches Remote Desktop at home", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts clientspecified\n", firewall: null });

  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");

  await expect(lab.otherLan).toReach(forward);
  await expect(lab.internet).toReach(forward);
});

test("control: a listener on loopback needs none", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts no\n", firewall: null });

  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");

  await expect(lab.internet).not.toReach(forward);
});
