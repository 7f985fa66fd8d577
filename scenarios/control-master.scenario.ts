import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "other-ways",
  title: {
    en: "-O forward adds a forward to a running master connection, and -O cancel removes it, without a new login",
    ja: "動作中のマスター接続に、-O forward で転送を追加し、-O cancel で取り消せる。再ログインは要らない",
  },
  question: {
    en: "A forward is added to a connection that has been up for hours. Does sshd see a new login?",
    ja: "何時間も前に確立した接続に転送を追加します。sshd で新たなログインが発生しますか。",
  },
  predict: {
    en: "What listens before, after -O forward, and after -O cancel? Does cancel work with a different spelling?",
    ja: "最初、-O forward の後、-O cancel の後で、それぞれ何が待ち受けますか。別の書き方をした cancel は効きますか。",
  },
  commands: [
    "home$ ssh -M -S /run/master -fN server",
    "home$ ssh -S /run/master -O forward -R 43234:localhost:3389 server",
    "home$ ssh -S /run/master -O cancel -R 43234:localhost:3389 server",
  ],
  seen: {
    en: "The port opens and closes, with a single login in the log. A cancel that spells the address differently leaves it open.",
    ja: "ポートは開いて閉じ、ログに残るログインは 1 回だけです。アドレスの書き方が違う cancel では、開いたままです。",
  },
  why: {
    en: "Forwards are requests within a connection and can be made at any time. A forward is identified by the exact address it was requested with.",
    ja: "転送は接続の中の要求で、いつでも出せます。転送は、要求したときのアドレスの文字列そのもので識別されます。",
  },
});

const socket = "/run/forwardlab-master";
const control = (what: string, ...args: string[]) => ["ssh", "-S", socket, "-O", what, ...args, "server"];
const listens = ["127.0.0.1:43234", "[::1]:43234"];

test("forward, cancel, one login", async ({ lab, onTestFinished }) => {
  const desktop = await lab.home.serve(3389);
  await lab.home.equip();
  const logins = () => lab.forwardLab.server.log().filter((line) => line.startsWith("Accepted publickey")).length;
  const before = logins();
  expect(await lab.home.run(["sh", "-c", `exec ssh -M -S ${socket} -fN server >/dev/null 2>&1`])).toMatchObject({ code: 0 });
  onTestFinished(async () => {
    await lab.home.run(control("exit"));
  });
  expect(await lab.server.listeners(43234)).toEqual([]);

  expect(await lab.home.run(control("forward", "-R", "43234:localhost:3389"))).toMatchObject({ code: 0 });
  expect(await lab.server.listeners(43234)).toEqual(listens);
  expect((await lab.server.run(["curl", "-sS", "http://localhost:43234/hello"])).stdout).toContain(desktop.identity);

  await lab.home.run(control("cancel", "-R", "127.0.0.1:43234:localhost:3389"));
  expect(await lab.server.listeners(43234)).toEqual(listens);

  expect(await lab.home.run(control("cancel", "-R", "43234:localhost:3389"))).toMatchObject({ code: 0 });
  await expect.poll(() => lab.server.listeners(43234), { interval: 10, timeout: 10_000 }).toEqual([]);
  expect(logins() - before).toBe(1);
});
