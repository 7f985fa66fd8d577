import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "firewall-and-nat",
  title: {
    en: "Behind CG-NAT, nobody outside can reach a service at home directly",
    ja: "CG-NAT の内側にある自宅のサービスには、外から直接は到達できない",
  },
  question: {
    en: "Remote Desktop runs at home, behind the provider's CG-NAT. Who can reach it without a tunnel?",
    ja: "自宅でリモートデスクトップが動いており、回線は事業者の CG-NAT の内側にあります。トンネルなしで接続できるのは誰ですか。",
  },
  predict: {
    en: "The other LAN, the server, a stranger: over IPv4, over IPv6?",
    ja: "別の LAN、サーバー、第三者は、IPv4 や IPv6 で接続できますか。",
  },
  commands: ["home-lan$ xfreerdp /v:192.168.1.10", "other-lan$ xfreerdp /v:203.0.113.7"],
  seen: {
    en: "A host on the same LAN gets in. From outside, IPv4 stops at the NAT and IPv6 at home's router.",
    ja: "同じ LAN のホストは接続できます。外からは、IPv4 は NAT で、IPv6 は自宅のルーターで止まります。",
  },
  why: {
    en: "The public IPv4 address belongs to the provider, who forwards no port to home. Over IPv6 home has its own address, but its router lets no new connection in.",
    ja: "公開 IPv4 アドレスは事業者のもので、自宅へのポート転送はありません。IPv6 では自宅が固有のアドレスを持ちますが、ルーターが外からの新しい接続を通しません。",
  },
});

test("nobody outside reaches Remote Desktop at home", async ({ lab }) => {
  const desktop = await lab.home.serve(3389);

  await expect(lab.homeLan).toReach(desktop);

  for (const outsider of [lab.otherLan, lab.campus, lab.internet, lab.server]) {
    await expect(outsider).not.toReach(desktop);
    await expect(outsider).toSee(desktop, "filtered", { family: 4, by: "nat" });
    await expect(outsider).toSee(desktop, "filtered", { family: 6, by: "router" });
  }
});

test("control: through the server the other LAN reaches it", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts clientspecified\n" });

  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");

  await expect(lab.otherLan).toReach(forward);
});
