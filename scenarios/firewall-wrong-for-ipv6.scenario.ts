import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "firewall-and-nat",
  title: {
    en: "A firewall that is right for IPv4 but ignores IPv6 leaves home open to the internet over IPv6",
    ja: "IPv4 では正しくても IPv6 を考慮していないファイアウォールでは、IPv6 で自宅が公開されたままになる",
  },
  question: { en: "The rules are in a table `ip`. Who is kept out?", ja: "ルールは `ip` テーブルにあります。遮断されるのは誰ですか。" },
  predict: {
    en: "A stranger over IPv4? The same stranger over IPv6?",
    ja: "第三者は IPv4 で接続できますか。同じ第三者が IPv6 ならどうですか。",
  },
  commands: ["server# nft list ruleset", "home$ ssh -R :43234:localhost:3389 server", "internet$ xfreerdp /v:[2001:db8:100::10]:43234"],
  seen: {
    en: "Closed over IPv4, open over IPv6. The same rules in a table `inet` close both.",
    ja: "IPv4 では閉じていますが、IPv6 では開いています。同じルールを `inet` テーブルに置けば、両方とも閉じます。",
  },
  why: {
    en: "The colon makes sshd listen on both families, and a table `ip` never sees an IPv6 packet.",
    ja: "コロンがあると sshd は両方のファミリーで待ち受けますが、`ip` テーブルは IPv6 パケットを扱いません。",
  },
});

const sshd = "GatewayPorts clientspecified\n";
const firewall = (family: "ip" | "inet") => `
table ${family} filter {
  chain input {
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    meta l4proto { icmp, ipv6-icmp } accept
    tcp dport 22 accept
    ip saddr 203.0.113.50 tcp dport 43234 accept
  }
}
`;

test("table ip: closed over IPv4, open over IPv6", async ({ lab }) => {
  await lab.use({ sshd, firewall: firewall("ip") });

  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");

  await expect(lab.internet).not.toReach(forward, { family: 4 });
  await expect(lab.internet).toReach(forward, { family: 6 });
});

test("control: table inet", async ({ lab }) => {
  await lab.use({ sshd, firewall: firewall("inet") });

  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");

  await expect(lab.internet).not.toReach(forward);
  await expect(lab.otherLan).toReach(forward, { family: 4 });
});
