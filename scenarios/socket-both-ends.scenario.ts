import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: {
    en: "A socket that a forward listens on belongs to one account of its host; a port on loopback is open to all of them",
    ja: "ソケットでの待ち受けを使えるのは、そのホストの 1 つのアカウント。ループバックのポートは全アカウントが使える",
  },
  question: {
    en: "alice forwards with `-R /tmp/x.sock:/run/y.sock`. bob is on the same server, a stranger on the internet. Who gets through?",
    ja: "alice が `-R /tmp/x.sock:/run/y.sock` で転送します。同じサーバーに bob が、インターネットに第三者がいます。接続できるのは誰ですか。",
  },
  predict: {
    en: "alice, bob, root, the stranger: by default, and with `StreamLocalBindMask 0000`? And if alice uses a port on loopback instead?",
    ja: "既定の場合と `StreamLocalBindMask 0000` の場合で、alice、bob、root、第三者は接続できますか。代わりにループバックのポートを使うとどうですか。",
  },
  commands: [
    "home$ ssh -R /tmp/x.sock:/run/y.sock alice@server",
    "server$ curl --unix-socket /tmp/x.sock http://localhost/",
    "home$ ssh -L /tmp/x.sock:/run/y.sock alice@server",
  ],
  seen: {
    en: "By default alice and root; bob gets `Permission denied`. With the mask 0000, or a port on loopback, bob gets through too. -L does the same at home, with ssh's own mask. From other hosts nobody can even address the path.",
    ja: "既定では alice と root だけで、bob は `Permission denied` になります。マスクが 0000 か、ループバックのポートなら、bob も接続できます。-L では自宅側で同じことになり、使われるのは ssh 自身のマスクです。ほかのホストからは、パスを指定することもできません。",
  },
  why: {
    en: "The kernel checks the file mode when a socket is opened: connecting requires write permission. sshd creates the file as the account that logged in, with 0777 minus StreamLocalBindMask, 0177 by default: srw-------. A port has no owner or mode.",
    ja: "ソケットを開くとき、カーネルはファイルのモードを確認します。接続には書き込み権限が必要です。sshd は、ログインしたアカウントの権限で、0777 から StreamLocalBindMask（既定は 0177）を除いたモード、srw------- のファイルを作ります。ポートには所有者もモードもありません。",
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

test("control: a port on loopback has no owner", async ({ lab }) => {
  await lab.use({ accounts });
  await using _forward = await lab.home.ssh("-R", "8080:/run/y.sock", { as: "alice" });

  const curl = await lab.server.run(["curl", "-s", "http://127.0.0.1:8080/hello"], { user: "bob" });
  expect(curl.stdout).toContain("hello");
});

test("curl shows the same: bob may not open what alice may", async ({ lab }) => {
  await lab.use({ accounts });
  await using _forward = await lab.home.ssh("-R", "/tmp/x.sock:/run/y.sock", { as: "alice" });

  const curl = (user: string) => lab.server.run(["curl", "-sS", "--unix-socket", "/tmp/x.sock", "http://localhost/hello"], { user });
  expect((await curl("alice")).stdout).toContain("hello");
  expect(await curl("bob")).toMatchObject({ code: 7, stdout: "" });
});

test("-L does the same at home, with ssh's own mask and not the server's", async ({ lab }) => {
  await lab.use({ accounts, sshd: "StreamLocalBindMask 0000\n" });
  await using closed = await lab.home.ssh("-L", "/tmp/x.sock:/run/y.sock", { as: "alice" });
  await using open = await lab.home.ssh("-o", "StreamLocalBindMask=0000", "-L", "/tmp/z.sock:/run/y.sock", { as: "alice" });

  await expect(lab.home).toReach(closed, { as: "root" });
  await expect(lab.home).not.toReach(closed, { as: "nobody" });
  await expect(lab.home).toReach(open, { as: "nobody" });
});
