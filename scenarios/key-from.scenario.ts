import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "from= on a key applies to the login: from anywhere else, the key is not accepted at all",
    ja: "鍵の from= はログインに適用される。ほかの場所からは、その鍵でログインできない",
  },
  question: {
    en: "A key has from= with home's public address. What happens when it is used on the other LAN?",
    ja: "鍵の from= に自宅の公開アドレスを指定しています。別の LAN で使うとどうなりますか。",
  },
  predict: { en: "Does sshd refuse the forward or the login?", ja: "拒否されるのは転送ですか、ログインですか。" },
  commands: ["home$ ssh -4 -R 43234:localhost:3389 server", "other-lan$ ssh -4 -R 43234:localhost:3389 server"],
  seen: {
    en: "From home it works. From the other LAN: Permission denied (publickey).",
    ja: "自宅からは使えます。別の LAN からは Permission denied (publickey) になります。",
  },
  why: {
    en: "sshd checks from= while it looks for a matching key. It compares the address it sees: the NAT's, not home's own.",
    ja: "sshd は、一致する鍵を探すときに from= を確認します。比較されるのは sshd から見えるアドレス、つまり自宅自身ではなく NAT のアドレスです。",
  },
});

const at = (address: string) => ({ accounts: { alice: { keys: [`from="${address}"`] } } });

test("the address that the server sees gets in, another one does not", async ({ lab }) => {
  await lab.use(at("203.0.113.7"));
  await using forward = await lab.home.ssh("-4", "-R", "43234:localhost:3389");
  await expect(lab.server).toReach(forward);

  await expect(lab.otherLan.ssh("-4", "-R", "43235:localhost:3389")).rejects.toMatchObject({
    message: expect.stringContaining("ssh-login"),
  });
});

test("control: home's own address behind the NAT is not what the server sees", async ({ lab }) => {
  await lab.use(at("192.168.1.10"));
  await expect(lab.home.ssh("-4", "-R", "43234:localhost:3389")).rejects.toMatchObject({ message: expect.stringContaining("ssh-login") });
});
