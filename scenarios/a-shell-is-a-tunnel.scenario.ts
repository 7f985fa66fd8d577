import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "myths",
  title: {
    en: '"AllowTcpForwarding no stops tunnels": not for who has a shell, since any program there can carry bytes',
    ja: "「AllowTcpForwarding no でトンネルは止まる」は誤り。シェルがあれば、どのプログラムもバイトを運べる",
  },
  question: {
    en: "The server says AllowTcpForwarding no, and alice has a shell. Does she reach the server's database from home?",
    ja: "サーバーは AllowTcpForwarding no で、alice にはシェルがある。alice は自宅からサーバーのデータベースに届くか。",
  },
  predict: {
    en: "With -W, and with `ssh server nc localhost 5432`? And with ForceCommand?",
    ja: "-W ではどうか。`ssh server nc localhost 5432` ではどうか。ForceCommand があるとどうか。",
  },
  commands: ["home$ ssh -W localhost:5432 server", "home$ ssh server nc localhost 5432"],
  seen: {
    en: "-W is refused; nc carries the very same bytes. With ForceCommand neither does.",
    ja: "-W は拒否されるが、nc はまったく同じバイトを運ぶ。ForceCommand があればどちらも運べない。",
  },
  why: {
    en: "The setting stops sshd from dialling. A program that the account runs dials by itself, and ssh carries its input and output.",
    ja: "この設定が止めるのは sshd のダイヤルだけ。アカウントが動かすプログラムは自分でダイヤルし、その入出力を ssh が運ぶ。",
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

test("control: with a forced command neither does", async ({ lab }) => {
  await lab.use({ sshd: "AllowTcpForwarding no\nForceCommand /bin/false\n" });
  await lab.server.serve(5432, "127.0.0.1");
  await lab.home.equip();

  expect(await lab.home.run(byForward, request)).toMatchObject({ code: 255, stdout: "" });
  expect(await lab.home.run(byShell, request)).toMatchObject({ code: 1, stdout: "" });
});
