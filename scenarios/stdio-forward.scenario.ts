import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "other-ways",
  title: {
    en: "-W carries one connection over ssh's own input and output: nothing listens anywhere",
    ja: "-W は一本の接続を ssh 自身の入出力で運ぶ。どこにも待ち受けはできない",
  },
  question: {
    en: "`ssh -W localhost:80 server` opens which port, and who can use it?",
    ja: "`ssh -W localhost:80 server` はどのポートを開くか。誰が使えるか。",
  },
  predict: {
    en: "What listens at home and on the server? What does AllowTcpForwarding remote do to it?",
    ja: "自宅とサーバーで何が待ち受けるか。AllowTcpForwarding remote ではどうなるか。",
  },
  commands: ["home$ printf 'GET / HTTP/1.0\\r\\n\\r\\n' | ssh -W localhost:80 server"],
  seen: {
    en: "The service answers on standard output, and no port opens. Where -L is forbidden, -W is too.",
    ja: "サービスの応答が標準出力に出て、ポートは開かない。-L が禁じられていれば -W も禁じられる。",
  },
  why: {
    en: "It is the request that -L makes for each connection, without the listener. So AllowTcpForwarding and PermitOpen judge it alike.",
    ja: "-L が接続ごとに出す要求と同じもので、待ち受けだけがない。だから AllowTcpForwarding も PermitOpen も同じように判断する。",
  },
});

const dial = ["ssh", "-W", "localhost:80", "server"];

test("the service answers, and nothing listens", async ({ lab }) => {
  const web = await lab.server.serve(80, "127.0.0.1");
  await lab.home.equip();

  const { stdout } = await lab.home.run(dial, { input: "GET /hello HTTP/1.0\r\n\r\n" });

  expect(stdout).toContain(web.identity);
  expect(await lab.home.listeners(80)).toEqual([]);
});

test.for(["AllowTcpForwarding remote", "PermitOpen localhost:81"])("control: %s forbids it, as it does -L", async (sshd, { lab }) => {
  await lab.use({ sshd: `${sshd}\n` });
  await lab.server.serve(80, "127.0.0.1");
  await lab.home.equip();

  expect(await lab.home.run(dial, { input: "GET /hello HTTP/1.0\r\n\r\n" })).toMatchObject({
    code: 255,
    stdout: "",
    stderr: expect.stringContaining("administratively prohibited"),
  });
});
