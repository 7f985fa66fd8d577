import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "A Match Address that bans an IPv4 address does not stop ssh -6: the same host, another address",
    ja: "IPv4 アドレスを禁止する Match Address では、ssh -6 を防げない。同じホストでも別のアドレスだから",
  },
  question: {
    en: "`Match Address 203.0.113.7` is meant to forbid forwarding from home. Does it?",
    ja: "`Match Address 203.0.113.7` で、自宅からの転送を禁止しようとしています。禁止できますか。",
  },
  predict: {
    en: "With ssh -4? With ssh -6? And with home's IPv6 network on the same line?",
    ja: "ssh -4 と ssh -6 ではどうですか。同じ行に自宅の IPv6 ネットワークも書くとどうなりますか。",
  },
  commands: ["home$ ssh -4 -R 43234:localhost:3389 server", "home$ ssh -6 -R 43234:localhost:3389 server"],
  seen: {
    en: "-4 is refused, -6 is granted. With both addresses on the line, both are refused.",
    ja: "-4 は拒否され、-6 は許可されます。両方のアドレスを書けば、どちらも拒否されます。",
  },
  why: {
    en: "A list of addresses says nothing about the other family. Forbid globally and allow in a Match: then a forgotten address fails closed.",
    ja: "アドレスの一覧は、もう一方のファミリーには効きません。全体で禁止して Match で許可すれば、書き忘れたアドレスは拒否されます。",
  },
});

const ban = (addresses: string) => `Match Address ${addresses}\n  AllowTcpForwarding no\n`;

test("the ban on IPv4 applies to -4 and not to -6", async ({ lab }) => {
  await lab.use({ sshd: ban("203.0.113.7") });
  await using byIpv4 = await lab.home.ssh("-4", "-R", "43234:localhost:3389");
  expect(byIpv4.outcome).toMatchObject({ granted: false, refusedBy: { layer: "sshd-policy" } });
  await using byIpv6 = await lab.home.ssh("-6", "-R", "43234:localhost:3389");
  await expect(lab.server).toReach(byIpv6);
});

test("control: with both families on the line both are refused", async ({ lab }) => {
  await lab.use({ sshd: ban("203.0.113.7,2001:db8:7::/64") });
  for (const family of ["-4", "-6"]) {
    await using forward = await lab.home.ssh(family, "-R", "43234:localhost:3389");
    expect(forward.outcome, family).toMatchObject({ granted: false, refusedBy: { layer: "sshd-policy" } });
  }
});

test("control: forbidden globally and allowed in a Match, the forgotten family is refused", async ({ lab }) => {
  await lab.use({ sshd: "AllowTcpForwarding no\nMatch Address 203.0.113.7\n  AllowTcpForwarding yes\n" });
  await using byIpv4 = await lab.home.ssh("-4", "-R", "43234:localhost:3389");
  expect(byIpv4.granted).toBe(true);
  await using byIpv6 = await lab.home.ssh("-6", "-R", "43235:localhost:3389");
  expect(byIpv6.granted).toBe(false);
});
