import { articleLab, expect, type LabSpec, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "firewall-and-nat",
  title: {
    en: "Where home has a public IPv4 address and a router of its own, a port-forward there is enough: no tunnel is needed",
    ja: "自宅に公開 IPv4 アドレスと自分で設定できるルーターがあれば、ルーターのポート転送で足りる。トンネルは要らない",
  },
  question: {
    en: "Home's router has the public address, and forwards port 3389. Who gets in?",
    ja: "自宅のルーターが公開アドレスを持ち、3389 番を転送している。入れるのは誰か。",
  },
  predict: { en: "The other LAN over IPv4, and over IPv6?", ja: "別の LAN は IPv4 で入れるか。IPv6 ではどうか。" },
  commands: ["other-lan$ xfreerdp /v:203.0.113.7"],
  seen: { en: "Everybody gets in over IPv4, nobody over IPv6.", ja: "IPv4 では誰でも入れ、IPv6 では誰も入れない。" },
  why: {
    en: "The router rewrites the destination (DNAT), for IPv4 alone. Over IPv6 its firewall still lets nothing in.",
    ja: "ルーターが宛先を書き換える(DNAT)のは IPv4 だけ。IPv6 では、ルーターのファイアウォールが何も通さないまま。",
  },
});

const article = articleLab();

/** The article's lab without the provider's NAT. */
function withoutCgNat(portForwards: LabSpec["routers"][string]["portForwards"]) {
  const { isp, "home-router": router, ...others } = article.routers;
  return {
    ...article,
    routers: { ...others, "home-router": { lans: {}, ...router, uplink: { router: "core", address: "203.0.113.7" }, portForwards } },
  };
}

const forwarded = labTest({ spec: withoutCgNat([{ port: 3389, to: { address: "192.168.1.10", port: 3389 } }]) });
const plain = labTest({ spec: withoutCgNat([]) });

forwarded("a port-forward on the router lets everybody in over IPv4", async ({ lab }) => {
  const desktop = await lab.home.serve(3389);
  await expect(lab.otherLan).toReach(desktop, { family: 4 });
  await expect(lab.internet).toReach(desktop, { family: 4 });
  await expect(lab.internet).toSee(desktop, "filtered", { family: 6, by: "router" });
});

plain("control: without it nobody outside gets in", async ({ lab }) => {
  const desktop = await lab.home.serve(3389);
  await expect(lab.homeLan).toReach(desktop);
  await expect(lab.otherLan).not.toReach(desktop);
  await expect(lab.internet).not.toReach(desktop);
});
