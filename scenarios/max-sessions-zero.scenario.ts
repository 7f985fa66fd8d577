import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "MaxSessions 0 takes away shells and commands, but not a single forward",
    ja: "MaxSessions 0 で使えなくなるのはシェルとコマンドだけ。転送はすべて使える",
  },
  question: {
    en: "The server has MaxSessions 0. What can an account still do?",
    ja: "サーバーの設定は MaxSessions 0 です。アカウントにはまだ何ができますか。",
  },
  predict: { en: "Run a command? Use -R? Use -W?", ja: "コマンド、-R、-W は使えますか。" },
  commands: ["home$ ssh server true", "home$ ssh -N -R 43234:localhost:3389 server", "home$ ssh -W localhost:80 server"],
  seen: {
    en: "The command is refused; -R and -W work. That is just right for an account that is only for tunnels.",
    ja: "コマンドは拒否され、-R と -W は使えます。トンネル専用のアカウントに適した設定です。",
  },
  why: {
    en: "A session is a shell, a command or a subsystem. Forwards use other kinds of channels, which this limit does not count.",
    ja: "セッションとは、シェル、コマンド、サブシステムのことです。転送は別の種類のチャネルを使い、この上限には含まれません。",
  },
});

test.for([0, 1])("MaxSessions %d", async (sessions, { lab }) => {
  await lab.use({ sshd: `MaxSessions ${sessions}\n` });
  const web = await lab.server.serve(80);
  await lab.home.equip();

  const command = await lab.home.run(["ssh", "server", "id -un"]);
  if (sessions === 0) expect(command).toMatchObject({ code: 255, stdout: "", stderr: expect.stringContaining("open failed") });
  else expect(command).toMatchObject({ code: 0, stdout: "tunnel\n" });

  await using forward = await lab.home.ssh("-R", "43234:localhost:3389");
  await expect(lab.server).toReach(forward);
  const carried = await lab.home.run(["ssh", "-W", "localhost:80", "server"], { input: "GET /hello HTTP/1.0\r\n\r\n" });
  expect(carried.stdout).toContain(web.identity);
});
