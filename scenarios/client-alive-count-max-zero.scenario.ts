import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "ClientAliveCountMax 0 is not the strictest value: it never ends a session",
    ja: "ClientAliveCountMax 0 は最も厳しい値ではない。セッションを決して終わらせない",
  },
  question: {
    en: "Old hardening guides say ClientAliveCountMax 0, to be rid of a dead client at the first question. Home's line is cut. Is it?",
    ja: "古い堅牢化の手引きは、最初の問いで死んだクライアントを切るために ClientAliveCountMax 0 と言う。自宅の回線が切れた。本当に切れるか。",
  },
  predict: {
    en: "Whose port closes: alice's with 0, or bob's with 1?",
    ja: "閉じるのはどちらのポートか。0 の alice か、1 の bob か。",
  },
  commands: [
    "server# sshd -T -C user=alice,host=home,addr=203.0.113.7 | grep -i clientalive",
    "home$ ssh -R 43234:localhost:80 alice@server",
    "home$ ssh -R 43235:localhost:80 bob@server",
    "server$ ss -ltn",
  ],
  seen: {
    en: "bob's alone. alice's stays, although with 0 she should have been the first to go.",
    ja: "bob のポートだけ。0 なら先に閉じるはずの alice のポートは残る。",
  },
  why: {
    en: "Since OpenSSH 8.2 a count of 0 means: ask, but never end. The smallest value that ends anything is 1.",
    ja: "OpenSSH 8.2 から、0 は「尋ねるが終わらせない」を意味する。何かを終わらせる最小の値は 1。",
  },
});

test("1 ends the session, 0 does not", async ({ lab }) => {
  await lab.use({
    sshd: "ClientAliveInterval 1\nMatch User alice\n  ClientAliveCountMax 0\nMatch User bob\n  ClientAliveCountMax 1\n",
    accounts: { alice: {}, bob: {} },
  });
  await using _alice = await lab.home.ssh("-R", "43234:localhost:80", { as: "alice" });
  await using _bob = await lab.home.ssh("-R", "43235:localhost:80", { as: "bob" });

  await using _cut = await lab.cut("home");

  await expect.poll(() => lab.server.listeners(43235), { interval: 50, timeout: 30_000 }).toEqual([]);
  expect(await lab.server.listeners(43234)).toHaveLength(2);
});
