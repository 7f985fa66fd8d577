import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "AllowUsers name@address is about both at once: the listed account from elsewhere, and any other account, cannot log in at all",
    ja: "AllowUsers の 名前@アドレス は両方に及ぶ。挙げた人もほかの場所からは、挙げていない人はどこからも、ログインできない",
  },
  question: {
    en: "`AllowUsers alice@203.0.113.7`: home's public address. Who gets a forward?",
    ja: "`AllowUsers alice@203.0.113.7`。自宅の公開アドレスである。転送を得るのは誰か。",
  },
  predict: {
    en: "alice at home, alice on the other LAN, bob at home? And with `AllowUsers alice`?",
    ja: "自宅の alice、別の LAN の alice、自宅の bob。`AllowUsers alice` ならどうか。",
  },
  commands: [
    "home$ ssh -4 -R 43234:localhost:3389 alice@server",
    "other-lan$ ssh -4 -R 43234:localhost:3389 alice@server",
    "home$ ssh -4 -R 43234:localhost:3389 bob@server",
  ],
  seen: {
    en: "alice at home alone. The others get Permission denied, though their keys are right. Without an address alice comes from anywhere.",
    ja: "自宅の alice だけ。ほかは鍵が正しくても Permission denied。アドレスを書かなければ、alice はどこからでも入れる。",
  },
  why: {
    en: "AllowUsers decides who is let in, before any question of forwarding. Its addresses are those that sshd sees: the NAT's, so all who stand behind it.",
    ja: "AllowUsers が決めるのは誰を入れるかで、転送の話はその後。アドレスは sshd から見えるもの、つまり NAT のもので、その内側の全員を含む。",
  },
});

const accounts = { alice: {}, bob: {} };
const denied = { message: expect.stringContaining("not allowed because") };

test("alice from home, and nobody else", async ({ lab }) => {
  await lab.use({ sshd: "AllowUsers alice@203.0.113.7\n", accounts });

  await using forward = await lab.home.ssh("-4", "-R", "43234:localhost:3389", { as: "alice" });
  await expect(lab.server).toReach(forward);

  await expect(lab.otherLan.ssh("-4", "-R", "43235:localhost:3389", { as: "alice" })).rejects.toMatchObject(denied);
  await expect(lab.home.ssh("-4", "-R", "43235:localhost:3389", { as: "bob" })).rejects.toMatchObject(denied);
});

test("control: without an address, alice from anywhere", async ({ lab }) => {
  await lab.use({ sshd: "AllowUsers alice\n", accounts });

  await using forward = await lab.otherLan.ssh("-4", "-R", "43234:localhost:3389", { as: "alice" });
  await expect(lab.server).toReach(forward);
  await expect(lab.home.ssh("-4", "-R", "43235:localhost:3389", { as: "bob" })).rejects.toMatchObject(denied);
});
