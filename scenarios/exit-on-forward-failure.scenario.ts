import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "Without ExitOnForwardFailure, ssh stays connected with just a warning, and in the background without even that",
    ja: "ExitOnForwardFailure がなければ、ssh は警告だけで接続を続ける。バックグラウンドではその警告も見えない",
  },
  question: { en: "ssh cannot get the port. Does it fail?", ja: "ポートを取得できません。ssh は失敗しますか。" },
  predict: {
    en: "What is the exit status of ssh with a command, with -fN, and with ExitOnForwardFailure=yes?",
    ja: "コマンド付き、-fN、ExitOnForwardFailure=yes のそれぞれで、ssh の終了コードは何ですか。",
  },
  commands: [
    "home$ ssh -R 80:localhost:3389 server true; echo $?",
    "home$ ssh -fN -R 80:localhost:3389 server; echo $?",
    "home$ ssh -o ExitOnForwardFailure=yes -R 80:localhost:3389 server true; echo $?",
  ],
  seen: {
    en: "0 with a warning, 0, and 255. Nothing listens on port 80 in any of the three.",
    ja: "警告付きの 0、警告なしの 0、そして 255 です。どの場合も、80 番では何も待ち受けません。",
  },
  why: {
    en: "A refused forward is not a session error. A supervisor that restarts a dead ssh has nothing to restart here.",
    ja: "転送が拒否されても、セッションのエラーにはなりません。終了したプロセスを再起動する監視ツールがあっても、ssh は終了していないので何も起きません。",
  },
});

const socket = "/run/forwardlab-failure";

test("status 0, with a warning, and with -f without one", async ({ lab, onTestFinished }) => {
  await lab.home.equip();

  const told = await lab.home.run(["ssh", "-R", "80:localhost:3389", "server", "true"]);
  expect(told).toMatchObject({ code: 0, stderr: expect.stringContaining("Warning: remote port forwarding failed for listen port 80") });

  const background = await lab.home.run(["sh", "-c", `exec ssh -M -S ${socket} -fN -R 80:localhost:3389 server >/dev/null 2>&1`]);
  onTestFinished(async () => {
    await lab.home.run(["ssh", "-S", socket, "-O", "exit", "server"]);
  });
  expect(background.code).toBe(0);
  expect(await lab.home.run(["ssh", "-S", socket, "-O", "check", "server"])).toMatchObject({ code: 0 });
  expect(await lab.server.listeners(80)).toEqual([]);
});

test("control: with ExitOnForwardFailure=yes it ends with 255", async ({ lab }) => {
  await lab.home.equip();
  const refused = await lab.home.run(["ssh", "-o", "ExitOnForwardFailure=yes", "-R", "80:localhost:3389", "server", "true"]);
  expect(refused).toMatchObject({ code: 255, stderr: expect.stringContaining("Error: remote port forwarding failed for listen port 80") });
  const granted = await lab.home.run(["ssh", "-o", "ExitOnForwardFailure=yes", "-R", "8080:localhost:3389", "server", "true"]);
  expect(granted).toMatchObject({ code: 0 });
});
