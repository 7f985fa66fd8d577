import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "The first value wins: a drop-in included at the top beats the main file",
    ja: "最初の値が優先される。先頭で Include されたドロップインは、本体のファイルより優先される",
  },
  question: {
    en: "sshd_config says GatewayPorts clientspecified, a drop-in says no. Which one applies?",
    ja: "sshd_config は GatewayPorts clientspecified で、ドロップインは no です。どちらが有効ですか。",
  },
  predict: {
    en: "With the Include on the first line, as in Debian? With it on the last line?",
    ja: "Debian のように Include が先頭行にある場合と、最終行にある場合、それぞれどうなりますか。",
  },
  commands: ["server# sshd -T | grep -i gatewayports", "home$ ssh -R :43234:localhost:3389 server"],
  seen: { en: "At the top, the drop-in wins; at the end, the main file.", ja: "先頭ならドロップイン、末尾なら本体の値が有効です。" },
  why: {
    en: "For nearly every setting, sshd keeps the first value it reads. Later lines are silently ignored, even in the same file.",
    ja: "ほぼすべての設定で、sshd は最初に読んだ値を使います。後の行は、同じファイルの中でも警告なしに無視されます。",
  },
});

test("the drop-in wins, and is named", async ({ lab }) => {
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
