import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "permitlisten in a key line and PermitListen in the config must both allow the port",
    ja: "鍵の permitlisten と設定の PermitListen は、両方がポートを許していなければならない",
  },
  question: {
    en: "The key permits port 43235, the config permits port 43234. Which port may it open?",
    ja: "鍵は 43235 番を許し、設定は 43234 番を許す。開けられるのはどのポートか。",
  },
  predict: { en: "43234, 43235, or neither?", ja: "43234 番か、43235 番か、どちらもだめか。" },
  commands: ["home$ ssh -R 43234:localhost:3389 server", "home$ ssh -R 43235:localhost:3389 server"],
  seen: {
    en: "Neither: one is refused by the key, the other one by the config. Where both name the port it is granted.",
    ja: "どちらもだめ。一方は鍵が、もう一方は設定が拒否する。両方が挙げたポートは許される。",
  },
  why: {
    en: "A key line can only take away from what the config allows. The stricter of the two decides.",
    ja: "鍵の行は、設定が許したものから取り去ることしかできない。厳しいほうが決める。",
  },
});

const accounts = { alice: { keys: ['permitlisten="43235"', 'permitlisten="43234"'] } };

test("what only one of them permits is refused, and it is told by which", async ({ lab }) => {
  await lab.use({ sshd: "PermitListen 43234\n", accounts });

  await using byKey = await lab.home.ssh("-R", "43234:localhost:3389", { key: 0 });
  expect(byKey.outcome).toMatchObject({ granted: false, refusedBy: { layer: "key-options" } });
  await using byConfig = await lab.home.ssh("-R", "43235:localhost:3389", { key: 0 });
  expect(byConfig.outcome).toMatchObject({ granted: false, refusedBy: { layer: "sshd-policy" } });
});

test("control: what both permit is granted", async ({ lab }) => {
  await lab.use({ sshd: "PermitListen 43234\n", accounts });
  await using forward = await lab.home.ssh("-R", "43234:localhost:3389", { key: 1 });
  await expect(lab.server).toReach(forward);
});
