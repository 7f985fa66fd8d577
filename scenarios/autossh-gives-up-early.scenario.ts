import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "autossh restarts a killed ssh at once, but exits if its first ssh fails early, unless AUTOSSH_GATETIME is 0",
    ja: "autossh は強制終了された ssh を再起動する。だが最初の ssh がすぐ失敗すると、AUTOSSH_GATETIME=0 でなければ終了する",
  },
  question: {
    en: "autossh keeps ssh running. Does it do so from the start, as after a power failure, when the old session still holds the port?",
    ja: "autossh は ssh を動かし続けます。停電の復旧直後など、古いセッションがまだポートを使っている場合も、最初からそうですか。",
  },
  predict: {
    en: "What does it do when its ssh is killed, and what when its first ssh is refused the port?",
    ja: "ssh が強制終了されたときと、最初の ssh がポートを拒否されたとき、autossh はどうしますか。",
  },
  commands: [
    "home$ autossh -M 0 -N -o ExitOnForwardFailure=yes -R 43234:localhost:80 alice@server",
    "home$ pkill -KILL -x ssh",
    "home$ AUTOSSH_GATETIME=0 autossh -M 0 -N -o ExitOnForwardFailure=yes -R 43234:localhost:80 alice@server",
  ],
  seen: {
    en: "A killed ssh is back in a moment. If the first one is refused, autossh itself exits with 1. With AUTOSSH_GATETIME=0 it retries and gets the port once it is free.",
    ja: "強制終了された ssh はすぐに再起動されます。最初の ssh が拒否されると、autossh 自身が終了コード 1 で終わります。AUTOSSH_GATETIME=0 なら再試行し、空いたポートを取得します。",
  },
  why: {
    en: "If the first ssh fails within 30 s, autossh assumes that you made a mistake. At boot it is often just the network or the server that is not ready yet.",
    ja: "最初の ssh が 30 秒以内に失敗すると、autossh は使い方の誤りとみなします。起動時には、ネットワークやサーバーの準備がまだできていないだけのことがよくあります。",
  },
});

const test = labTest({ images: { home: "forwardlab/supervised" }, accounts: { alice: {}, bob: {} } });
const tunnel = ["autossh", "-M", "0", "-N", "-o", "ExitOnForwardFailure=yes", "-R", "43234:localhost:80", "alice@server"];

test("a killed ssh is restarted", async ({ lab }) => {
  await lab.home.equip();
  await lab.home.serve(80);
  await lab.home.start(tunnel);
  const running = async () => (await lab.home.run(["pgrep", "-x", "ssh"])).stdout;
  await expect.poll(() => lab.server.listeners(43234), { interval: 50, timeout: 20_000 }).toHaveLength(2);
  const first = await running();

  expect(await lab.home.run(["pkill", "-KILL", "-x", "ssh"])).toMatchObject({ code: 0 });

  await expect.poll(async () => ["", first].includes(await running()), { interval: 50, timeout: 20_000 }).toBe(false);
  await expect
    .poll(() => lab.server.run(["curl", "-sS", "http://localhost:43234/"]), { interval: 100, timeout: 20_000 })
    .toMatchObject({ code: 0 });
});

test("a first ssh that is refused ends autossh; control: AUTOSSH_GATETIME=0", async ({ lab }) => {
  await lab.home.equip();
  await using old = await lab.otherLan.ssh("-R", "43234:localhost:80", { as: "bob" });
  await lab.home.start(tunnel, { env: { AUTOSSH_GATETIME: "0" }, says: /^Error: remote port forwarding failed/ });

  const hasty = await lab.home.start(tunnel, { says: /^Error: remote port forwarding failed/ });
  expect(await hasty.exited).toMatchObject({ code: 1 });

  await old.kill();
  await expect.poll(() => lab.server.listeners(43234), { interval: 50, timeout: 30_000 }).toHaveLength(2);
});
