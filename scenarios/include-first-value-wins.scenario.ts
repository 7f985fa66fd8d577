import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "The first value wins: a drop-in that is included at the top beats the main file",
    ja: "最初の値が勝つ。先頭で取り込まれる drop-in は本体のファイルに勝つ",
  },
  question: {
    en: "sshd_config says GatewayPorts clientspecified, a drop-in says no. Which one counts?",
    ja: "sshd_config は GatewayPorts clientspecified、drop-in は no と言う。どちらが効くか。",
  },
  predict: {
    en: "With the Include on the first line, as Debian ships it, and on the last?",
    ja: "Debian のように Include が一行目にある場合と、最後の行にある場合。それぞれどうなるか。",
  },
  commands: ["server# sshd -T | grep -i gatewayports", "home$ ssh -R :43234:localhost:3389 server"],
  seen: { en: "At the top the drop-in decides, at the end the main file does.", ja: "先頭なら drop-in が、末尾なら本体が決める。" },
  why: {
    en: "sshd keeps the first value that it reads of each setting. Later lines, also repeated ones in the same file, are ignored without a word.",
    ja: "sshd は、各設定について最初に読んだ値を保つ。後の行は、同じファイルの繰り返しでも、黙って無視される。",
  },
});

test("the drop-in decides, and is named", async ({ lab }) => {
  await lab.use({ sshd: { path: "files/include-first" } });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.internet).toSee(forward, "refused", { by: { rule: "GatewayPorts no", line: 1 } });
  expect(forward.outcome.effective).toContainEqual(
    expect.objectContaining({ keyword: "gatewayports", file: expect.stringContaining("sshd_config.d/50-cloud.conf") }),
  );
});

test("control: included last, it comes too late", async ({ lab }) => {
  await lab.use({ sshd: { path: "files/include-last" } });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.internet).toReach(forward);
});

test("control: of two lines of one file, the first counts", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts no\nGatewayPorts clientspecified\n" });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.internet).toSee(forward, "refused", { by: { rule: "GatewayPorts no", line: 1 } });
});
