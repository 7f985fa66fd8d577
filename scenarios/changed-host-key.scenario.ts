import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "When the server's host key has changed no tunnel comes back; with StrictHostKeyChecking=no ssh logs in, without the tunnel",
    ja: "サーバーのホスト鍵が変わると、トンネルは戻らない。StrictHostKeyChecking=no では、ログインはできてもトンネルがない",
  },
  question: {
    en: "The server was rebuilt and has new host keys. An unattended ssh at home comes back. Does its forward?",
    ja: "サーバーが作り直され、ホスト鍵が新しくなった。自宅の無人の ssh がつなぎ直す。転送も戻るか。",
  },
  predict: {
    en: "As it is, with StrictHostKeyChecking=no, and with ExitOnForwardFailure=yes as well: what is the exit status, and what listens?",
    ja: "そのまま、StrictHostKeyChecking=no、さらに ExitOnForwardFailure=yes。終了コードは何で、何が待ち受けるか。",
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
    en: "255 and nothing; 0 and a login in which nothing listens; 255 again. Once the old key is forgotten the forward is back.",
    ja: "最初は 255 で何も残らない。次は 0 でログインできるが、何も待ち受けない。最後はまた 255。古い鍵を忘れさせると、転送は戻る。",
  },
  why: {
    en: "Somebody between home and the server would look just like that. ssh therefore forwards nothing over it, whatever it is told, and says so where nobody reads it.",
    ja: "自宅とサーバーの間に誰かが割り込んでも、まったく同じに見える。だから ssh は何を指示されても転送せず、誰も読まない所でそう告げる。",
  },
});

const listening = "ss -Hltn sport = :43234";

test("no login, a login without the tunnel, no login", async ({ lab }) => {
  // A text of its own: no later test may take the sshd with these keys for the one that it expects.
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
