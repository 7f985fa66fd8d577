import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "After the server's host key changes, no tunnel comes back, not even with StrictHostKeyChecking=no",
    ja: "サーバーのホスト鍵が変わると、StrictHostKeyChecking=no でもトンネルは復旧しない",
  },
  question: {
    en: "The server was rebuilt and has new host keys. An unattended ssh at home reconnects. Does its forward come back?",
    ja: "サーバーが再構築され、ホスト鍵が新しくなりました。自宅で無人運用している ssh が再接続します。転送も復旧しますか。",
  },
  predict: {
    en: "By default, with StrictHostKeyChecking=no, and with ExitOnForwardFailure=yes as well: what is the exit status, and what listens?",
    ja: "既定の場合、StrictHostKeyChecking=no の場合、さらに ExitOnForwardFailure=yes の場合、終了コードは何で、何が待ち受けますか。",
  },
  commands: [
    "server# rm /etc/ssh/ssh_host_* && ssh-keygen -A && pkill -HUP -o -x sshd",
    "home$ ssh -R 43234:localhost:80 server ss -ltn",
    "home$ ssh -o StrictHostKeyChecking=no -R 43234:localhost:80 server ss -ltn",
    "home$ ssh -o StrictHostKeyChecking=no -o ExitOnForwardFailure=yes -R 43234:localhost:80 server ss -ltn",
    "home$ ssh-keygen -R server",
    "home$ ssh -o StrictHostKeyChecking=accept-new -R 43234:localhost:80 server ss -ltn",
  ],
  seen: {
    en: "255 and nothing; 0 and a login in which nothing listens; 255 again. With the old key removed, the forward is back.",
    ja: "最初は 255 で、何も待ち受けません。次は 0 でログインできますが、何も待ち受けません。最後はまた 255 です。古い鍵を削除すると、転送は復旧します。",
  },
  why: {
    en: "A man in the middle would look exactly the same. So ssh opens no forward past a changed key, even with StrictHostKeyChecking=no, and its warning goes where nobody reads it.",
    ja: "中間者攻撃も、まったく同じように見えます。そのため ssh は、StrictHostKeyChecking=no でも、鍵が変わった相手には転送を開きません。その警告は、無人では誰も読みません。",
  },
});

const listening = "ss -Hltn sport = :43234";

test("no login, a login without the tunnel, no login", async ({ lab }) => {
  // A text of its own, so that no later test mistakes the sshd with these keys for the one it expects.
  await lab.use({ sshd: "# until the server is rebuilt\n" });
  await lab.home.equip();
  const ssh = (...options: string[]) => lab.home.run(["ssh", ...options, "-R", "43234:localhost:80", "server", listening]);
  const stands = { code: 0, stdout: expect.stringContaining("127.0.0.1:43234") };
  expect(await ssh()).toMatchObject(stands);

  const starts = () => lab.forwardLab.server.log().filter((line) => line.startsWith("Server listening on ")).length;
  const before = starts();
  const key = "/etc/ssh/ssh_host_ed25519_key";
  const rebuild = `rm ${key}* && ssh-keygen -q -t ed25519 -N '' -f ${key} && pkill -HUP -o -x sshd`;
  expect(await lab.server.run(["sh", "-c", rebuild])).toMatchObject({ code: 0 });
  await expect.poll(starts, { interval: 10, timeout: 15_000 }).toBe(2 * before);

  expect(await ssh()).toMatchObject({ code: 255, stderr: expect.stringContaining("Host key verification failed.") });
  const anyKey = ["-o", "StrictHostKeyChecking=no"];
  expect(await ssh(...anyKey)).toMatchObject({ code: 0, stdout: "", stderr: expect.stringContaining("Port forwarding is disabled") });
  expect(await ssh(...anyKey, "-o", "ExitOnForwardFailure=yes")).toMatchObject({
    code: 255,
    stderr: expect.stringContaining("Error: forwarding disabled due to host key check failure"),
  });

  expect(await lab.home.run(["ssh-keygen", "-R", "server"])).toMatchObject({ code: 0 });
  expect(await ssh("-o", "StrictHostKeyChecking=accept-new")).toMatchObject(stands);
});
