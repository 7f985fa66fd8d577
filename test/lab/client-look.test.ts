/** A probe's packets look like those of any other program: rules on their options, window, TTL and length decide alike. */
import { expect } from "../../harness/vitest/index.ts";
import { test } from "./clientspecified.ts";

const port = 43234;
const counted = [
  "ip ttl 63",
  "ip length 60",
  "ip dscp cs0",
  "ip frag-off & 0x4000 == 0x4000",
  "tcp doff 10",
  "tcp window 64240",
  "tcp option maxseg size 1460",
  "tcp option sack-perm exists",
  "tcp option timestamp exists",
  "tcp option window count 7",
  "tcp urgptr 0",
  "meta mark 0",
];

/** One counter for each property of the SYN. */
const ruleset = `
table ip looks {
  chain input {
    type filter hook input priority filter; policy accept;
    ${counted.map((match) => `tcp dport ${port} tcp flags & (syn | ack) == syn ${match} counter`).join("\n    ")}
    tcp dport ${port} tcp flags & (syn | ack) == syn counter
  }
}
`;

test("curl and the probe are counted by the same rules", async ({ lab }) => {
  const { fabric } = lab.forwardLab.lab;
  const counts = async () => {
    const { stdout } = await fabric.request("tool", { namespace: "server", argv: ["nft", "list", "ruleset"] });
    return [...stdout.matchAll(/counter packets (\d+)/g)].map(([, packets]) => Number(packets));
  };
  await using forward = await lab.home.ssh("-R", `:${port}:localhost:3389`);
  const since = async (work: () => Promise<unknown>) => {
    await lab.use({ firewall: null });
    await lab.use({ firewall: ruleset });
    await work();
    return await counts();
  };
  const curl = await since(() => lab.internet.run(["curl", "-s", "-m", "5", `http://198.51.100.10:${port}/x`]));
  const probe = await since(() => expect(lab.internet).toReach(forward, { family: 4 }));
  // The control: there was one SYN, and rules do tell properties apart.
  expect(curl.at(-1)).toBe(1);
  expect(Math.max(...curl.slice(0, -1))).toBe(1);
  expect(probe).toEqual(curl);
});
