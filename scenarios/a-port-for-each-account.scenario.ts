import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "PermitListen in a Match for each account keeps each to its own port, also while the owner is away",
    ja: "アカウントごとの Match に PermitListen を書けば、持ち主の留守中も、各自は自分のポートしか取れない",
  },
  question: {
    en: "alice's visitors know port 43234. Can bob take it while alice's tunnel is down?",
    ja: "alice の訪問者は 43234 番を知っている。alice のトンネルが落ちている間に、bob はそれを取れるか。",
  },
  predict: {
    en: "With one PermitListen for all, with one for each?",
    ja: "PermitListen が全員で一つの場合と、各自に一つずつの場合で、どうなるか。",
  },
  commands: ["home$ ssh -R 43234:localhost:3389 alice@server", "other-lan$ ssh -R 43234:localhost:3389 bob@server"],
  seen: {
    en: "With one list for all bob gets alice's port. With a list for each he is refused it and gets his own.",
    ja: "全員で一つの一覧なら、bob は alice のポートを取れる。各自に一つなら、それは拒否され、自分のポートだけ取れる。",
  },
  why: {
    en: "A port belongs to nobody until it is bound. Who may bind it is sshd's to say, for each account.",
    ja: "ポートはバインドされるまで誰のものでもない。誰がバインドしてよいかは、sshd がアカウントごとに決められる。",
  },
});

const accounts = { alice: {}, bob: {} };
const own = "Match User alice\n  PermitListen 43234\nMatch User bob\n  PermitListen 43235\nMatch all\n  PermitListen none\n";

test("each has a port of its own, and not the other's", async ({ lab }) => {
  await lab.use({ sshd: own, accounts });

  await using bobOnAlices = await lab.otherLan.ssh("-R", "43234:localhost:3389", { as: "bob" });
  expect(bobOnAlices.outcome).toMatchObject({ granted: false, refusedBy: { text: expect.stringContaining("PermitListen") } });
  await using bob = await lab.otherLan.ssh("-R", "43235:localhost:3389", { as: "bob" });
  await expect(lab.server).toReach(bob);
  await using alice = await lab.home.ssh("-R", "43234:localhost:3389", { as: "alice" });
  await expect(lab.server).toReach(alice);
});

test("control: with one list for all, bob gets alice's port", async ({ lab }) => {
  await lab.use({ sshd: "PermitListen 43234 43235\n", accounts });

  await using bob = await lab.otherLan.ssh("-R", "43234:localhost:3389", { as: "bob" });
  await expect(lab.server).toReach(bob);
  await using alice = await lab.home.ssh("-R", "43234:localhost:3389", { as: "alice" });
  expect(alice.granted).toBe(false);
});
