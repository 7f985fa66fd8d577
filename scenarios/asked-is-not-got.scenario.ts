import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "myths",
  title: {
    en: '"It listens where I asked": 0.0.0.0 may become loopback, and 127.0.0.1 may become every address',
    ja: "「指定したとおりに待ち受ける」は誤り。0.0.0.0 がループバックに、127.0.0.1 が全アドレスになることがある",
  },
  question: {
    en: "ssh reports success for both `-R 0.0.0.0:43234:…` and `-R 127.0.0.1:43234:…`. What listens?",
    ja: "`-R 0.0.0.0:43234:…` も `-R 127.0.0.1:43234:…` も成功します。何が待ち受けますか。",
  },
  predict: {
    en: "For each of them with GatewayPorts no, yes and clientspecified?",
    ja: "GatewayPorts が no、yes、clientspecified のとき、それぞれどうなりますか。",
  },
  commands: [
    "home$ ssh -R 0.0.0.0:43234:localhost:3389 server",
    "home$ ssh -R 127.0.0.1:43234:localhost:3389 server",
    "server$ ss -ltn 'sport = :43234'",
  ],
  seen: {
    en: "Only clientspecified gives what was asked for. With no, the wide address becomes narrow; with yes, the narrow one becomes wide.",
    ja: "指定どおりになるのは clientspecified だけです。no では 0.0.0.0 がループバックに狭まり、yes では 127.0.0.1 が全アドレスに広がります。",
  },
  why: {
    en: "The address that ssh sends is only a wish. sshd applies its own GatewayPorts, then reports success without saying which address it used.",
    ja: "ssh が送るアドレスは希望にすぎません。sshd は自分の GatewayPorts に従って置き換え、実際のアドレスを知らせずに成功とだけ返します。",
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
