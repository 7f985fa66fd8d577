import { articleLab, expect, type LabSpec, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "firewall-and-nat",
  title: {
    en: "If home has a public IPv4 address and its own router, a port forward on the router is enough: no tunnel is needed",
    ja: "自宅に公開 IPv4 アドレスと自前のルーターがあれば、ルーターのポート転送で足りる。トンネルは要らない",
  },
  question: {
    en: "Home's router has the public address and forwards port 3389. Who gets in?",
    ja: "自宅のルーターが公開アドレスを持ち、3389 番を転送しています。接続できるのは誰ですか。",
  },
  predict: { en: "The other LAN over IPv4? Over IPv6?", ja: "別の LAN からは、IPv4 で接続できますか。IPv6 ではどうですか。" },
  commands: ["other-lan$ xfreerdp /v:203.0.113.7"],
  seen: { en: "Everyone gets in over IPv4, nobody over IPv6.", ja: "IPv4 では誰でも接続でき、IPv6 では誰も接続できません。" },
  why: {
    en: "The router rewrites the destination (DNAT) for IPv4 only. Over IPv6, its firewall still lets nothing in.",
    ja: "ルーターが宛先を書き換える（DNAT）のは IPv4 だけです。IPv6 では、ルーターのファイアウォールが外からの接続を通しません。",
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
const plain = labTest({ spec: withoutCgNat([]), sshd: "GatewayPorts clientspecified\n" });

forwarded("a port forward on the router lets everyone in over IPv4", async ({ lab }) => {
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

plain("control: through the server the other LAN gets in without it", async ({ lab }) => {
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.otherLan).toReach(forward);
});
