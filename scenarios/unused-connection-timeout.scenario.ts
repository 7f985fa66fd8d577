import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  since: "9.2",
  title: {
    en: "UnusedConnectionTimeout disconnects a forward that nobody visits: a listener alone does not count as use",
    ja: "UnusedConnectionTimeout があると、接続のない転送は切断される。待ち受けだけでは使用中とみなされない",
  },
  question: {
    en: "The server has UnusedConnectionTimeout 3. How long does ssh -N -R last?",
    ja: "サーバーの設定は UnusedConnectionTimeout 3 です。ssh -N -R はどのくらい続きますか。",
  },
  predict: {
    en: "alice's port has no visitor, bob's has one that sends nothing. Whose ssh ends?",
    ja: "alice のポートには接続がなく、bob のポートには何も送らない接続が 1 つあります。終了するのは誰の ssh ですか。",
  },
  commands: [
    "home$ ssh -N -R 43234:localhost:80 alice@server",
    "home$ ssh -N -R 43235:localhost:80 bob@server",
    "server$ nc localhost 43235",
  ],
  seen: {
    en: "alice's: 255, `Connection to server closed by remote host.` bob's stays up until his visitor leaves.",
    ja: "alice の ssh が、255 と `Connection to server closed by remote host.` で終了します。bob の ssh は、接続が切れるまで続きます。",
  },
  why: {
    en: "Open channels are what counts, and -N -R has none until a visitor connects. Exempt forward-only accounts with a Match block.",
    ja: "数えられるのは開いているチャネルで、-N -R には接続があるまで 1 つもありません。転送専用のアカウントは、Match で除外してください。",
  },
});

test("the unvisited one ends, the visited one once its visitor has left", async ({ lab }) => {
  await lab.use({ sshd: "UnusedConnectionTimeout 3\n", accounts: { alice: {}, bob: {} } });
  await lab.home.equip();
  await lab.home.serve(80);
  const bob = await lab.home.start(["ssh", "-N", "-R", "43235:localhost:80", "bob@server"]);
  await expect.poll(() => lab.server.listeners(43235), { interval: 20, timeout: 20_000 }).toHaveLength(2);
  const visitor = await lab.server.start(["nc", "-v", "localhost", "43235"], { says: /succeeded/ });
  const alice = await lab.home.start(["ssh", "-N", "-R", "43234:localhost:80", "alice@server"]);

  expect(await alice.exited).toMatchObject({ code: 255 });
  expect(alice.lines.at(-1)?.text).toBe("Connection to server closed by remote host.");
  expect(await lab.server.listeners(43235)).toHaveLength(2);

  await visitor.kill();
  expect(await bob.exited).toMatchObject({ code: 255 });
  expect(await lab.server.listeners(43235)).toEqual([]);
});
