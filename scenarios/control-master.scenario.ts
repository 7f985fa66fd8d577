import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "other-ways",
  title: {
    en: "A running master connection takes forwards with -O forward and gives them back with -O cancel, without a new login",
    ja: "動いているマスター接続は、-O forward で転送を足し、-O cancel で戻せる。新しいログインは要らない",
  },
  question: {
    en: "A forward is added to a connection that has been up for hours. Does sshd log anybody in?",
    ja: "何時間も続いている接続に転送を足す。sshd は誰かをログインさせるか。",
  },
  predict: {
    en: "What listens before, after -O forward, and after -O cancel? Does cancel with another spelling work?",
    ja: "前、-O forward の後、-O cancel の後で、何が待ち受けるか。別の書き方の cancel は効くか。",
  },
  commands: [
    "home$ ssh -M -S /run/master -fN server",
    "home$ ssh -S /run/master -O forward -R 43234:localhost:3389 server",
    "home$ ssh -S /run/master -O cancel -R 43234:localhost:3389 server",
  ],
  seen: {
    en: "The port opens and closes, with one login in the log. A cancel that spells the address differently leaves it open.",
    ja: "ポートは開いて閉じ、ログのログインは一回だけ。アドレスの書き方が違う cancel では開いたまま。",
  },
  why: {
    en: "Forwards are requests inside a connection, and can come at any time in its life. They are named by the words they were asked with.",
    ja: "転送は接続の中の要求で、その寿命のいつでも出せる。転送は、頼んだときの語で名指しされる。",
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
