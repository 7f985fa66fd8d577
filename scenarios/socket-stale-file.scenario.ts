import { expect, labTest, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "When a session ends its port is free again, but a socket's file stays and blocks the next session",
    ja: "セッションが終わればポートは空くが、ソケットのファイルは残り、次のセッションの妨げになる",
  },
  question: {
    en: "`ssh -R /tmp/x.sock:localhost:3389` ends and is run again. Does it get its listener?",
    ja: "`ssh -R /tmp/x.sock:localhost:3389` が終了し、もう一度実行されました。待ち受けを開けますか。",
  },
  predict: {
    en: "After `kill -9`? After an orderly end? And with `-o StreamLocalBindUnlink=yes` at home?",
    ja: "`kill -9` の後と、正常終了の後ではどうですか。自宅で `-o StreamLocalBindUnlink=yes` を付けるとどうなりますか。",
  },
  commands: [
    "home$ ssh -R /tmp/x.sock:localhost:3389 server",
    "home$ kill -9 %1",
    "home$ ssh -o StreamLocalBindUnlink=yes -R /tmp/x.sock:localhost:3389 server",
    "server# echo 'StreamLocalBindUnlink yes' >> /etc/ssh/sshd_config",
  ],
  seen: {
    en: "Refused each time, however the first one ended: `remote port forwarding failed for listen path`. The option at home does nothing for -R. With StreamLocalBindUnlink yes on the server it works, but then a second session can also take the path from one that is still running, which never notices.",
    ja: "最初の ssh の終わり方に関係なく、`remote port forwarding failed for listen path` で拒否されます。自宅のオプションは -R に効きません。サーバーの StreamLocalBindUnlink yes なら成功しますが、まだ動いているセッションからもパスを奪え、奪われた側は気付きません。",
  },
  why: {
    en: "A port belongs to a socket and disappears with it; a path is a file, and nobody removes it. bind(2) fails if the path exists. The listening side has to remove it, and for -R that is sshd, which follows only its own config.",
    ja: "ポートはソケットに属し、ソケットとともになくなります。パスはファイルなので、誰かが消さないかぎり残ります。パスがすでにあると bind(2) は失敗します。消すのは待ち受ける側で、-R では sshd です。sshd は自分の設定にだけ従います。",
  },
});

const ssh = ["-R", "/tmp/x.sock:localhost:3389"] as const;

for (const openssh of ["8.4", "9.2", "10.6"]) {
  labTest({ openssh })(`OpenSSH ${openssh}: the file stays, and the next forward is refused`, async ({ lab }) => {
    const first = await lab.home.ssh(...ssh);
    expect(first.granted).toBe(true);
    await first.kill();
    expect((await lab.server.run(["test", "-S", "/tmp/x.sock"])).code).toBe(0);

    await using second = await lab.home.ssh(...ssh);
    expect(second.granted).toBe(false);
    await expect.poll(() => second.outcome.clientLog).toContain("remote port forwarding failed for listen path /tmp/x.sock");
    expect(second.outcome.refusedBy).toMatchObject({ layer: "bind-address", text: expect.stringContaining("Address already in use") });
  });
}

test("also after an orderly end", async ({ lab }) => {
  const first = await lab.home.ssh(...ssh);
  await first.signal("SIGTERM");
  const held = ["grep", "-c", " /tmp/x.sock$", "/proc/net/unix"];
  await expect.poll(async () => (await lab.server.run(held)).stdout.trim()).toBe("0");
  await using second = await lab.home.ssh(...ssh);
  expect(second.granted).toBe(false);
});

test("ssh's own option is for -L, not for -R", async ({ lab }) => {
  const option = ["-o", "StreamLocalBindUnlink=yes"] as const;
  const remote = await lab.home.ssh(...option, ...ssh);
  await remote.kill();
  await using again = await lab.home.ssh(...option, ...ssh);
  expect(again.granted).toBe(false);

  const local = await lab.home.ssh(...option, "-L", "/tmp/l.sock:localhost:3389");
  await local.kill();
  await using localAgain = await lab.home.ssh(...option, "-L", "/tmp/l.sock:localhost:3389");
  expect(localAgain.granted).toBe(true);
});

test("control: StreamLocalBindUnlink yes on the server fixes it, and lets a newcomer take the path of a running session", async ({
  lab,
}) => {
  await lab.use({ sshd: "StreamLocalBindUnlink yes\n" });
  const dead = await lab.home.ssh(...ssh);
  await dead.kill();
  await using living = await lab.home.ssh(...ssh);
  expect(living.granted).toBe(true);
  await expect(lab.server).toReach(living);

  await using newcomer = await lab.home.ssh("-R", "/tmp/x.sock:localhost:8080");
  expect(newcomer.granted).toBe(true);
  await expect(lab.server).toReach(newcomer);
  await expect(lab.server).toSee(living, "wrong-service");
});

test("control: a port is free at once", async ({ lab }) => {
  const first = await lab.home.ssh("-R", "43234:localhost:3389");
  await first.kill();
  await using second = await lab.home.ssh("-R", "43234:localhost:3389");
  expect(second.granted).toBe(true);
});
