import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "Of two Match blocks that fit, the first one's value wins: `Match all` denies by default at the end, and everything at the head",
    ja: "当てはまる Match が二つあれば、先の値が勝つ。`Match all` は末尾なら既定の拒否、先頭なら全員の拒否になる",
  },
  question: {
    en: "One block allows alice to forward, `Match all` forbids it. Does their order matter?",
    ja: "一方の Match は alice に転送を許し、`Match all` は禁じる。順序に意味はあるか。",
  },
  predict: {
    en: "alice and bob, with `Match all` last and with `Match all` first; and if `Match all` sets something else?",
    ja: "alice と bob。`Match all` が後の場合と先の場合。`Match all` が別の設定を決める場合はどうか。",
  },
  commands: ["home$ ssh -R 43234:localhost:3389 alice@server", "home$ ssh -R 43234:localhost:3389 bob@server"],
  seen: {
    en: "Last: alice may, bob may not. First: neither may. Settings of other names in the two blocks do not disturb each other.",
    ja: "後なら alice は転送でき、bob はできない。先なら誰もできない。名前の違う設定同士は、互いに影響しない。",
  },
  why: {
    en: "sshd keeps the first value that it meets for a setting, block by block. Being more specific counts for nothing.",
    ja: "sshd は設定ごとに、上から読んで最初に出会った値を使う。条件が細かいことは、何の足しにもならない。",
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
