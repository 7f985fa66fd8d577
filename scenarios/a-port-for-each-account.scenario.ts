import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "A PermitListen for each account keeps everyone to their own port, even while its owner is offline",
    ja: "アカウントごとの PermitListen があれば、持ち主のトンネルが落ちていても、他人のポートは取れない",
  },
  question: {
    en: "alice's port is 43234. Can bob take it while alice's tunnel is down?",
    ja: "alice のポートは 43234 です。alice のトンネルが落ちている間に、bob はこのポートを取れますか。",
  },
  predict: {
    en: "With one PermitListen for everyone? With one for each account?",
    ja: "PermitListen が全員に共通の場合と、アカウントごとの場合とで、結果は変わりますか。",
  },
  commands: ["home$ ssh -R 43234:localhost:3389 alice@server", "other-lan$ ssh -R 43234:localhost:3389 bob@server"],
  seen: {
    en: "With a shared list, bob gets alice's port. With a list for each account, he is refused it and gets only his own.",
    ja: "共通の設定では、bob は alice のポートを取れます。アカウントごとの設定では拒否され、取れるのは自分のポートだけです。",
  },
  why: {
    en: "A port belongs to nobody until it is bound. sshd can decide for each account who may bind it.",
    ja: "ポートは、バインドされるまで誰のものでもありません。誰がバインドしてよいかは、sshd がアカウントごとに決められます。",
  },
});

const accounts = { alice: {}, bob: {} };
const own = "Match User alice\n  PermitListen 43234\nMatch User bob\n  PermitListen 43235\nMatch all\n  PermitListen none\n";

test("each account gets its own port and not the other's", async ({ lab }) => {
  await lab.use({ sshd: own, accounts });

  await using bobOnAlices = await lab.otherLan.ssh("-R", "43234:localhost:3389", { as: "bob" });
  expect(bobOnAlices.outcome).toMatchObject({ granted: false, refusedBy: { text: expect.stringContaining("PermitListen") } });
  await using bob = await lab.otherLan.ssh("-R", "43235:localhost:3389", { as: "bob" });
  await expect(lab.server).toReach(bob);
  await using alice = await lab.home.ssh("-R", "43234:localhost:3389", { as: "alice" });
  await expect(lab.server).toReach(alice);
});

test("control: with a shared list, bob gets alice's port", async ({ lab }) => {
  await lab.use({ sshd: "PermitListen 43234 43235\n", accounts });

  await using bob = await lab.otherLan.ssh("-R", "43234:localhost:3389", { as: "bob" });
  await expect(lab.server).toReach(bob);
  await using alice = await lab.home.ssh("-R", "43234:localhost:3389", { as: "alice" });
  expect(alice.granted).toBe(false);
});
