import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "permitlisten on the key and PermitListen in the config must both allow the port",
    ja: "ポートは、鍵の permitlisten と設定の PermitListen の両方で許可されていなければならない",
  },
  question: {
    en: "The key permits port 43235, the config port 43234. Which port may it open?",
    ja: "鍵では 43235 番が、設定では 43234 番が許可されています。どのポートを開けますか。",
  },
  predict: { en: "43234, 43235, or neither?", ja: "43234 番ですか、43235 番ですか、どちらも開けませんか。" },
  commands: ["home$ ssh -R 43234:localhost:3389 server", "home$ ssh -R 43235:localhost:3389 server"],
  seen: {
    en: "Neither: the key refuses one, the config the other. A port that both allow is granted.",
    ja: "どちらも開けません。一方は鍵、もう一方は設定により拒否されます。両方で許可したポートは開けます。",
  },
  why: {
    en: "Key options can only take away from what the config allows. The stricter of the two decides.",
    ja: "鍵のオプションは、設定が許可した範囲を狭めることしかできません。厳しいほうが適用されます。",
  },
});

const accounts = { alice: { keys: ['permitlisten="43235"', 'permitlisten="43234"'] } };

test("what only one of them permits is refused, and the layer is named", async ({ lab }) => {
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
