import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "myths",
  title: {
    en: '"I asked for it, so that is what listens": 0.0.0.0 may become loopback, and 127.0.0.1 may become everything',
    ja: "「頼んだとおりに待ち受ける」は誤り。0.0.0.0 がループバックに、127.0.0.1 が全アドレスになることがある",
  },
  question: {
    en: "ssh reports success for `-R 0.0.0.0:43234:…` and for `-R 127.0.0.1:43234:…`. What listens?",
    ja: "ssh は `-R 0.0.0.0:43234:…` にも `-R 127.0.0.1:43234:…` にも成功と言う。何が待ち受けるか。",
  },
  predict: {
    en: "For each of the two, with GatewayPorts no, yes and clientspecified?",
    ja: "それぞれについて、GatewayPorts が no、yes、clientspecified の場合はどうか。",
  },
  commands: [
    "home$ ssh -R 0.0.0.0:43234:localhost:3389 server",
    "home$ ssh -R 127.0.0.1:43234:localhost:3389 server",
    "server$ ss -ltn 'sport = :43234'",
  ],
  seen: {
    en: "Only with clientspecified it is what was asked for. With no the wide one becomes narrow, with yes the narrow one becomes wide.",
    ja: "頼んだとおりになるのは clientspecified だけ。no では広いものが狭く、yes では狭いものが広くなる。",
  },
  why: {
    en: "The address on the wire is a wish. sshd replaces it by its own GatewayPorts, and answers with success and no address.",
    ja: "ssh が送るアドレスは希望にすぎない。sshd は自分の GatewayPorts に従って置き換え、成功とだけ答え、アドレスは伝えない。",
  },
});

const loopback = ["127.0.0.1:43234", "[::1]:43234"];
const everywhere = ["0.0.0.0:43234", "[::]:43234"];
const table = [
  { gatewayPorts: "no", wide: loopback, narrow: ["127.0.0.1:43234"] },
  { gatewayPorts: "yes", wide: everywhere, narrow: everywhere },
  { gatewayPorts: "clientspecified", wide: ["0.0.0.0:43234"], narrow: ["127.0.0.1:43234"] },
];

test.for(table)("GatewayPorts $gatewayPorts", async ({ gatewayPorts, wide, narrow }, { lab }) => {
  await lab.use({ sshd: `GatewayPorts ${gatewayPorts}\n` });
  for (const [address, listeners] of [
    ["0.0.0.0", wide],
    ["127.0.0.1", narrow],
  ] as const) {
    await using forward = await lab.home.ssh("-R", `${address}:43234:localhost:3389`);
    expect(forward.granted).toBe(true);
    expect(forward.listeners).toEqual(listeners);
    if (listeners.includes("0.0.0.0:43234")) await expect(lab.internet).toReach(forward, { family: 4 });
    else await expect(lab.internet).toSee(forward, "refused", { by: "bind-address" });
  }
});
