import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "AllowUsers user@address checks both: if either differs, the login fails",
    ja: "AllowUsers の「ユーザー@アドレス」は両方を確認する。どちらか一方でも違えば、ログインできない",
  },
  question: {
    en: "`AllowUsers alice@203.0.113.7` names home's public address. Who gets a forward?",
    ja: "`AllowUsers alice@203.0.113.7` には自宅の公開アドレスが書かれています。転送を開けるのは誰ですか。",
  },
  predict: {
    en: "alice at home? alice on the other LAN? bob at home? And with `AllowUsers alice`?",
    ja: "自宅の alice、別の LAN の alice、自宅の bob はどうですか。`AllowUsers alice` ならどうなりますか。",
  },
  commands: [
    "home$ ssh -4 -R 43234:localhost:3389 alice@server",
    "other-lan$ ssh -4 -R 43234:localhost:3389 alice@server",
    "home$ ssh -4 -R 43234:localhost:3389 bob@server",
  ],
  seen: {
    en: "Only alice at home. The others get Permission denied although their keys are valid. Without an address, alice can log in from anywhere.",
    ja: "自宅の alice だけです。ほかは鍵が正しくても Permission denied になります。アドレスを書かなければ、alice はどこからでもログインできます。",
  },
  why: {
    en: "AllowUsers decides who may log in, before forwarding comes up at all. sshd compares the address it sees: the NAT's, which stands for everyone behind it.",
    ja: "AllowUsers が決めるのは誰がログインできるかで、転送を許可するかどうかはその後の話です。比較されるのは sshd から見えるアドレス、つまり NAT のアドレスなので、その内側の全員が含まれます。",
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
