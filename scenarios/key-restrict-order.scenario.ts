import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "The order of key options matters: restrict,port-forwarding allows forwarding, port-forwarding,restrict does not",
    ja: "鍵のオプションは順序が重要。restrict,port-forwarding は転送を許可し、port-forwarding,restrict は許可しない",
  },
  question: { en: "A key has both options. May it forward?", ja: "鍵に両方のオプションがあります。その鍵で転送できますか。" },
  predict: {
    en: "With restrict alone? With both in either order? With permitlisten instead?",
    ja: "restrict だけの場合、2 つをそれぞれの順で並べた場合、代わりに permitlisten を加えた場合、どうなりますか。",
  },
  commands: ["server$ cat ~/.ssh/authorized_keys", "home$ ssh -i key1 -R 43234:localhost:3389 server"],
  seen: {
    en: "Only restrict,port-forwarding is granted. permitlisten after restrict gives nothing back.",
    ja: "許可されるのは restrict,port-forwarding だけです。restrict の後に permitlisten を書いても、転送は許可されません。",
  },
  why: {
    en: "sshd reads the options from left to right: restrict takes everything away, and what follows gives single permissions back. permitlisten only narrows.",
    ja: "sshd はオプションを左から順に読みます。restrict がすべてを禁止し、後に続くオプションが個別に許可します。permitlisten は範囲を狭めるだけです。",
  },
});

const keys = [
  "restrict",
  "restrict,port-forwarding",
  "port-forwarding,restrict",
  'restrict,permitlisten="43234"',
  "no-port-forwarding",
  "",
];
const allowed = ["restrict,port-forwarding", ""];

test.for(keys.map((options, key) => ({ options, key })))("a key with the options “$options”", async ({ options, key }, { lab }) => {
  await lab.use({ accounts: { alice: { keys } } });

  await using forward = await lab.home.ssh("-R", "43234:localhost:3389", { key });

  expect(forward.granted).toBe(allowed.includes(options));
  if (forward.granted) await expect(lab.server).toReach(forward);
  else await expect(lab.server).toSee(forward, "refused", { by: "key-options" });
});
