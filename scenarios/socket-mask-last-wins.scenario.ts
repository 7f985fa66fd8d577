import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "Nearly every keyword takes its first line, but StreamLocalBindMask the last, up to OpenSSH 10.5",
    ja: "ほぼすべてのキーワードは最初の行が優先される。StreamLocalBindMask だけは、OpenSSH 10.5 まで最後の行が優先される",
  },
  question: {
    en: "sshd_config starts with `StreamLocalBindMask 0177`, and a forgotten line at the end says 0000. Who may open a socket of -R?",
    ja: "sshd_config の 1 行目は `StreamLocalBindMask 0177` で、末尾に忘れられた 0000 の行があります。-R のソケットを開けるのは誰ですか。",
  },
  predict: {
    en: "Which of the two masks applies, globally, and when two Match blocks match? And with two StreamLocalBindUnlink lines?",
    ja: "全体の設定では、どちらのマスクが適用されますか。2 つの Match が一致するときはどうですか。StreamLocalBindUnlink の 2 行ではどうですか。",
  },
  commands: ["server# sshd -T | grep -i streamlocal", "home$ ssh -R /tmp/x.sock:localhost:3389 server"],
  seen: {
    en: "0000 applies, and every account can open the socket. Of two matching Match blocks it is the second. OpenSSH 10.6 takes the first in both cases. For StreamLocalBindUnlink it has always been the first line.",
    ja: "適用されるのは 0000 で、どのアカウントもソケットを開けます。一致する Match が 2 つなら、後のほうが適用されます。OpenSSH 10.6 では、どちらの場合も最初の行です。StreamLocalBindUnlink では、以前から最初の行が適用されます。",
  },
  why: {
    en: "sshd stores a value only where none is set yet. The older versions skipped that check for this one keyword, so each line that applied overwrote the mask before it. A drop-in that an Include reads first could be undone by the main file, and after an upgrade the other line applies.",
    ja: "sshd は、まだ値がないときだけ値を設定します。古いバージョンはこのキーワードだけその確認をせず、該当する行のたびにマスクを上書きします。そのため、Include で先に読んだドロップインも本体のファイルで上書きされ、更新後は別の行が適用されます。",
  },
});

const accounts = { alice: {}, bob: {} };
const ssh = ["-R", "/tmp/x.sock:localhost:3389"] as const;

/** Version -> which of the two lines applies; the second one opens the socket to everyone. */
const versions = { "8.4": 2, "9.2": 2, "10.0": 2, "10.6": 1 };

for (const [openssh, line] of Object.entries(versions)) {
  const test = labTest({ openssh });

  test(`OpenSSH ${openssh}: line ${line} applies`, async ({ lab }) => {
    await lab.use({ sshd: "StreamLocalBindMask 0177\nStreamLocalBindMask 0000\n", accounts });
    await using forward = await lab.home.ssh(...ssh, { as: "alice" });

    expect(forward.listeners).toEqual([`/tmp/x.sock (${line === 2 ? "srwxrwxrwx" : "srw-------"} alice:alice)`]);
    await expect(lab.server).toSee(forward, line === 2 ? "reached" : "filtered", { as: "bob", by: { file: "sshd_config", line } });
  });

  test(`OpenSSH ${openssh}: of two matching Match blocks, block ${line} applies`, async ({ lab }) => {
    const sshd = "Match User alice\n  StreamLocalBindMask 0177\nMatch all\n  StreamLocalBindMask 0000\n";
    await lab.use({ sshd, accounts });
    await using forward = await lab.home.ssh(...ssh, { as: "alice" });

    await expect(lab.server).toSee(forward, line === 2 ? "reached" : "filtered", { as: "bob", by: { line: line * 2 } });
  });

  test(`control: OpenSSH ${openssh}: the first line of StreamLocalBindUnlink applies`, async ({ lab }) => {
    await lab.use({ sshd: "StreamLocalBindUnlink yes\nStreamLocalBindUnlink no\n", accounts });
    const first = await lab.home.ssh(...ssh, { as: "alice" });
    await first.kill();
    await using second = await lab.home.ssh(...ssh, { as: "alice" });
    expect(second.granted).toBe(true);
  });
}
