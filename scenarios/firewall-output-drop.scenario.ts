import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "firewall-and-nat",
  title: {
    en: "An output chain that drops by default lets the visitor's packet in and discards the reply",
    ja: "既定で破棄する output チェーンがあると、パケットは届いても応答が破棄される",
  },
  question: {
    en: "The input chain accepts port 43234. The output chain accepts only ssh. Does the forward work?",
    ja: "input チェーンは 43234 番を許可し、output チェーンは ssh だけを許可します。転送は使えますか。",
  },
  predict: {
    en: "ssh says that the forward is open, and ss shows it. What does a visitor see?",
    ja: "ssh は転送が開いたと報告し、ss でも確認できます。接続する側からはどう見えますか。",
  },
  commands: [
    "server# nft list chain inet filter output",
    "home$ ssh -R :43234:localhost:3389 server",
    "other-lan$ xfreerdp /v:server:43234",
  ],
  seen: {
    en: "Nothing: the packet arrives, but the reply is dropped on its way out. Accepting established connections fixes it.",
    ja: "応答がありません。パケットは届きますが、応答が出口で破棄されます。established を許可すれば使えます。",
  },
  why: {
    en: "The reply comes from port 43234, not 22. A firewall that filters both directions must let out the replies to what it let in.",
    ja: "応答の送信元は 22 番ではなく 43234 番です。両方向を制限するファイアウォールは、許可した接続への応答も許可しなければなりません。",
  },
});

const sshd = "GatewayPorts clientspecified\n";
const firewall = (accept: string) => `
table inet filter {
  chain output {
    type filter hook output priority filter; policy drop;
    oifname "lo" accept
    meta l4proto { icmp, ipv6-icmp } accept
    ${accept}
  }
}
`;

test("the reply is dropped", async ({ lab }) => {
  await lab.use({ sshd, firewall: firewall("tcp sport 22 accept") });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");

  expect(forward.listeners).toEqual(["0.0.0.0:43234", "[::]:43234"]);
  await expect(lab.otherLan).toSee(forward, "filtered", { by: { layer: "server-firewall", line: 4 } });
  const all = await lab.otherLan.sees(forward);
  for (const { evidence } of all) expect(evidence.arrived).toBe(true);
  await expect(lab.server).toReach(forward);
});

test("control: with established accepted it is reached", async ({ lab }) => {
  await lab.use({ sshd, firewall: firewall("ct state established,related accept") });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.otherLan).toReach(forward);
});
