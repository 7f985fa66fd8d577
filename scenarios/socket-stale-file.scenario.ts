import { expect, labTest, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "A dead session's port is free again, its socket's file stays and blocks the next session",
    ja: "セッションが終わればポートは空くが、ソケットのファイルは残り、次のセッションを塞ぐ",
  },
  question: {
    en: "`ssh -R /tmp/x.sock:localhost:3389` ends, and is typed again. Does it get its listener?",
    ja: "`ssh -R /tmp/x.sock:localhost:3389` が終わり、もう一度打たれた。待ち受けは得られるか。",
  },
  predict: {
    en: "After `kill -9`, and after an orderly end? And with `-o StreamLocalBindUnlink=yes`, typed at home?",
    ja: "`kill -9` の後と、きちんと終わった後では? 自宅で `-o StreamLocalBindUnlink=yes` と打てば?",
  },
  commands: [
    "home$ ssh -R /tmp/x.sock:localhost:3389 server",
    "home$ kill -9 %1",
    "home$ ssh -o StreamLocalBindUnlink=yes -R /tmp/x.sock:localhost:3389 server",
    "server# echo 'StreamLocalBindUnlink yes' >> /etc/ssh/sshd_config",
  ],
  seen: {
    en: "Refused each time, however the first one ended: `remote port forwarding failed for listen path`. The option at home changes nothing for -R. With StreamLocalBindUnlink yes on the server it works, and then a second session also takes the path from one that still lives, which never learns of it.",
    ja: "最初のセッションの終わり方によらず、毎回 `remote port forwarding failed for listen path` で失敗する。自宅のオプションは -R に効かない。サーバーの StreamLocalBindUnlink yes なら成功するが、まだ生きているセッションからもパスを奪え、奪われた側は気づかない。",
  },
  why: {
    en: "A port belongs to a socket and goes with it; a path is a file, and nobody removes it. bind(2) wants a path where nothing is. Whoever listens must remove the file, and for -R that is sshd, which asks its own config.",
    ja: "ポートはソケットのもので、ソケットとともに消える。パスはファイルで、誰も消さない。bind(2) は何もないパスを求める。消すのは待ち受ける側で、-R では sshd であり、従うのは自分の設定だけ。",
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

test("control: StreamLocalBindUnlink yes on the server cures it, and lets a newcomer take the path of a living session", async ({
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
