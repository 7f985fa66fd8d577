/** What the lab's NATs really do, measured from both sides. */
import { expect, test } from "../../harness/vitest/index.ts";

test("masquerade keeps the mapping for each destination, and lets nobody in", ({ lab }) => {
  const facts = Object.fromEntries(lab.forwardLab.nats.map(({ router, ...fact }) => [router, fact]));
  expect(Object.keys(facts).sort()).toEqual(["home-router", "isp", "other-router"]);
  expect(facts["home-router"]?.kind).toBe("masquerade, behind another NAT");
  expect(facts["home-router"]?.measured).toContain("seen as 203.0.113.7:");
  expect(facts["home-router"]?.measured).toContain("unsolicited connection to 203.0.113.7: dropped at isp");
  expect(facts["other-router"]?.measured).toContain("seen as 203.0.113.50:");
  expect(facts["other-router"]?.measured).toContain("unsolicited connection to 203.0.113.50: dropped at other-router");
  for (const { measured } of Object.values(facts)) expect(measured).toContain("(the same for each destination)");
});

test("the server sees home by its provider's address over IPv4, by its own over IPv6", async ({ lab }) => {
  const web = await lab.server.serve(8080);
  const [v4] = await lab.home.sees(web, { family: 4 });
  const [v6] = await lab.home.sees(web, { family: 6 });
  expect(v4?.evidence.peerSeenByService).toMatch(/^203\.0\.113\.7:\d+$/);
  expect(v6?.evidence.peerSeenByService).toMatch(/^\[2001:db8:7::10\]:\d+$/);
});
