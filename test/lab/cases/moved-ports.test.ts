/** Destination NAT on the server: a port that leads away from the forward is proven closed, with the rule. */
import { expect } from "../../../harness/vitest/index.ts";
import { test } from "../clientspecified.ts";

const nat = (rule: string) => `table ip moved {
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    ${rule}
  }
}
`;

test("a published container takes the port before the forward sees it", async ({ lab }) => {
  await lab.use({ firewall: nat("tcp dport 43234 dnat to 172.30.0.2:80") });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.internet).toSee(forward, "filtered", { family: 4, by: { layer: "server-firewall", line: 4 } });
  await expect(lab.internet).toReach(forward, { family: 6 });
});

test("the control: a rule for another port moves nothing", async ({ lab }) => {
  await lab.use({ firewall: nat("tcp dport 8080 dnat to 172.30.0.2:80") });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.internet).toReach(forward);
});

test("a port that leads to the forward is a way in, although its own is shut", async ({ lab }) => {
  const filter = `table inet filter {
  chain input {
    type filter hook input priority filter; policy accept;
    ct original proto-dst 43234 drop
  }
}
`;
  await lab.use({ firewall: `${nat("tcp dport 8080 redirect to :43234")}${filter}` });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(expect(lab.internet).not.toReach(forward)).rejects.toThrow(/^ +✘ 198\.51\.100\.10:8080 +reached$/m);
  const seen = await lab.internet.sees(forward, { family: 4 });
  expect(seen.map(({ target, verdict, decidedBy }) => [target, verdict, decidedBy?.layer])).toEqual([
    ["198.51.100.10:43234", "filtered", "server-firewall"],
    ["198.51.100.10:8080", "reached", "server-firewall"],
  ]);
  await expect(lab.internet).not.toReach(forward, { family: 6 });
  // The control: without the rule the same filter shuts everybody out.
  await lab.use({ firewall: filter });
  await expect(lab.internet).not.toReach(forward);
});

test("a port that may lead to the forward, or not, is no silent block", async ({ lab }) => {
  const filter = `table inet filter {
  chain input {
    type filter hook input priority filter; policy accept;
    ct original proto-dst 43234 drop
    ct original proto-dst 8080 drop
  }
}
`;
  const chance = (hit: string) => nat(`tcp dport 8080 numgen random mod 1000000 ${hit} redirect to :43234`);
  await lab.use({ firewall: `${chance("0")}${filter}` });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  const seen = await lab.internet.sees(forward, { family: 4 });
  expect(seen.map(({ target, verdict }) => [target, verdict])).toEqual([
    ["198.51.100.10:43234", "filtered"],
    ["198.51.100.10:8080", "inconclusive"],
  ]);
  // The control: what never happens leads nobody in.
  await lab.use({ firewall: `${nat("tcp dport 8080 meta mark 0x1 redirect to :43234")}${filter}` });
  expect((await lab.internet.sees(forward, { family: 4 })).map(({ target }) => target)).toEqual(["198.51.100.10:43234"]);
});
