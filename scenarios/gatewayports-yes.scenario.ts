import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: {
    en: "With GatewayPorts yes every remote forward is open to everybody, also one that asks for 127.0.0.1",
    ja: "GatewayPorts yes では、127.0.0.1 を頼んだ転送まで、すべてが全員に開く",
  },
  question: {
    en: "A careful person types `-R 127.0.0.1:43234:…`. Who reaches it?",
    ja: "慎重な人が `-R 127.0.0.1:43234:…` と打つ。届くのは誰か。",
  },
  predict: { en: "The server alone, or everybody?", ja: "サーバーだけか、全員か。" },
  commands: [
    "home$ ssh -R 127.0.0.1:43234:localhost:3389 server",
    "server$ ss -ltn 'sport = :43234'",
    "internet$ xfreerdp /v:server:43234",
  ],
  seen: {
    en: "0.0.0.0 and [::] listen, whatever was asked for, and everybody gets in.",
    ja: "何を頼んでも 0.0.0.0 と [::] で待ち受け、誰でも入れる。",
  },
  why: {
    en: 'sshd maps every address that is asked for to "all addresses". The client has no say.',
    ja: "sshd は頼まれたアドレスをすべて「全アドレス」に置き換える。クライアントに発言権はない。",
  },
});

test.for(["43234:localhost:3389", "127.0.0.1:43234:localhost:3389", ":43234:localhost:3389"])(
  "-R %s is open to everybody",
  async (asked, { lab }) => {
    await lab.use({ sshd: "GatewayPorts yes\n" });

    await using forward = await lab.home.ssh("-R", asked);

    expect(forward.listeners).toEqual(["0.0.0.0:43234", "[::]:43234"]);
    await expect(lab.otherLan).toReach(forward);
    await expect(lab.internet).toReach(forward);
  },
);

test("control: with clientspecified, 127.0.0.1 means 127.0.0.1", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts clientspecified\n" });

  await using forward = await lab.home.ssh("-R", "127.0.0.1:43234:localhost:3389");

  expect(forward.listeners).toEqual(["127.0.0.1:43234"]);
  await expect(lab.otherLan).not.toReach(forward);
  await expect(lab.server).toReach(forward, { address: "127.0.0.1" });
});
