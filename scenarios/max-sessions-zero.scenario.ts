import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "MaxSessions 0 takes away shells and commands, and not one forward",
    ja: "MaxSessions 0 が奪うのはシェルとコマンドで、転送は一つも奪わない",
  },
  question: {
    en: "The server says MaxSessions 0. What can an account still do?",
    ja: "サーバーは MaxSessions 0。アカウントにはまだ何ができるか。",
  },
  predict: { en: "A command, -R, -W?", ja: "コマンド、-R、-W は、それぞれ使えるか。" },
  commands: ["home$ ssh server true", "home$ ssh -N -R 43234:localhost:3389 server", "home$ ssh -W localhost:80 server"],
  seen: {
    en: "The command is refused; -R and -W work. For an account that is for tunnels alone this is what one wants.",
    ja: "コマンドは拒否され、-R と -W は動く。トンネル専用のアカウントには、まさに望みどおりの設定。",
  },
  why: {
    en: "A session is a shell, a command or a subsystem. Forwards travel in channels of other kinds, which nobody counts.",
    ja: "セッションとは、シェル、コマンド、サブシステムのこと。転送は別の種類のチャネルを通り、それを数えるものはない。",
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
