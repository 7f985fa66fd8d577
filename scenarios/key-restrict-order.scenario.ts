import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "In a key line the order counts: restrict,port-forwarding allows forwarding, port-forwarding,restrict does not",
    ja: "鍵の行では順序がものを言う。restrict,port-forwarding は転送を許し、port-forwarding,restrict は許さない",
  },
  question: { en: "Both options stand before the key. May it forward?", ja: "鍵の前に両方のオプションがある。その鍵は転送できるか。" },
  predict: {
    en: "restrict alone, and the two options in either order, with permitlisten beside it?",
    ja: "restrict だけの場合と、二つを両方の順で並べた場合、permitlisten を添えた場合。それぞれどうなるか。",
  },
  commands: ["server$ cat ~/.ssh/authorized_keys", "home$ ssh -i key1 -R 43234:localhost:3389 server"],
  seen: {
    en: "Only restrict,port-forwarding is granted. permitlisten after restrict gives nothing back.",
    ja: "許されるのは restrict,port-forwarding だけ。restrict の後の permitlisten は何も取り戻さない。",
  },
  why: {
    en: "sshd reads the options from left to right: restrict takes everything away, what follows gives single things back. permitlisten only narrows.",
    ja: "sshd はオプションを左から読む。restrict がすべてを取り上げ、後に続くものが個々に戻す。permitlisten は狭めるだけ。",
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
