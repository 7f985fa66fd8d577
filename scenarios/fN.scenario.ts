import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: { en: "-fN does not change who can reach the forward", ja: "-fN を付けても、転送に到達できる相手は変わらない" },
  question: {
    en: "`ssh -fN` returns to the prompt at once. Is the port open?",
    ja: "`ssh -fN` はすぐにプロンプトへ戻ります。ポートは開いていますか。",
  },
  predict: {
    en: "What listens on the server after the command returns, and after that ssh is killed?",
    ja: "コマンドが戻った後、サーバーでは何が待ち受けますか。その ssh を終了させるとどうなりますか。",
  },
  commands: ["home$ ssh -fN -R :43234:localhost:3389 server", "home$ pkill -f :43234"],
  seen: {
    en: "The port is open on both families until the ssh in the background is killed.",
    ja: "バックグラウンドの ssh を終了させるまで、IPv4 と IPv6 の両方でポートが開いています。",
  },
  why: {
    en: "-N requests no command, and -f sends ssh to the background after login. Neither affects what listens.",
    ja: "-N はコマンドを実行せず、-f はログイン後に ssh をバックグラウンドへ移すだけです。どちらも待ち受けには影響しません。",
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
