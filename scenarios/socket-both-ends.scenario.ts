import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: {
    en: "A listener on a path is for one account of its host; a port on loopback is for all of them",
    ja: "パスでの待ち受けは、そのホストの一つのアカウントのもの。ループバックのポートは全員のもの",
  },
  question: {
    en: "Alice forwards with `-R /tmp/x.sock:/run/y.sock`. Bob is on the same server, a stranger on the internet. Who gets through?",
    ja: "アリスが `-R /tmp/x.sock:/run/y.sock` で転送する。同じサーバーにボブがいて、インターネットには第三者がいる。誰が通れるか。",
  },
  predict: {
    en: "Alice, bob, root, the stranger: who, by default, and who with `StreamLocalBindMask 0000`? And where alice takes a port on loopback instead?",
    ja: "アリス、ボブ、root、第三者。既定では誰が、`StreamLocalBindMask 0000` では誰が通れるか。ループバックのポートなら?",
  },
  commands: [
    "home$ ssh -R /tmp/x.sock:/run/y.sock alice@server",
    "server$ curl --unix-socket /tmp/x.sock http://localhost/",
    "home$ ssh -L /tmp/x.sock:/run/y.sock alice@server",
  ],
  seen: {
    en: "By default alice and root; bob gets `Permission denied`. With the mask 0000 bob, too. With a port on loopback bob always does. -L is the same at home, with ssh's own mask. From elsewhere nobody can even name the path.",
    ja: "既定ではアリスと root だけで、ボブは `Permission denied`。マスク 0000 ならボブも通る。ループバックのポートなら、ボブはいつでも通る。-L は自宅側で同じことになり、効くのは ssh 自身のマスク。よそからはパスを名指すことさえできない。",
  },
  why: {
    en: "The kernel asks the file's mode of whoever opens a socket: to connect takes the right to write. sshd makes the file as the account that logged in, with 0777 less StreamLocalBindMask, by default 0177: srw-------. A port has no owner to ask.",
    ja: "ソケットを開く者に対して、カーネルはファイルのモードを調べる。接続には書き込み権が要る。sshd はログインしたアカウントとして、0777 から StreamLocalBindMask(既定 0177)を除いたモード、srw------- でファイルを作る。ポートには問うべき所有者がいない。",
  },
});

const accounts = { alice: {}, bob: {} };

test("by default the socket is for the account that logged in", async ({ lab }) => {
  await lab.use({ accounts });
  await using forward = await lab.home.ssh("-R", "/tmp/x.sock:/run/y.sock", { as: "alice" });

  expect(forward.listeners).toEqual(["/tmp/x.sock (srw------- alice:alice)"]);
  await expect(lab.server).toReach(forward, { as: "alice" });
  await expect(lab.server).toReach(forward, { as: "root" });
  await expect(lab.server).toSee(forward, "filtered", { as: "bob" });
  await expect(lab.internet).not.toReach(forward);
});

test("control: StreamLocalBindMask 0000 lets every account in", async ({ lab }) => {
  await lab.use({ accounts, sshd: "StreamLocalBindMask 0000\n" });
  await using forward = await lab.home.ssh("-R", "/tmp/x.sock:/run/y.sock", { as: "alice" });

  expect(forward.listeners).toEqual(["/tmp/x.sock (srwxrwxrwx alice:alice)"]);
  await expect(lab.server).toReach(forward, { as: "bob" });
  await expect(lab.internet).not.toReach(forward);
});

test("control: a port on loopback asks nobody who he is", async ({ lab }) => {
  await lab.use({ accounts });
  await using _forward = await lab.home.ssh("-R", "8080:/run/y.sock", { as: "alice" });

  const curl = await lab.server.run(["curl", "-s", "http://127.0.0.1:8080/hello"], { user: "bob" });
  expect(curl.stdout).toContain("hello");
});

test("curl says the same: bob may not open what alice may", async ({ lab }) => {
  await lab.use({ accounts });
  await using _forward = await lab.home.ssh("-R", "/tmp/x.sock:/run/y.sock", { as: "alice" });

  const curl = (user: string) => lab.server.run(["curl", "-sS", "--unix-socket", "/tmp/x.sock", "http://localhost/hello"], { user });
  expect((await curl("alice")).stdout).toContain("hello");
  expect(await curl("bob")).toMatchObject({ code: 7, stdout: "" });
});

test("-L is the same at home; there ssh's own mask counts, and the server's does not", async ({ lab }) => {
  await lab.use({ accounts, sshd: "StreamLocalBindMask 0000\n" });
  await using closed = await lab.home.ssh("-L", "/tmp/x.sock:/run/y.sock", { as: "alice" });
  await using open = await lab.home.ssh("-o", "StreamLocalBindMask=0000", "-L", "/tmp/z.sock:/run/y.sock", { as: "alice" });

  await expect(lab.home).toReach(closed, { as: "root" });
  await expect(lab.home).not.toReach(closed, { as: "nobody" });
  await expect(lab.home).toReach(open, { as: "nobody" });
});
