import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: {
    en: "With GatewayPorts yes every remote forward is open to everyone, even one that asks for 127.0.0.1",
    ja: "GatewayPorts yes では、127.0.0.1 を指定した転送も含めて、すべてが全員に開く",
  },
  question: {
    en: "A careful user types `-R 127.0.0.1:43234:…`. Who can reach it?",
    ja: "慎重な利用者が `-R 127.0.0.1:43234:…` を指定しました。接続できるのは誰ですか。",
  },
  predict: { en: "Only the server, or everyone?", ja: "サーバーだけですか、全員ですか。" },
  commands: [
    "home$ ssh -R 127.0.0.1:43234:localhost:3389 server",
    "server$ ss -ltn 'sport = :43234'",
    "internet$ xfreerdp /v:server:43234",
  ],
  seen: {
    en: "sshd listens on 0.0.0.0 and [::] whatever was asked for, and everyone gets in.",
    ja: "何を指定しても 0.0.0.0 と [::] で待ち受け、誰でも接続できます。",
  },
  why: {
    en: 'sshd replaces any requested address by "all addresses". The client has no say.',
    ja: "sshd は要求されたアドレスをすべて「全アドレス」に置き換えます。クライアントは選べません。",
  },
});

test.for(["43234:localhost:3389", "127.0.0.1:43234:localhost:3389", ":43234:localhost:3389"])(
  "-R %s is open to everyone",
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
