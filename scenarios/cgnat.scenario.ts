import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "firewall-and-nat",
  title: {
    en: "Behind CG-NAT nobody outside reaches a service at home directly",
    ja: "CG-NAT の内側にある自宅のサービスには、外から直接は誰も届かない",
  },
  question: {
    en: "Remote Desktop runs at home, behind the provider's CG-NAT. Who reaches it without a tunnel?",
    ja: "自宅でリモートデスクトップが動いている。回線は CG-NAT の内側。トンネルなしで届くのは誰か。",
  },
  predict: {
    en: "The other LAN, the server and a stranger: over IPv4, over IPv6?",
    ja: "別の LAN、サーバー、無関係の第三者。IPv4 ではどうか、IPv6 ではどうか。",
  },
  commands: ["home-lan$ xfreerdp /v:192.168.1.10", "other-lan$ xfreerdp /v:203.0.113.7"],
  seen: {
    en: "A machine in the same home gets in. From outside, IPv4 ends at the NAT and IPv6 at home's router.",
    ja: "同じ家の中からは届く。外からは、IPv4 は NAT で、IPv6 は自宅のルーターで止まる。",
  },
  why: {
    en: "The public IPv4 address belongs to the provider, which forwards no port to home. Over IPv6 home has an address of its own, but its router lets no new connection in.",
    ja: "公開 IPv4 アドレスは事業者のもので、自宅へのポート転送はない。IPv6 では自宅に固有のアドレスがあるが、ルーターは外からの新しい接続を通さない。",
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
