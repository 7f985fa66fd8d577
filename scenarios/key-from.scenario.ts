import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "from= in a key line is about the login: from elsewhere the key is no key at all",
    ja: "鍵の from= はログインについてのもの。別の場所からでは、鍵ですらない",
  },
  question: {
    en: "A key carries from= with home's public address. What happens when it is used on the other LAN?",
    ja: "鍵に、自宅の公開アドレスの from= が付いている。別の LAN で使うとどうなるか。",
  },
  predict: { en: "Is the forward refused, or the login?", ja: "拒否されるのは転送か、ログインか。" },
  commands: ["home$ ssh -4 -R 43234:localhost:3389 server", "other-lan$ ssh -4 -R 43234:localhost:3389 server"],
  seen: {
    en: "From home it works. From the other LAN: Permission denied (publickey).",
    ja: "自宅からは使える。別の LAN からは Permission denied (publickey)。",
  },
  why: {
    en: "sshd looks at from= while it looks for a key that fits. What it compares is the address it sees: the NAT's, not home's own.",
    ja: "sshd は、合う鍵を探すときに from= を見る。比べるのは sshd から見えるアドレスで、自宅自身のものではなく NAT のもの。",
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
