import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "firewall-and-nat",
  title: {
    en: "An output chain that drops by default lets the visitor's packet in and swallows the answer",
    ja: "既定で落とす output チェインは、訪問者のパケットを通し、応答を飲み込む",
  },
  question: {
    en: "The input chain accepts port 43234. The output chain accepts ssh alone. Does the forward work?",
    ja: "input チェインは 43234 番を受け入れる。output チェインは ssh だけ。転送は使えるか。",
  },
  predict: {
    en: "ssh says that the forward stands, and ss shows it. What does a visitor see?",
    ja: "ssh は転送が開いたと言い、ss にも見える。訪問者には何が見えるか。",
  },
  commands: [
    "server# nft list chain inet filter output",
    "home$ ssh -R :43234:localhost:3389 server",
    "other-lan$ xfreerdp /v:server:43234",
  ],
  seen: {
    en: "Nothing: the packet arrives, and the answer is dropped on its way out. With established accepted it works.",
    ja: "何も見えない。パケットは届くが、応答が出口で落ちる。established を許せば使える。",
  },
  why: {
    en: "The answer comes from port 43234, not from 22. A firewall that filters both ways must let out what it let in.",
    ja: "応答は 22 番ではなく 43234 番から出る。両方向を絞るファイアウォールは、入れたものへの応答を出さなければならない。",
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

test("the answer is dropped", async ({ lab }) => {
  await lab.use({ sshd, firewall: firewall("tcp sport 22 accept") });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");

  expect(forward.listeners).toEqual(["0.0.0.0:43234", "[::]:43234"]);
  await expect(lab.otherLan).toSee(forward, "filtered", { by: { layer: "server-firewall", line: 4 } });
  const sights = await lab.otherLan.sees(forward);
  for (const { evidence } of sights) expect(evidence.arrived).toBe(true);
  await expect(lab.server).toReach(forward);
});

test("control: with established accepted it is reached", async ({ lab }) => {
  await lab.use({ sshd, firewall: firewall("ct state established,related accept") });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.otherLan).toReach(forward);
});
