import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "If two Match blocks apply, the first value wins: `Match all` belongs at the end",
    ja: "2 つの Match が一致したら、先の値が優先される。`Match all` は末尾に置く",
  },
  question: {
    en: "One block allows alice to forward, `Match all` forbids it. Does their order matter?",
    ja: "一方の Match は alice に転送を許可し、`Match all` は禁止します。順序によって結果は変わりますか。",
  },
  predict: {
    en: "alice and bob: with `Match all` last, with it first, and with it first but for another setting?",
    ja: "`Match all` が後の場合、先の場合、先にあっても別の設定だけを決める場合、alice と bob はどうなりますか。",
  },
  commands: ["home$ ssh -R 43234:localhost:3389 alice@server", "home$ ssh -R 43234:localhost:3389 bob@server"],
  seen: {
    en: "Last: alice may, bob may not. First: neither may. A setting in one block does not affect other settings.",
    ja: "後なら alice は転送でき、bob はできません。先ならどちらもできません。名前の違う設定どうしは、互いに影響しません。",
  },
  why: {
    en: "For each setting, sshd keeps the first value it reads. A more specific block gets no priority.",
    ja: "sshd は設定ごとに、最初に読んだ値を使います。条件が具体的でも、優先されることはありません。",
  },
});

const alice = "Match User alice\n  AllowTcpForwarding yes\n";
const everybody = "Match all\n  AllowTcpForwarding no\n";
const table = [
  { order: "alice's block first", sshd: alice + everybody, allowed: ["alice"] },
  { order: "Match all first", sshd: everybody + alice, allowed: [] },
  { order: "Match all first, about another setting", sshd: `Match all\n  GatewayPorts no\n${alice}${everybody}`, allowed: ["alice"] },
];

test.for(table)("$order: allowed is $allowed", async ({ sshd, allowed }, { lab }) => {
  await lab.use({ sshd, accounts: { alice: {}, bob: {} } });
  for (const as of ["alice", "bob"]) {
    await using forward = await lab.home.ssh("-R", "43234:localhost:3389", { as });
    if (allowed.includes(as)) await expect(lab.server).toReach(forward);
    else await expect(lab.server).toSee(forward, "refused", { by: { layer: "sshd-policy", rule: "AllowTcpForwarding no" } });
  }
});
