import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "While home's line is cut visitors get in and wait; when it is back they are answered, unless ClientAliveInterval closed the port",
    ja: "自宅の回線が切れている間、訪問者は受け付けられて待たされる。戻れば応答がある。ClientAliveInterval がポートを閉じていなければ",
  },
  question: {
    en: "Home's line is cut for some seconds. What do visitors of the server's port get, then and afterwards?",
    ja: "自宅の回線が数秒切れる。その間とその後、サーバーのポートの訪問者は何を得るか。",
  },
  predict: {
    en: "With the default, and with ClientAliveInterval 1: refused, closed, silence, or an answer?",
    ja: "既定のままと ClientAliveInterval 1。拒否か、切断か、沈黙か、応答か。",
  },
  commands: [
    "home$ ssh -R 43234:localhost:80 alice@server",
    "home$ ssh -R 43235:localhost:80 bob@server",
    "server$ curl http://localhost:43235/",
    "home$ ssh -o ExitOnForwardFailure=yes -R 43235:localhost:80 bob@server",
  ],
  seen: {
    en: "alice's visitor is reset and her port closes. bob's visitor waits, and is answered when the line is back; a second ssh of bob's cannot have the port.",
    ja: "alice の訪問者は接続をリセットされ、ポートは閉じる。bob の訪問者は待ち、回線が戻ると応答を得る。bob の二つ目の ssh はポートを得られない。",
  },
  why: {
    en: "A cut line tells nobody. sshd goes on accepting, and TCP sends again and again for a quarter of an hour, unless somebody gives up earlier.",
    ja: "回線が切れても誰にも知らされない。sshd は受け付け続け、誰かが先に諦めないかぎり、TCP は約 15 分のあいだ送り直す。",
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
