import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "myths",
  title: {
    en: '"AllowTcpForwarding no stops tunnels": not for anyone with a shell, where any program can relay bytes',
    ja: "「AllowTcpForwarding no でトンネルは作れなくなる」は誤り。シェルがあれば、どのプログラムでも中継できる",
  },
  question: {
    en: "The server has AllowTcpForwarding no, and alice has a shell. Can she reach the server's database from home?",
    ja: "サーバーの設定は AllowTcpForwarding no で、alice はシェルを使えます。alice は自宅からサーバーのデータベースに接続できますか。",
  },
  predict: {
    en: "With -W? With `ssh server nc localhost 5432`? And with ForceCommand?",
    ja: "-W ではどうですか。`ssh server nc localhost 5432` ではどうですか。ForceCommand があるとどうなりますか。",
  },
  commands: ["home$ ssh -W localhost:5432 server", "home$ ssh server nc localhost 5432"],
  seen: {
    en: "-W is refused; nc carries the same bytes. With ForceCommand, neither works.",
    ja: "-W は拒否されますが、nc は同じ通信を中継できます。ForceCommand があると、どちらもできません。",
  },
  why: {
    en: "The setting only stops sshd from connecting on your behalf. A program started by the account makes its own connection, and ssh carries its input and output.",
    ja: "この設定が禁じるのは、sshd による代理の接続だけです。アカウントが起動したプログラムは自分で接続し、その入出力を ssh が運びます。",
  },
});

const request = { input: "GET /hello HTTP/1.0\r\n\r\n" };
const byForward = ["ssh", "-W", "localhost:5432", "server"];
const byShell = ["ssh", "server", "nc localhost 5432"];

test("-W is refused, nc gets through", async ({ lab }) => {
  await lab.use({ sshd: "AllowTcpForwarding no\n" });
  const database = await lab.server.serve(5432, "127.0.0.1");
  await lab.home.equip();

  expect(await lab.home.run(byForward, request)).toMatchObject({ code: 255, stdout: "" });
  expect((await lab.home.run(byShell, request)).stdout).toContain(database.identity);
});

test("control: with a forced command, neither works", async ({ lab }) => {
  await lab.use({ sshd: "AllowTcpForwarding no\nForceCommand /bin/false\n" });
  await lab.server.serve(5432, "127.0.0.1");
  await lab.home.equip();

  expect(await lab.home.run(byForward, request)).toMatchObject({ code: 255, stdout: "" });
  expect(await lab.home.run(byShell, request)).toMatchObject({ code: 1, stdout: "" });
});
