import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "`Match User !alice` is for nobody at all; everybody but alice is `*,!alice`",
    ja: "`Match User !alice` は誰にも当てはまらない。「alice 以外の全員」は `*,!alice` と書く",
  },
  question: {
    en: "Nobody but alice is to forward. `Match User !alice` forbids it. Whom does it stop?",
    ja: "転送は alice だけに許したい。`Match User !alice` で禁じた。誰が止まるか。",
  },
  predict: {
    en: "alice and bob, with `!alice`, with `*,!alice`, and with `!alice,*`?",
    ja: "alice と bob。`!alice`、`*,!alice`、`!alice,*` のそれぞれで、どうなるか。",
  },
  commands: ["home$ ssh -R 43234:localhost:3389 alice@server", "home$ ssh -R 43234:localhost:3389 bob@server"],
  seen: {
    en: "With `!alice` both forward, and nothing complains. With the star, before it or after, bob is stopped.",
    ja: "`!alice` では二人とも転送でき、警告もない。前でも後でも `*` があれば、bob は止まる。",
  },
  why: {
    en: "A negated pattern only takes out of what another one has let in. A list without a positive pattern lets nobody in.",
    ja: "否定のパターンは、ほかのパターンが入れたものから除くだけ。肯定のない一覧には、誰も入らない。",
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
