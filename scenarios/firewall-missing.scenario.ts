import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "firewall-and-nat",
  title: {
    en: "With the colon and no firewall, the machine at home is open to the whole world",
    ja: "先頭のコロンがあってファイアウォールがなければ、自宅の機械は全世界に開く",
  },
  question: {
    en: "The server has no firewall. Who reaches Remote Desktop at home?",
    ja: "サーバーにファイアウォールがない。自宅のリモートデスクトップに届くのは誰か。",
  },
  predict: {
    en: "The other LAN for which it is meant, and a stranger on the internet?",
    ja: "目的の別 LAN と、インターネット上の第三者。それぞれ届くか。",
  },
  commands: ["home$ ssh -R :43234:localhost:3389 server", "internet$ xfreerdp /v:server:43234"],
  seen: {
    en: "Everybody gets in. Only where sshd keeps the listener on loopback does the world stay out.",
    ja: "誰でも入れる。外が締め出されるのは、sshd が待ち受けをループバックに留めたときだけ。",
  },
  why: {
    en: "The forwarded port is a port of the server like any other. Nothing else stands before it.",
    ja: "転送されたポートは、サーバーのほかのポートと同じただのポート。その前に立つものは何もない。",
  },
});

test("no firewall: everybody reaches Remote Desktop at home", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts clientspecified\n", firewall: null });

  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");

  await expect(lab.otherLan).toReach(forward);
  await expect(lab.internet).toReach(forward);
});

test("control: what listens on loopback needs none", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts no\n", firewall: null });

  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");

  await expect(lab.internet).not.toReach(forward);
});
