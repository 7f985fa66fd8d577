import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "other-ways",
  title: {
    en: "-W carries one connection over ssh's own input and output: nothing listens anywhere",
    ja: "-W は 1 つの接続を ssh 自身の入出力で運ぶ。どこにも待ち受けはできない",
  },
  question: {
    en: "Which port does `ssh -W localhost:80 server` open, and who can use it?",
    ja: "`ssh -W localhost:80 server` はどのポートを開きますか。誰が使えますか。",
  },
  predict: {
    en: "What listens at home and on the server? What does AllowTcpForwarding remote do to it?",
    ja: "自宅とサーバーでは何が待ち受けますか。AllowTcpForwarding remote ではどうなりますか。",
  },
  commands: ["home$ printf 'GET / HTTP/1.0\\r\\n\\r\\n' | ssh -W localhost:80 server"],
  seen: {
    en: "The service answers on standard output, and no port opens. Settings that forbid -L forbid -W too.",
    ja: "サービスの応答が標準出力に出ます。ポートは開きません。-L を禁止する設定では、-W も禁止されます。",
  },
  why: {
    en: "It is the same request that -L makes for each connection, without the listener. So AllowTcpForwarding and PermitOpen apply to both alike.",
    ja: "-L が接続ごとに出すのと同じ要求で、待ち受けがないだけです。そのため、AllowTcpForwarding も PermitOpen も同じように適用されます。",
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

test.for(["AllowTcpForwarding remote", "PermitOpen localhost:81"])("control: %s forbids it", async (sshd, { lab }) => {
  await lab.use({ sshd: `${sshd}\n` });
  await lab.server.serve(80, "127.0.0.1");
  await lab.home.equip();

  expect(await lab.home.run(dial, { input: "GET /hello HTTP/1.0\r\n\r\n" })).toMatchObject({
    code: 255,
    stdout: "",
    stderr: expect.stringContaining("administratively prohibited"),
  });
});
