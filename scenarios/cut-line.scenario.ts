import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "While home's line is down, visitors connect and wait for it to come back, unless ClientAliveInterval closes the port",
    ja: "自宅の回線が切れても接続は受け付けられ、復旧まで待たされる。ClientAliveInterval があればポートが閉じる",
  },
  question: {
    en: "Home's line is down for some seconds. What do visitors to the server's port get, during and after that?",
    ja: "自宅の回線が数秒間切れます。その間とその後、サーバーのポートへの接続はどうなりますか。",
  },
  predict: {
    en: "By default, and with ClientAliveInterval 1: refused, closed, silence, or an answer?",
    ja: "既定の場合と ClientAliveInterval 1 の場合、拒否、切断、無応答、応答のどれですか。",
  },
  commands: [
    "home$ ssh -R 43234:localhost:80 alice@server",
    "home$ ssh -R 43235:localhost:80 bob@server",
    "server$ curl http://localhost:43235/",
    "home$ ssh -o ExitOnForwardFailure=yes -R 43235:localhost:80 bob@server",
  ],
  seen: {
    en: "alice's visitor is reset and her port closes. bob's visitor waits and gets an answer when the line is back; a second ssh of bob's cannot get the port.",
    ja: "alice への接続はリセットされ、ポートは閉じます。bob への接続は待たされ、回線が復旧すると応答があります。bob が 2 つ目の ssh を起動しても、ポートは取れません。",
  },
  why: {
    en: "Nobody is told that a line is down. sshd keeps accepting, and TCP retransmits for about a quarter of an hour unless someone gives up earlier.",
    ja: "回線が切れても、誰にも通知されません。sshd は接続を受け付け続け、誰かが先に諦めないかぎり、TCP は約 15 分間再送を続けます。",
  },
});

test("bob's visitor waits for the line, alice's is reset", async ({ lab }) => {
  await lab.use({
    sshd: "Match User alice\n  ClientAliveInterval 1\n  ClientAliveCountMax 1\n",
    accounts: { alice: {}, bob: {} },
  });
  await using alice = await lab.home.ssh("-R", "43234:localhost:80", { as: "alice" });
  await using bob = await lab.home.ssh("-R", "43235:localhost:80", { as: "bob" });
  await expect(lab.server).toReach(alice);
  await expect(lab.server).toReach(bob);

  await using cut = await lab.cut("home");
  const ofBob = await lab.server.start(["curl", "-sSv", "http://localhost:43235/"], { says: /^> GET / });
  const ofAlice = await lab.server.start(["curl", "-sSv", "http://localhost:43234/"], { says: /^> GET / });

  const reset = 56;
  expect(await ofAlice.exited).toMatchObject({ code: reset });
  await expect.poll(() => lab.server.listeners(43234), { interval: 50, timeout: 30_000 }).toEqual([]);
  expect(await lab.server.listeners(43235)).toEqual(["127.0.0.1:43235", "[::1]:43235"]);
  expect(ofBob.lines.map(({ text }) => text)).not.toContainEqual(expect.stringMatching(/^< HTTP/));

  await cut[Symbol.asyncDispose]();
  expect(await ofBob.exited).toMatchObject({ code: 0 });
  await expect(lab.server).toReach(bob);

  await lab.home.equip();
  const again = ["ssh", "-o", "ExitOnForwardFailure=yes", "-R"];
  expect(await lab.home.run([...again, "43235:localhost:80", "bob@server", "true"])).toMatchObject({
    code: 255,
    stderr: expect.stringContaining("remote port forwarding failed for listen port 43235"),
  });
  expect(await lab.home.run([...again, "43234:localhost:80", "alice@server", "true"])).toMatchObject({ code: 0 });
});
