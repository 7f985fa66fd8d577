import { expect, labTest, test as onDefault, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "PermitListen lets every socket of -R pass; PermitOpen stops those of -L, but for an entry for every port: `*:*`, or `[/path]:*`",
    ja: "PermitListen は -R のソケットをすべて通す。PermitOpen は -L のソケットを止める。通すのは、すべてのポートを許す `*:*` か `[/パス]:*` だけ",
  },
  question: {
    en: "An account is limited by `PermitListen none` and `PermitOpen localhost:80`. What can it do with sockets?",
    ja: "アカウントは `PermitListen none` と `PermitOpen localhost:80` で制限されている。ソケットでは何ができるか。",
  },
  predict: {
    en: "-R /tmp/x.sock:localhost:80: granted? -L 8080:/run/app.sock: through? Is there an entry of PermitOpen that allows one socket?",
    ja: "-R /tmp/x.sock:localhost:80 は許されるか。-L 8080:/run/app.sock は通るか。ソケットを一つだけ許す PermitOpen の書き方はあるか。",
  },
  commands: ["home$ ssh -R /tmp/x.sock:localhost:80 server", "home$ ssh -L 8080:/run/app.sock server"],
  seen: {
    en: "-R to a path is granted, whatever PermitListen and the key's permitlisten say. -L to a path is closed by every PermitOpen but an entry for every port: `*:*`, or, for one socket, `[/run/app.sock]:*`. The key's permitopen does the same.",
    ja: "PermitListen や鍵の permitlisten が何であれ、パスへの -R は許される。パスへの -L を通す PermitOpen は、すべてのポートを許す項目だけ。`*:*` か、ソケット一つなら `[/run/app.sock]:*`。鍵の permitopen も同じ。",
  },
  why: {
    en: "Both lists are made of hosts and ports. Asked about a path to listen on, sshd answers yes before it reads the list. A path to dial is compared as if it were a host, with a port that no number equals.",
    ja: "どちらの一覧もホストとポートでできている。待ち受けるパスについて問われると、sshd は一覧を読む前に「可」と答える。接続先のパスはホスト名のように比べられ、そのポートはどの番号とも等しくない。",
  },
});

const listen = "/tmp/x.sock:localhost:80";
const dial = "8080:/run/app.sock";

for (const openssh of ["8.4", "9.2", "10.0", "10.6"]) {
  const test = labTest({ openssh });

  test(`OpenSSH ${openssh}: PermitListen and permitlisten stop ports, not sockets`, async ({ lab }) => {
    await lab.use({ sshd: "Match User bob\n  PermitListen none\n", accounts: { alice: { keys: ['permitlisten="8080"'] }, bob: {} } });
    for (const as of ["alice", "bob"]) {
      await using port = await lab.home.ssh("-R", "43234:localhost:80", { as });
      expect(port.granted).toBe(false);
      await using socket = await lab.home.ssh("-R", listen, { as });
      await expect(lab.server).toReach(socket, { as });
      await socket.kill();
      await lab.server.run(["rm", "/tmp/x.sock"]);
    }
  });

  test.for([
    ["none", false],
    ["localhost:80", false],
    ["*:80", false],
    ["*:*", true],
    ["[/run/app.sock]:*", true],
    ["[/run/other.sock]:*", false],
  ] as const)(`OpenSSH ${openssh}: PermitOpen %s`, async ([permitted, reached], { lab }) => {
    await lab.use({ sshd: `PermitOpen ${permitted}\n` });
    await using socket = await lab.home.ssh("-L", dial);
    if (reached) await expect(lab.home).toReach(socket);
    else await expect(lab.home).toSee(socket, "closed", { address: "127.0.0.1", by: { layer: "sshd-policy", line: 1 } });
    await using listening = await lab.home.ssh("-R", listen);
    expect(listening.granted).toBe(true);
  });
}

onDefault("the key's permitopen closes sockets, too; it names one in the same way", async ({ lab }) => {
  const keys = ['permitopen="localhost:80"', 'permitopen="[/run/app.sock]:*"'];
  await lab.use({ sshd: "", accounts: { alice: { keys } } });
  await using closed = await lab.home.ssh("-L", dial, { key: 0 });
  await expect(lab.home).toSee(closed, "closed", { address: "127.0.0.1", by: "key-options" });
  await closed.kill();
  await using open = await lab.home.ssh("-L", dial, { key: 1 });
  await expect(lab.home).toReach(open);
});
