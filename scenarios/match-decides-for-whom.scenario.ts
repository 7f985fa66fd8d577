import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "A Match block gives a setting to one user, one group or one source address, and to nobody else",
    ja: "Match は、一人の利用者、一つのグループ、一つの接続元だけに設定を与え、ほかには与えない",
  },
  question: {
    en: "GatewayPorts stands in a Match block. For whom does the colon work?",
    ja: "GatewayPorts が Match の中にある。先頭のコロンは誰に効くか。",
  },
  predict: {
    en: "alice and bob; staff and others; home's address and the other LAN's: whose forward is open?",
    ja: "alice と bob、staff とほか、自宅のアドレスと別の LAN のアドレス。誰の転送が開くか。",
  },
  commands: [
    "server# sshd -T -C user=alice,host=home,addr=203.0.113.7 | grep -i gatewayports",
    "home$ ssh -R :43234:localhost:3389 alice@server",
    "home$ ssh -R :43234:localhost:3389 bob@server",
  ],
  seen: {
    en: "The one who is matched opens the port to everybody; the other one gets loopback, without a word.",
    ja: "一致した側はポートを全員に開き、もう一方は黙ってループバックにされる。",
  },
  why: {
    en: "sshd works out its settings for each login, from the account and the address that the connection comes from: behind a NAT that is the NAT's.",
    ja: "sshd はログインごとに、アカウントと接続元アドレスから設定を決める。NAT の内側からなら、それは NAT のアドレス。",
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

test("Match Address: who comes from home's public address, not who comes from elsewhere", async ({ lab }) => {
  await lab.use({ sshd: "Match Address 203.0.113.7\n  GatewayPorts clientspecified\n", accounts });

  await using home = await lab.home.ssh("-4", "-R", ":43234:localhost:3389");
  expect(home.listeners).toEqual(wide);
  await home.kill();

  await using elsewhere = await lab.otherLan.ssh("-4", "-R", ":43234:localhost:3389");
  expect(elsewhere.listeners).toEqual(loopback);
});
