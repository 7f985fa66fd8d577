import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: {
    en: "Home sees every visitor of a remote forward as itself: 127.0.0.1 or ::1",
    ja: "リモート転送を通る接続元は、自宅からはすべて自分自身（127.0.0.1 か ::1）に見える",
  },
  question: {
    en: "A stranger and the other LAN connect through the forward. Which addresses appear in the log at home?",
    ja: "第三者と別の LAN が、転送を通して接続します。自宅のログに残るアドレスは何ですか。",
  },
  predict: { en: "The visitor's, the server's, or another one?", ja: "接続元のものですか、サーバーのものですか、ほかのものですか。" },
  commands: ["home$ ssh -R :43234:localhost:3389 server", "internet$ curl http://server:43234/", "home$ tail access.log"],
  seen: {
    en: "Home's own loopback address for each of them. A direct connection from home's LAN shows the client's own address.",
    ja: "どれも自宅自身のループバックアドレスです。同じ LAN から直接接続した場合は、接続元のアドレスが残ります。",
  },
  why: {
    en: "ssh at home connects to the service. A ban by address, or a rule for 127.0.0.1, therefore hits all visitors alike.",
    ja: "サービスに接続するのは自宅の ssh です。アドレスによる遮断も、127.0.0.1 についてのルールも、すべての接続に等しく適用されます。",
  },
});

const loopback = /^(127\.0\.0\.1|\[?::1\]?|::ffff:127\.0\.0\.1)([:#]|$)/;

test("every visitor appears as home's own loopback", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts clientspecified\n" });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");

  for (const visitor of [lab.internet, lab.otherLan, lab.campus]) {
    const peers = (await visitor.sees(forward))
      .filter(({ verdict }) => verdict === "reached")
      .map(({ evidence }) => evidence.peerSeenByService);
    expect(peers.length).toBeGreaterThan(0);
    for (const peer of peers) expect(peer).toMatch(loopback);
  }
});

test("control: a direct connection shows the client's own address", async ({ lab }) => {
  const desktop = await lab.home.serve(3389);
  const [seen] = await lab.homeLan.sees(desktop, { family: 4 });
  expect(seen?.evidence.peerSeenByService).toContain("192.168.1.20");
});
