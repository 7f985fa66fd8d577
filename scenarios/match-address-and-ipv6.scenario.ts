import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "A Match Address that bans an IPv4 address is passed by with ssh -6: the same machine, another address",
    ja: "IPv4 アドレスを禁じる Match Address は、ssh -6 で素通りできる。同じ機械の、別のアドレスだから",
  },
  question: {
    en: "`Match Address 203.0.113.7` takes forwarding away from whoever comes from home. Does it?",
    ja: "`Match Address 203.0.113.7` で、自宅から来る者の転送を禁じたつもり。禁じられるか。",
  },
  predict: {
    en: "With ssh -4, with ssh -6? And with home's IPv6 network in the same line?",
    ja: "ssh -4 ではどうか。ssh -6 ではどうか。同じ行に自宅の IPv6 の網も書けばどうか。",
  },
  commands: ["home$ ssh -4 -R 43234:localhost:3389 server", "home$ ssh -6 -R 43234:localhost:3389 server"],
  seen: {
    en: "-4 is refused, -6 is granted. With both addresses in the line both are refused.",
    ja: "-4 は拒否され、-6 は許される。行に両方を書けば、どちらも拒否される。",
  },
  why: {
    en: "A list of addresses says nothing about the other family. Forbid for all, and allow in a Match: then an address that was forgotten fails closed.",
    ja: "アドレスの一覧は、もう一方のファミリーについて何も言わない。全体で禁じて Match で許せば、書き忘れたアドレスは閉じた側に倒れる。",
  },
});

const ban = (addresses: string) => `Match Address ${addresses}\n  AllowTcpForwarding no\n`;

test("the ban on IPv4 holds for -4 and not for -6", async ({ lab }) => {
  await lab.use({ sshd: ban("203.0.113.7") });
  await using byIpv4 = await lab.home.ssh("-4", "-R", "43234:localhost:3389");
  expect(byIpv4.outcome).toMatchObject({ granted: false, refusedBy: { layer: "sshd-policy" } });
  await using byIpv6 = await lab.home.ssh("-6", "-R", "43234:localhost:3389");
  await expect(lab.server).toReach(byIpv6);
});

test("control: with both families in the line both are refused", async ({ lab }) => {
  await lab.use({ sshd: ban("203.0.113.7,2001:db8:7::/64") });
  for (const family of ["-4", "-6"]) {
    await using forward = await lab.home.ssh(family, "-R", "43234:localhost:3389");
    expect(forward.outcome, family).toMatchObject({ granted: false, refusedBy: { layer: "sshd-policy" } });
  }
});

test("control: forbidden for all and allowed in a Match, the forgotten family is refused", async ({ lab }) => {
  await lab.use({ sshd: "AllowTcpForwarding no\nMatch Address 203.0.113.7\n  AllowTcpForwarding yes\n" });
  await using byIpv4 = await lab.home.ssh("-4", "-R", "43234:localhost:3389");
  expect(byIpv4.granted).toBe(true);
  await using byIpv6 = await lab.home.ssh("-6", "-R", "43235:localhost:3389");
  expect(byIpv6.granted).toBe(false);
});
