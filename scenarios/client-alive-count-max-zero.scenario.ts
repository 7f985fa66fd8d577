import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "ClientAliveCountMax 0 is not the strictest value: it never ends a session",
    ja: "ClientAliveCountMax 0 は最も厳しい値ではない。セッションは決して終了しない",
  },
  question: {
    en: "Old hardening guides recommend ClientAliveCountMax 0 to drop a dead client at the first probe. Home's line is cut. Is it dropped?",
    ja: "古いセキュリティ強化の手引きは、応答のないクライアントを最初の確認で切断するために ClientAliveCountMax 0 を勧めています。自宅の回線が切れたとき、本当に切断されますか。",
  },
  predict: {
    en: "Whose port closes: alice's with 0, or bob's with 1?",
    ja: "ポートが閉じるのは、0 の alice ですか、1 の bob ですか。",
  },
  commands: [
    "server# sshd -T -C user=alice,host=home,addr=203.0.113.7 | grep -i clientalive",
    "home$ ssh -R 43234:localhost:80 alice@server",
    "home$ ssh -R 43235:localhost:80 bob@server",
    "server$ ss -ltn",
  ],
  seen: {
    en: "Only bob's. alice's stays, although with 0 hers should have closed first.",
    ja: "bob のポートだけです。0 なら先に閉じるはずの alice のポートは残ります。",
  },
  why: {
    en: "Since OpenSSH 8.2, a count of 0 means: probe, but never disconnect. The smallest value that ends a session is 1.",
    ja: "OpenSSH 8.2 以降、0 は「確認はするが切断しない」という意味です。セッションを終了させる最小の値は 1 です。",
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
