import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "Of every keyword the first line wins, but of StreamLocalBindMask the last, up to OpenSSH 10.5",
    ja: "どのキーワードも最初の行が勝つ。ただし OpenSSH 10.5 までの StreamLocalBindMask だけは最後の行が勝つ",
  },
  question: {
    en: "sshd_config says `StreamLocalBindMask 0177` in its first line, and a forgotten line at the end says 0000. Who may open a socket of -R?",
    ja: "sshd_config の一行目は `StreamLocalBindMask 0177`。末尾に忘れられた 0000 の行がある。-R のソケットを開けるのは誰か。",
  },
  predict: {
    en: "Which of the two masks counts, globally, and where two Match blocks hold? And of two lines of StreamLocalBindUnlink?",
    ja: "全体設定では、どちらのマスクが有効か。二つの Match が当てはまるときは? StreamLocalBindUnlink の二行では?",
  },
  commands: ["server# sshd -T | grep -i streamlocal", "home$ ssh -R /tmp/x.sock:localhost:3389 server"],
  seen: {
    en: "0000 counts, and every account opens the socket. Of two Match blocks that hold it is the second. OpenSSH 10.6 takes the first in both cases. Of StreamLocalBindUnlink, as of everything else, it always was the first line.",
    ja: "有効なのは 0000 で、どのアカウントもソケットを開ける。当てはまる Match が二つなら後のほう。OpenSSH 10.6 ではどちらも最初の行になる。StreamLocalBindUnlink は、ほかのすべてと同じく、以前から最初の行。",
  },
  why: {
    en: "sshd keeps a value only where none is set yet. For this one keyword it did not look before 10.6: each line that counts wrote its mask over the one before. A drop-in that an Include reads first could therefore be undone by the main file, and after an upgrade the other line counts.",
    ja: "sshd は、まだ値がないときにだけ値を入れる。10.6 より前は、このキーワードだけそれを確かめず、有効な行が来るたびに前のマスクを上書きした。だから、Include で先に読まれた設定も本体のファイルで覆り、更新すると別の行が有効になる。",
  },
});

const accounts = { alice: {}, bob: {} };
const ssh = ["-R", "/tmp/x.sock:localhost:3389"] as const;

/** Version -> line that counts, of two; the second one opens the socket to all. */
const versions = { "8.4": 2, "9.2": 2, "10.0": 2, "10.6": 1 };

for (const [openssh, line] of Object.entries(versions)) {
  const test = labTest({ openssh });

  test(`OpenSSH ${openssh}: line ${line} counts`, async ({ lab }) => {
    await lab.use({ sshd: "StreamLocalBindMask 0177\nStreamLocalBindMask 0000\n", accounts });
    await using forward = await lab.home.ssh(...ssh, { as: "alice" });

    expect(forward.listeners).toEqual([`/tmp/x.sock (${line === 2 ? "srwxrwxrwx" : "srw-------"} alice:alice)`]);
    await expect(lab.server).toSee(forward, line === 2 ? "reached" : "filtered", { as: "bob", by: { file: "sshd_config", line } });
  });

  test(`OpenSSH ${openssh}: of two Match blocks that hold, it is block ${line}`, async ({ lab }) => {
    const sshd = "Match User alice\n  StreamLocalBindMask 0177\nMatch all\n  StreamLocalBindMask 0000\n";
    await lab.use({ sshd, accounts });
    await using forward = await lab.home.ssh(...ssh, { as: "alice" });

    await expect(lab.server).toSee(forward, line === 2 ? "reached" : "filtered", { as: "bob", by: { line: line * 2 } });
  });

  test(`control: OpenSSH ${openssh}: of StreamLocalBindUnlink the first line counts`, async ({ lab }) => {
    await lab.use({ sshd: "StreamLocalBindUnlink yes\nStreamLocalBindUnlink no\n", accounts });
    const first = await lab.home.ssh(...ssh, { as: "alice" });
    await first.kill();
    await using second = await lab.home.ssh(...ssh, { as: "alice" });
    expect(second.granted).toBe(true);
  });
}
