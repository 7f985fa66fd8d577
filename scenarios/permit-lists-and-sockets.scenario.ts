import { expect, labTest, test as onDefault, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "PermitListen lets any -R socket pass; PermitOpen stops -L to a socket, except with `*:*` or `[/path]:*`",
    ja: "PermitListen は -R のソケットを制限しない。PermitOpen は、`*:*` か `[/パス]:*` 以外ではソケットへの -L を拒否する",
  },
  question: {
    en: "An account is limited by `PermitListen none` and `PermitOpen localhost:80`. What can it do with sockets?",
    ja: "アカウントは `PermitListen none` と `PermitOpen localhost:80` で制限されています。ソケットでは何ができますか。",
  },
  predict: {
    en: "Is -R /tmp/x.sock:localhost:80 granted? Does -L 8080:/run/app.sock get through? Can PermitOpen allow a single socket?",
    ja: "-R /tmp/x.sock:localhost:80 は許可されますか。-L 8080:/run/app.sock は通りますか。PermitOpen でソケットを 1 つだけ許可できますか。",
  },
  commands: ["home$ ssh -R /tmp/x.sock:localhost:80 server", "home$ ssh -L 8080:/run/app.sock server"],
  seen: {
    en: "-R to a path is granted whatever PermitListen and the key's permitlisten say. -L to a path needs a PermitOpen entry for every port: `*:*`, or `[/run/app.sock]:*` for one socket. The key's permitopen works the same way.",
    ja: "PermitListen や鍵の permitlisten が何であれ、パスへの -R は許可されます。パスへの -L には、全ポートを許可する PermitOpen が必要です。`*:*` か、ソケット 1 つなら `[/run/app.sock]:*` と書きます。鍵の permitopen も同じです。",
  },
  why: {
    en: "Both lists consist of hosts and ports. For a path to listen on, sshd says yes before it reads the list. A path to connect to is compared as if it were a host, with a port that equals no number.",
    ja: "どちらの一覧も、ホストとポートから成ります。待ち受けるパスについては、sshd は一覧を読む前に許可します。接続先のパスはホスト名として比較され、そのポートはどの番号とも一致しません。",
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

onDefault("the key's permitopen closes sockets too, and allows one in the same way", async ({ lab }) => {
  const keys = ['permitopen="localhost:80"', 'permitopen="[/run/app.sock]:*"'];
  await lab.use({ sshd: "", accounts: { alice: { keys } } });
  await using closed = await lab.home.ssh("-L", dial, { key: 0 });
  await expect(lab.home).toSee(closed, "closed", { address: "127.0.0.1", by: "key-options" });
  await closed.kill();
  await using open = await lab.home.ssh("-L", dial, { key: 1 });
  await expect(lab.home).toReach(open);
});
