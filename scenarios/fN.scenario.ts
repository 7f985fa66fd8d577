import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: { en: "-fN changes nothing about who can reach the forward", ja: "-fN は、誰が転送に届くかを何も変えない" },
  question: {
    en: "`ssh -fN` returns to the prompt at once. Is the port there?",
    ja: "`ssh -fN` はすぐにプロンプトへ戻る。ポートは開いているか。",
  },
  predict: {
    en: "What listens on the server after the command has returned, and what after that ssh is killed?",
    ja: "コマンドが戻った後、サーバーで何が待ち受けるか。その ssh を終了させた後はどうか。",
  },
  commands: ["home$ ssh -fN -R :43234:localhost:3389 server", "home$ pkill -f :43234"],
  seen: {
    en: "The port stands on both families until the ssh in the background is killed.",
    ja: "バックグラウンドの ssh が終わるまで、IPv4 と IPv6 の両方でポートが開いている。",
  },
  why: {
    en: "-N asks for no command, -f lets ssh go on by itself once it has logged in. Neither is about listening.",
    ja: "-N はコマンドを求めないだけ、-f はログイン後に ssh を背後へ回すだけ。どちらも待ち受けとは関係がない。",
  },
});

test("ssh -fN leaves an ssh behind that holds the port", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts clientspecified\n" });

  await using forward = await lab.home.ssh("-fN", "-R", ":43234:localhost:3389");

  expect(forward.listeners).toEqual(["0.0.0.0:43234", "[::]:43234"]);
  await expect(lab.otherLan).toReach(forward);

  await forward.kill();
  await expect(lab.otherLan).toSee(forward, "refused");
});
