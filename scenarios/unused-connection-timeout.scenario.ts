import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  since: "9.2",
  title: {
    en: "With UnusedConnectionTimeout a forward that nobody visits is disconnected: a listener is no use of the connection",
    ja: "UnusedConnectionTimeout があると、訪問者のいない転送は切断される。待ち受けは接続を使っていることにならない",
  },
  question: {
    en: "The server has UnusedConnectionTimeout 3. How long does ssh -N -R live?",
    ja: "サーバーに UnusedConnectionTimeout 3 がある。ssh -N -R はどれだけ生きるか。",
  },
  predict: {
    en: "alice's port has no visitor, bob's has one that says nothing. Whose ssh ends?",
    ja: "alice のポートには訪問者がなく、bob のポートには黙った訪問者が一人いる。誰の ssh が終わるか。",
  },
  commands: [
    "home$ ssh -N -R 43234:localhost:80 alice@server",
    "home$ ssh -N -R 43235:localhost:80 bob@server",
    "server$ nc localhost 43235",
  ],
  seen: {
    en: "alice's: 255, `Connection to server closed by remote host.` bob's stays, until his visitor leaves.",
    ja: "alice の ssh。255 と `Connection to server closed by remote host.` bob の ssh は、訪問者が去るまで残る。",
  },
  why: {
    en: "What counts is open channels, and -N -R has none until a visitor comes. Exempt accounts that only forward with a Match block.",
    ja: "数えられるのは開いたチャネルで、-N -R には訪問者が来るまで一つもない。転送専用のアカウントは Match で除外する。",
  },
});

test("the unvisited one ends, the visited one when its visitor has left", async ({ lab }) => {
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
