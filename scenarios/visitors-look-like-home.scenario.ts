import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: {
    en: "Home sees every visitor of a remote forward as itself: 127.0.0.1 or ::1",
    ja: "自宅から見ると、リモート転送の訪問者は全員、自分自身 (127.0.0.1 か ::1) に見える",
  },
  question: {
    en: "A stranger and the other LAN come through the forward. Which addresses stand in the log at home?",
    ja: "第三者と別の LAN が転送を通って来る。自宅のログに残るアドレスは何か。",
  },
  predict: { en: "The visitor's, the server's, or another one?", ja: "訪問者のものか、サーバーのものか、ほかのものか。" },
  commands: ["home$ ssh -R :43234:localhost:3389 server", "internet$ curl http://server:43234/", "home$ tail access.log"],
  seen: {
    en: "Home's own loopback address for each of them. Who comes directly from the same home shows its own.",
    ja: "誰が来ても自宅自身のループバックアドレス。同じ家から直接来た者は自分のアドレスを見せる。",
  },
  why: {
    en: "It is ssh at home that connects to the service. A ban by address, or a rule for 127.0.0.1, meets all visitors alike.",
    ja: "サービスへ接続するのは自宅の ssh。アドレスによる拒否も、127.0.0.1 への規則も、全訪問者に等しく当たる。",
  },
});

const loopback = /^(127\.0\.0\.1|\[?::1\]?|::ffff:127\.0\.0\.1)([:#]|$)/;

test("every visitor is home's own loopback", async ({ lab }) => {
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

test("control: who comes directly is seen as who it is", async ({ lab }) => {
  const desktop = await lab.home.serve(3389);
  const [sight] = await lab.homeLan.sees(desktop, { family: 4 });
  expect(sight?.evidence.peerSeenByService).toContain("192.168.1.20");
});
