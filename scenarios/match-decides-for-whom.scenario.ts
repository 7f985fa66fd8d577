import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "A Match block applies a setting to one user, one group or one source address, and to nobody else",
    ja: "Match ブロックは、特定のユーザー、グループ、接続元アドレスだけに設定を適用する",
  },
  question: {
    en: "GatewayPorts is set in a Match block. For whom does the colon work?",
    ja: "GatewayPorts が Match ブロックの中にあります。先頭のコロンは誰に効きますか。",
  },
  predict: {
    en: "alice or bob, staff or others, home's address or the other LAN's: whose forward is open?",
    ja: "alice と bob、staff とそれ以外、自宅のアドレスと別の LAN のアドレスのうち、転送が外に開くのは誰ですか。",
  },
  commands: [
    "server# sshd -T -C user=alice,host=home,addr=203.0.113.7 | grep -i gatewayports",
    "home$ ssh -R :43234:localhost:3389 alice@server",
    "home$ ssh -R :43234:localhost:3389 bob@server",
  ],
  seen: {
    en: "Whoever matches opens the port to everyone; the others silently get loopback.",
    ja: "一致した側はポートを全員に開き、もう一方は警告なしにループバックになります。",
  },
  why: {
    en: "sshd works out its settings at each login, from the account and the source address: behind a NAT, that is the NAT's.",
    ja: "sshd はログインごとに、アカウントと接続元アドレスから設定を決めます。NAT の内側から接続すると、接続元は NAT のアドレスになります。",
  },
});

const accounts = { alice: { groups: ["staff"] }, bob: {} };
const wide = ["0.0.0.0:43234", "[::]:43234"];
const loopback = ["127.0.0.1:43234", "[::1]:43234"];

test.for(["User alice", "Group staff"])("Match %s: alice, not bob", async (criteria, { lab }) => {
  await lab.use({ sshd: `Match ${criteria}\n  GatewayPorts clientspecified\n`, accounts });

  await using alice = await lab.home.ssh("-R", ":43234:localhost:3389", { as: "alice" });
  expect(alice.listeners).toEqual(wide);
  await expect(lab.internet).toReach(alice);
  await alice.kill();

  await using bob = await lab.home.ssh("-R", ":43234:localhost:3389", { as: "bob" });
  expect(bob.listeners).toEqual(loopback);
  await expect(lab.internet).toSee(bob, "refused", { by: "bind-address" });
});

test("Match Address: logins from home's public address, not from elsewhere", async ({ lab }) => {
  await lab.use({ sshd: "Match Address 203.0.113.7\n  GatewayPorts clientspecified\n", accounts });

  await using home = await lab.home.ssh("-4", "-R", ":43234:localhost:3389");
  expect(home.listeners).toEqual(wide);
  await home.kill();

  await using elsewhere = await lab.otherLan.ssh("-4", "-R", ":43234:localhost:3389");
  expect(elsewhere.listeners).toEqual(loopback);
});
