/** Rules that let the handshake through and stop what comes after it. */
import { describe } from "vitest";
import { expect } from "../../harness/vitest/index.ts";
import { test } from "./clientspecified.ts";
import { oneChain } from "./one-chain.ts";

const neighbours = "meta l4proto { icmp, ipv6-icmp } accept";
/** From one port, outside of those that kernels choose: what an earlier visitor has left behind changes nothing. */
const fromInternet = { vantage: "internet", address: "198.51.100.10", port: 43234, targetHost: "server", identity: "", sourcePort: 61_500 };
const { address } = fromInternet;

/** Each leaves the port 43235 alone. */
const rulesets: readonly [what: string, firewall: string, line: number, action: "drop" | "reject"][] = [
  [
    "new connections are let in, established ones are forgotten",
    oneChain(
      "input",
      "drop",
      neighbours,
      "tcp dport { 22, 43235 } accept",
      "tcp dport 43234 ct state new tcp flags & (syn | ack) == syn accept",
    ),
    4,
    "drop",
  ],
  [
    "answers are let out in the handshake only",
    oneChain(
      "output",
      "drop",
      neighbours,
      "tcp sport { 22, 43235 } accept",
      "tcp sport 43234 tcp flags & syn == syn accept",
      'oifname "lo" accept',
    ),
    4,
    "drop",
  ],
  ["short packets only", oneChain("input", "accept", "tcp dport 43234 ip length > 70 drop"), 5, "drop"],
  ["a word that is not allowed", oneChain("input", "accept", "tcp dport 43234 @th,256,80 0x666f72776172646c6162 drop"), 5, "drop"],
  ["no more than the handshake's bytes", oneChain("input", "accept", "tcp dport 43234 ct original bytes > 150 drop"), 5, "drop"],
  [
    "an ICMP error to the packet that ends the handshake",
    oneChain("input", "accept", "tcp dport 43234 ct original packets > 1 reject"),
    5,
    "drop",
  ],
  ["an RST to the first data", oneChain("input", "accept", "tcp dport 43234 tcp flags & psh == psh reject with tcp reset"), 5, "reject"],
];

describe("after the handshake", () => {
  test.for(rulesets)("%s: filtered, by that rule", async ([, firewall, line, action], { lab }) => {
    await lab.use({ firewall });
    await using kept = await lab.home.ssh("-R", ":43234:localhost:3389");
    await using free = await lab.home.ssh("-R", ":43235:localhost:3389");
    await Promise.all([
      expect(lab.internet).toSee(kept, "filtered", { address, by: { layer: "server-firewall", line } }),
      expect(lab.internet).toReach(free, { address }),
    ]);
    const probe = await lab.forwardLab.prober.probe(fromInternet);
    expect(probe.decision).toMatchObject({ at: "server", direction: "data", action });
    expect(probe.evidence.connect).toBe("connected");
  });

  test("no handshake, as nothing listens there, and no RST that is let out to say so: filtered, by what stops it", async ({ lab }) => {
    const out = (...rules: string[]) => oneChain("output", "drop", neighbours, "tcp sport 22 accept", ...rules);
    const visit = () => lab.forwardLab.prober.probe(fromInternet);
    {
      await using _ = await lab.home.ssh("-R", ":43234:localhost:3389");
      expect(await visit()).toMatchObject({ verdict: "wrong-service" });
    }
    await lab.use({ firewall: out() });
    expect(await visit()).toMatchObject({ verdict: "filtered", decision: { at: "server", direction: "reply", action: "drop", line: 4 } });
    await lab.use({ firewall: out("tcp sport 43234 accept") });
    expect(await visit()).toMatchObject({ verdict: "refused" });
  });

  test("a proxy that is not even greeted: filtered", async ({ lab }) => {
    await lab.use({ firewall: oneChain("input", "accept", "tcp dport 1080 tcp flags & psh == psh drop") });
    await using kept = await lab.home.ssh("-R", ":1080");
    await using free = await lab.home.ssh("-R", ":1081");
    await expect(lab.internet).toSee(kept, "filtered", { address, by: { line: 5 } });
    await expect(lab.internet).toReach(free, { address });
  });

  test("the data of the dial behind it: filtered", async ({ lab }) => {
    await lab.use({ firewall: oneChain("output", "accept", "tcp dport 8080 tcp flags & psh == psh drop") });
    await using kept = await lab.home.ssh("-L", "8081:campus:8080");
    await using free = await lab.home.ssh("-L", "8082:campus:8090");
    await expect(lab.home).toSee(kept, "filtered", { address: "127.0.0.1", by: { layer: "server-firewall", line: 5 } });
    await expect(lab.home).toReach(free);
  });
});
