import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "`Match User !alice` matches nobody; everyone but alice is `*,!alice`",
    ja: "`Match User !alice` は誰にも一致しない。「alice 以外の全員」は `*,!alice` と書く",
  },
  question: {
    en: "Only alice should be able to forward, so `Match User !alice` forbids it. Whom does that stop?",
    ja: "転送を alice だけに許可するため、`Match User !alice` で禁止しました。誰が転送できなくなりますか。",
  },
  predict: {
    en: "alice and bob, with `!alice`, with `*,!alice`, and with `!alice,*`?",
    ja: "`!alice`、`*,!alice`、`!alice,*` のそれぞれで、alice と bob はどうなりますか。",
  },
  commands: ["home$ ssh -R 43234:localhost:3389 alice@server", "home$ ssh -R 43234:localhost:3389 bob@server"],
  seen: {
    en: "With `!alice` both can forward, and nothing warns about it. With the star, before or after it, bob is stopped.",
    ja: "`!alice` では 2 人とも転送でき、警告もありません。`*` が前か後にあれば、bob は転送できません。",
  },
  why: {
    en: "A negated pattern only removes what another pattern has matched. A list without a positive pattern matches nobody.",
    ja: "否定のパターンは、ほかのパターンに一致したものから除外するだけです。肯定のパターンがない一覧は、誰にも一致しません。",
  },
});

const table = [
  { pattern: "!alice", stopped: [] },
  { pattern: "*,!alice", stopped: ["bob"] },
  { pattern: "!alice,*", stopped: ["bob"] },
];

test.for(table)("Match User $pattern stops $stopped", async ({ pattern, stopped }, { lab }) => {
  await lab.use({ sshd: `Match User ${pattern}\n  AllowTcpForwarding no\n`, accounts: { alice: {}, bob: {} } });
  for (const as of ["alice", "bob"]) {
    await using forward = await lab.home.ssh("-R", "43234:localhost:3389", { as });
    expect(forward.granted, as).toBe(!stopped.includes(as));
  }
});
