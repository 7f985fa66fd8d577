import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "autossh brings a killed ssh back at once, but gives up for good when its first ssh fails, unless AUTOSSH_GATETIME is 0",
    ja: "autossh は強制終了された ssh をすぐ戻す。だが最初の ssh が失敗すると完全に諦める。AUTOSSH_GATETIME が 0 でなければ",
  },
  question: {
    en: "autossh keeps ssh running. Does it so from the first moment, as after a power failure, when the old session still has the port?",
    ja: "autossh は ssh を動かし続ける。停電の直後、古いセッションがまだポートを持っているときも、最初からそうか。",
  },
  predict: {
    en: "What does it do when its ssh is killed, and when its first ssh is refused the port?",
    ja: "ssh が強制終了されたとき、最初の ssh がポートを拒否されたとき、autossh は何をするか。",
  },
  commands: [
    "home$ autossh -M 0 -N -o ExitOnForwardFailure=yes -R 43234:localhost:80 alice@server",
    "home$ pkill -KILL -x ssh",
    "home$ AUTOSSH_GATETIME=0 autossh -M 0 -N -o ExitOnForwardFailure=yes -R 43234:localhost:80 alice@server",
  ],
  seen: {
    en: "Killed, it is back in a moment. Refused at first, autossh itself ends with 1. With AUTOSSH_GATETIME=0 it tries again, and has the port once it is free.",
    ja: "強制終了されても、すぐ戻る。最初に拒否されると、autossh 自身が 1 で終わる。AUTOSSH_GATETIME=0 なら再び試み、ポートが空けば得る。",
  },
  why: {
    en: "An ssh that fails within its first 30 s is a mistake of yours, autossh thinks. At boot that is often just a network, or a server, that is not ready.",
    ja: "最初の 30 秒以内に失敗した ssh は、使い手の間違いだと autossh は考える。起動時には、ネットワークやサーバーの準備がまだなだけのことが多い。",
  },
});

const test = labTest({ images: { home: "forwardlab/supervised" }, accounts: { alice: {}, bob: {} } });
const tunnel = ["autossh", "-M", "0", "-N", "-o", "ExitOnForwardFailure=yes", "-R", "43234:localhost:80", "alice@server"];

test("a killed ssh is back", async ({ lab }) => {
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
