import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { blockedVerdicts } from "../../../harness/core/verdict.ts";
import { missingProof } from "../../../harness/judgement/proof.ts";
import { passedOutput, passedPrerouting, routedToInput } from "../../../harness/lab/observation-rules.ts";
import { judgeProbe } from "../../../harness/probe/judge-probe.ts";
import type { ProbeContext } from "../../../harness/probe/probe-context.ts";
import type { DroppedLookup, RawAttempt, RawProbe, Sighting, TracedDecision } from "../../../harness/probe/raw-probe.ts";

const written: Record<string, ("source" | "destination")[]> = { dstnat: ["destination"], srcnat: ["source"] };

const context: ProbeContext = {
  vantage: "internet",
  family: 4,
  address: "198.51.100.10",
  port: 43234,
  target: "198.51.100.10:43234",
  targetHost: "server",
  listener: ["198.51.100.10 43234", "127.0.0.1 43234"],
  identity: "home:3389/abc",
  nonce: "0123",
  kindOf: (namespace) => (namespace === "core" || namespace === "isp" ? "router" : "host"),
  describe: ({ family, table, chain, kind }) => ({ rule: `${family} ${table} ${chain} ${kind}` }),
  rewrites: ({ chain }) => written[chain] ?? [],
  decisive: (rule) => rule,
  ofNat: ({ table }) => table === "nat",
};

const unseen: RawAttempt = { sightings: [], decisions: [], passages: [] };
const nothing: RawProbe = {
  ...{ connect: "pending", received: "", end: null, traceLost: false, ms: 4000 },
  ...{ ...unseen, dials: [], dialsShared: false, neighbours: [], dialNeighbours: [] },
};
const base64 = (text: string) => Buffer.from(text).toString("base64");
const sighting = (at: string, way: "in" | "out", flags: string, more: Partial<Sighting> = {}): Sighting => ({
  at,
  time: 0,
  interface: "eth0",
  way,
  source: "192.0.2.66 40000",
  destination: "198.51.100.10 43234",
  flags,
  ...more,
});
const dropped = (at: string, direction: TracedDecision["direction"] = "request"): TracedDecision => ({
  at,
  source: "192.0.2.66 40000",
  destination: "198.51.100.10 43234",
  family: "inet",
  table: "filter",
  chain: "input",
  kind: "policy",
  handle: null,
  verdict: "drop",
  direction,
});
const arrival = [
  sighting("internet", "out", "S"),
  sighting("core", "in", "S"),
  sighting("core", "out", "S"),
  sighting("server", "in", "S"),
];

describe("each verdict from what proves it", () => {
  const judge = (raw: Partial<RawProbe>) => judgeProbe({ ...nothing, ...raw }, context);

  test("the nonce, from the intended service", () => {
    const received = base64("forwardlab home:3389/abc 0123 127.0.0.1:5\n");
    expect(judge({ connect: "connected", end: "answered", received })).toMatchObject({
      verdict: "reached",
      evidence: { nonce: "match", peerSeenByService: "127.0.0.1:5" },
    });
  });

  test.each([
    ["another service of the lab", "forwardlab home:22/xyz 0123 127.0.0.1:5\n"],
    ["yesterday's nonce", "forwardlab home:3389/abc 9999 127.0.0.1:5\n"],
    ["an sshd", "SSH-2.0-OpenSSH_10.0\r\n"],
  ])("an answer of %s is a wrong service", (_, text) => {
    expect(judge({ connect: "connected", end: "eof", received: base64(text) })).toMatchObject({ verdict: "wrong-service" });
  });

  test("accepted and closed without a byte; accepted and silent", () => {
    expect(judge({ connect: "connected", end: "eof" }).verdict).toBe("closed");
    expect(judge({ connect: "connected", end: "ECONNRESET" }).verdict).toBe("closed");
    expect(judge({ connect: "connected", end: "silent" }).verdict).toBe("inconclusive");
  });

  test("a drop is filtered, at whichever end of the conversation", () => {
    expect(judge({ sightings: arrival, decisions: [dropped("server")] })).toMatchObject({
      verdict: "filtered",
      decision: { at: "server", action: "drop", direction: "request" },
    });
    expect(judge({ sightings: arrival, decisions: [dropped("server", "reply")] })).toMatchObject({ decision: { direction: "reply" } });
    expect(judge({ connect: "ECONNREFUSED", decisions: [dropped("server")] })).toMatchObject({
      verdict: "filtered",
      decision: { action: "reject" },
    });
  });

  test("a RST counts where the SYN was seen to arrive, and nowhere else", () => {
    const rst = [...arrival, sighting("server", "out", "RA"), sighting("core", "in", "RA"), sighting("core", "out", "RA")];
    expect(judge({ connect: "ECONNREFUSED", sightings: rst }).verdict).toBe("refused");
    expect(judge({ connect: "ECONNREFUSED", sightings: rst.filter(({ at, flags }) => at !== "server" || flags !== "S") }).verdict).toBe(
      "inconclusive",
    );
    expect(judge({ connect: "ECONNREFUSED" }).verdict).toBe("inconclusive");
  });

  test("a RST that is lost on its way back is a refusal all the same, from where the SYN arrived alone", () => {
    const lost = [...arrival, sighting("server", "out", "RA"), sighting("core", "in", "RA")];
    expect(judge({ sightings: lost })).toMatchObject({
      verdict: "refused",
      evidence: { arrived: true, note: expect.stringContaining("at core") },
    });
    expect(judge({ sightings: lost.filter(({ at, flags }) => at !== "server" || flags !== "S") }).verdict).toBe("inconclusive");
    expect(judge({ sightings: [...arrival, sighting("core", "out", "RA")] }).verdict).toBe("inconclusive");
    expect(judge({ sightings: arrival }).verdict).toBe("inconclusive");
    // Whoever gets it and goes on waiting has been answered by somebody else.
    expect(judge({ sightings: [...lost, sighting("internet", "in", "RA")] }).verdict).toBe("inconclusive");
  });

  test("on loopback a packet leaves and arrives at one place", () => {
    const lo = { interface: "lo" };
    const fromClient = [sighting("server", "out", "S", lo), sighting("server", "in", "S", lo)];
    const back = { ...lo, source: "198.51.100.10 43234", destination: "192.0.2.66 40000" };
    const fromTarget = [sighting("server", "out", "RA", back), sighting("server", "in", "RA", back)];
    const judgeLocal = (raw: Partial<RawProbe>) => judgeProbe({ ...nothing, ...raw }, { ...context, vantage: "server" });
    expect(judgeLocal({ connect: "ECONNREFUSED", sightings: [...fromClient, ...fromTarget] }).verdict).toBe("refused");
    // The host's own rules may drop the RST when it has arrived.
    expect(judgeLocal({ sightings: [...fromClient, ...fromTarget] }).verdict).toBe("refused");
    // One that the client sent tells nothing of the port.
    const fromHere = [sighting("server", "out", "R", lo), sighting("server", "in", "R", lo)];
    expect(judgeLocal({ sightings: [...fromClient, ...fromHere] }).verdict).toBe("inconclusive");
  });

  test("a rejection whose answer is lost is one all the same; a drop has no answer", () => {
    const answer = [sighting("server", "out", "RA"), sighting("core", "in", "RA")];
    const decision = { at: "server", direction: "request" };
    const rejected = judge({ sightings: [...arrival, ...answer], decisions: [dropped("server")] });
    expect(rejected).toMatchObject({ verdict: "filtered", decision: { ...decision, action: "reject" } });
    const silent = judge({ sightings: arrival, decisions: [dropped("server")] });
    expect(silent).toMatchObject({ verdict: "filtered", decision: { ...decision, action: "drop" } });
  });

  test("data that is dropped after the handshake, and a rejection of it", () => {
    const decisions = [dropped("server", "data")];
    expect(judge({ connect: "connected", end: "silent", decisions })).toMatchObject({
      verdict: "filtered",
      decision: { at: "server", action: "drop", direction: "data" },
    });
    expect(judge({ connect: "connected", end: "ECONNRESET", decisions })).toMatchObject({
      decision: { action: "reject", direction: "data" },
    });
  });

  test("a SYN proxy that accepted and never connected; one that did connect leaves the verdict to what came of it", () => {
    const proxy: TracedDecision = { ...dropped("server"), kind: "rule", handle: 5, verdict: "stolen" };
    const hung = { connect: "connected", end: "ECONNRESET", sightings: arrival, decisions: [proxy] };
    expect(judge(hung)).toMatchObject({ verdict: "filtered", decision: { action: "reject", rule: "inet filter input rule" } });
    const passages = [{ at: "server", chain: passedOutput, source: "192.0.2.66 40000", destination: "198.51.100.10 43234" }];
    expect(judge({ ...hung, passages }).verdict).toBe("closed");
  });

  describe("the dial of the forward's target", () => {
    const stopped = (...sightings: Sighting[]): RawAttempt => ({
      ...unseen,
      sightings,
      decisions: [{ ...dropped("server"), chain: "output" }],
    });
    const through: RawAttempt = { ...unseen, sightings: [sighting("server", "out", "S"), sighting("server", "in", "SA")] };
    const refused: RawAttempt = { ...unseen, sightings: [sighting("server", "out", "S"), sighting("server", "in", "RA")] };

    test("dropped: the connection hangs; rejected: it is closed", () => {
      expect(judge({ connect: "connected", end: "silent", dials: [stopped()] })).toMatchObject({
        verdict: "filtered",
        decision: { at: "server", action: "drop", direction: "dial", rule: "inet filter output policy" },
      });
      expect(judge({ connect: "connected", end: "eof", dials: [stopped(sighting("server", "in", "RA"))] })).toMatchObject({
        verdict: "filtered",
        decision: { action: "reject", direction: "dial" },
      });
    });

    test("of several, the one that came through decides; a refused one does not hide a dropped one", () => {
      expect(judge({ connect: "connected", end: "eof", dials: [stopped(), through] }).verdict).toBe("closed");
      expect(judge({ connect: "connected", end: "eof", dials: [refused, stopped()] }).verdict).toBe("filtered");
      expect(judge({ connect: "connected", end: "eof", dials: [refused] }).verdict).toBe("closed");
    });

    test("that never left, as a dropped lookup kept it; one that was answered did leave", () => {
      const lookup: DroppedLookup = { ...dropped("server"), asked: "2001:db8:100::20", message: "advert" };
      const notFound = sighting("server", "out", "", { interface: "lo", icmp: 3 });
      const left: RawAttempt = { ...unseen, sightings: [notFound] };
      const ended = { connect: "connected", end: "eof", dialNeighbours: [lookup] };
      expect(judge({ ...ended, dials: [left] })).toMatchObject({
        verdict: "filtered",
        decision: { at: "server", action: "drop", direction: "neighbour" },
      });
      expect(judge({ ...ended, dials: [left, refused] }).verdict).toBe("closed");
      expect(judge({ ...ended, dials: [] }).verdict).toBe("closed");
    });

    test("that nothing stopped explains no silence", () => {
      expect(judge({ connect: "connected", end: "silent", dials: [through] }).verdict).toBe("inconclusive");
    });
  });

  test("a SYN that is sent elsewhere, by a rule that does so; without such a rule nothing is proven", () => {
    const redirect: TracedDecision = { ...dropped("server"), chain: "dstnat", kind: "rule", handle: 7, verdict: "accept" };
    const passages = [{ at: "server", chain: passedPrerouting, source: "192.0.2.66 40000", destination: "198.51.100.10 8080" }];
    const expected = { verdict: "filtered", decision: { action: "redirect", direction: "request", rule: "inet filter dstnat rule" } };
    expect(judge({ sightings: arrival, decisions: [redirect], passages })).toMatchObject(expected);
    expect(judge({ connect: "ECONNREFUSED", sightings: arrival, decisions: [redirect], passages })).toMatchObject(expected);
    expect(judge({ sightings: arrival, decisions: [{ ...redirect, chain: "input" }], passages }).verdict).toBe("inconclusive");
    // One that writes the new destination into the packet lets it go on to the next rule.
    const written: TracedDecision = { ...redirect, verdict: "continue" };
    expect(judge({ sightings: arrival, decisions: [written], passages })).toMatchObject(expected);
    expect(judge({ sightings: arrival, decisions: [written] }).verdict).toBe("inconclusive");
    // What listens there decides, if the packet gets there.
    expect(judge({ sightings: arrival, decisions: [redirect], passages }).decision).toHaveProperty("nobodyThere", true);
    expect(judge({ sightings: arrival, decisions: [redirect, dropped("server")], passages }).decision).not.toHaveProperty("nobodyThere");
    // No route leads to its new destination: it does not come to the end of the hook.
    expect(judge({ sightings: arrival, decisions: [redirect] })).toMatchObject(expected);
    expect(judge({ sightings: arrival, decisions: [redirect], traceLost: true }).verdict).toBe("inconclusive");
    expect(judge({ sightings: arrival, decisions: [redirect, dropped("server")] })).toMatchObject({ decision: { action: "drop" } });
    const stays = [{ at: "server", chain: passedPrerouting, source: "192.0.2.66 40000", destination: "127.0.0.1 43234" }];
    const taken = [...stays, { ...stays[0], chain: routedToInput }] as typeof stays;
    expect(judge({ sightings: arrival, decisions: [redirect], passages: taken }).verdict).toBe("inconclusive");
    // From outside no packet comes to loopback: routing ends it between two hooks.
    const dead = judge({ sightings: arrival, decisions: [redirect], passages: stays });
    expect(dead).toMatchObject(expected);
    expect(dead.decision).not.toHaveProperty("nobodyThere");
    expect(judge({ sightings: arrival, decisions: [redirect], passages: stays, traceLost: true }).verdict).toBe("inconclusive");
  });

  describe("an answer that leaves as from, or for, somebody else", () => {
    const rule = (direction: "request" | "reply", chain: string): TracedDecision => ({
      ...{ ...dropped("server", direction), chain },
      ...{ kind: "rule", handle: 7, verdict: "continue" },
    });
    const answer = (flags: string, source: string, destination = "192.0.2.66 40000", way: "in" | "out" = "out") =>
      sighting("server", way, flags, { source, destination });
    const seen = (decisions: TracedDecision[], ...answers: Sighting[]) => ({ decisions, sightings: [...arrival, ...answers] });
    const expected = (direction: string, rule: string) => ({ verdict: "filtered", decision: { action: "rewrite", direction, rule } });

    test.for([
      ["another port, by a rule for the answer", rule("reply", "srcnat"), answer("SA", "198.51.100.10 443")],
      ["another port, as the SYN was led to another one", rule("request", "dstnat"), answer("SA", "198.51.100.10 8080")],
      ["another client, by a rule for the answer", rule("reply", "dstnat"), answer("SA", "198.51.100.10 43234", "192.0.2.9 40000")],
      [
        "another client, as the SYN was made to come from there",
        rule("request", "srcnat"),
        answer("SA", "198.51.100.10 43234", "192.0.2.9 1"),
      ],
    ] as const)("%s: filtered, by that rule", ([, decision, strayed]) => {
      const told = expected(decision.direction, `inet filter ${decision.chain} rule`);
      expect(judge(seen([decision], strayed))).toMatchObject(told);
      // A later answer found its way, trace messages are missing, no rule is known to do it, or another end was written.
      expect(judge(seen([decision], strayed, answer("SA", "198.51.100.10 43234"))).verdict).toBe("inconclusive");
      expect(judge({ ...seen([decision], strayed), traceLost: true }).verdict).toBe("inconclusive");
      expect(judge(seen([{ ...decision, chain: "input" }], strayed)).verdict).toBe("inconclusive");
      const other = decision.chain === "dstnat" ? "srcnat" : "dstnat";
      expect(judge(seen([{ ...decision, chain: other }], strayed)).verdict).toBe("inconclusive");
    });

    test("on loopback, where NAT has changed what was asked already, it is compared with what the client asked", () => {
      const source = { address: "192.0.2.66", port: 40000 };
      const own = (answered: string) => {
        const sightings = [
          sighting("server", "in", "S", { interface: "lo", destination: "198.51.100.10 8080" }),
          answer("SA", answered),
          answer("SA", answered, undefined, "in"),
        ];
        return judgeProbe({ ...nothing, source, sightings, decisions: [rule("reply", "srcnat")] }, { ...context, vantage: "server" });
      };
      expect(own("198.51.100.10 8080")).toMatchObject(expected("reply", "inet filter srcnat rule"));
      expect(own("198.51.100.10 43234").verdict).toBe("inconclusive");
    });

    test("an answer that the rule's own RST is: the reject has the last word", () => {
      const reject = dropped("server");
      expect(judge(seen([reject, rule("reply", "srcnat")], answer("RA", "198.51.100.10 443")))).toMatchObject({
        decision: { action: "reject" },
      });
    });
  });

  test("a packet that a rule sends out of another interface; not one that a SYN proxy takes", () => {
    const fwd: TracedDecision = { ...dropped("server"), family: "netdev", kind: "rule", handle: 2, verdict: "stolen" };
    const expected = { verdict: "filtered", decision: { action: "redirect", direction: "request", nobodyThere: true } };
    expect(judge({ sightings: arrival, decisions: [fwd] })).toMatchObject(expected);
    expect(judge({ sightings: arrival, decisions: [{ ...fwd, verdict: "accept" }] }).verdict).toBe("inconclusive");
    expect(judge({ sightings: arrival, decisions: [{ ...fwd, family: "inet" }] }).verdict).toBe("inconclusive");
    // Its kernel gave up before the probe did: that is silence, too.
    expect(judge({ connect: "ETIMEDOUT", sightings: arrival, decisions: [fwd] })).toMatchObject(expected);
    expect(judge({ connect: "ETIMEDOUT", sightings: arrival, decisions: [dropped("server")] })).toMatchObject({
      decision: { action: "drop" },
    });
    expect(judge({ connect: "ECONNREFUSED", sightings: arrival, decisions: [fwd] }).verdict).toBe("inconclusive");
  });

  test("what let a visitor in is a rule of the listening host, never of the router in front of it", () => {
    const accept = (at: string, chain: string): TracedDecision => ({ ...dropped(at), chain, kind: "rule", handle: 1, verdict: "accept" });
    const decisions = [accept("isp", "forward"), accept("server", "dstnat"), accept("server", "input")];
    const connected = { ...nothing, connect: "connected", received: base64("forwardlab home:3389/abc 0123 127.0.0.1:5\n"), decisions };
    const host = { admission: { rule: "inet filter input rule" }, translation: { rule: "inet filter dstnat rule" } };
    expect(judgeProbe(connected, context)).toMatchObject(host);
    const behind = { ...context, targetHost: "isp" };
    expect(judgeProbe(connected, behind)).toMatchObject(host);
    const open = judgeProbe({ ...connected, decisions: [accept("isp", "forward"), accept("isp", "dstnat")] }, behind);
    expect([open.admission, open.translation]).toEqual([undefined, undefined]);
  });

  test("no policy of a chain that translates addresses lets anybody in, whatever comes after the filter", () => {
    const accept = (table: string): TracedDecision => ({ ...dropped("server"), table, verdict: "accept" });
    const connected = { ...nothing, connect: "connected", received: base64("forwardlab home:3389/abc 0123 127.0.0.1:5\n") };
    const admitted = (...tables: string[]) => judgeProbe({ ...connected, decisions: tables.map(accept) }, context).admission;
    expect(admitted("filter", "nat")).toEqual({ rule: "inet filter input policy" });
    expect(admitted("nat")).toBeUndefined();
  });

  test("the trace tells each rule once, however often the SYN was sent again", () => {
    const accept: TracedDecision = { ...dropped("server"), verdict: "accept" };
    const { trace } = judge({ sightings: arrival, decisions: [accept, accept, dropped("server"), dropped("server")] }).evidence;
    expect(trace?.filter(({ what }) => what.startsWith("inet filter")).map(({ verdict }) => verdict)).toEqual(["accept", "drop"]);
  });

  test("a neighbour lookup that is dropped, where it keeps this packet", () => {
    const lookup: DroppedLookup = { ...dropped("server"), asked: "198.51.100.10", message: "solicit" };
    expect(judge({ neighbours: [lookup] })).toMatchObject({ verdict: "filtered", decision: { direction: "neighbour", at: "server" } });
    expect(judge({ sightings: arrival, neighbours: [lookup] })).toMatchObject({ decision: { direction: "neighbour" } });
    expect(judge({ sightings: arrival, neighbours: [{ ...lookup, at: "home" }] }).verdict).toBe("inconclusive");
    const answered = [...arrival, sighting("server", "out", "SA")];
    expect(judge({ sightings: answered, neighbours: [lookup] }).verdict).toBe("inconclusive");
  });

  test("silence proves nothing, whatever arrived", () => {
    expect(judge({}).verdict).toBe("inconclusive");
    expect(judge({ sightings: arrival })).toMatchObject({ verdict: "inconclusive", evidence: { arrived: true } });
    expect(judge({ connect: "ETIMEDOUT", sightings: arrival }).verdict).toBe("inconclusive");
  });
});

describe("for whatever may have been seen", () => {
  const namespace = fc.constantFrom("internet", "core", "isp", "server", "home");
  const sightings = fc.array(
    fc.record({
      at: namespace,
      time: fc.nat(),
      interface: fc.constantFrom("eth0", "lo", "uplink"),
      way: fc.constantFrom("in" as const, "out" as const),
      source: fc.constant("192.0.2.66 40000"),
      destination: fc.constant("198.51.100.10 43234"),
      flags: fc.constantFrom("S", "SA", "R", "RA", ""),
      icmp: fc.option(fc.constantFrom(0, 1, 3, 13), { nil: undefined }),
    }),
    { maxLength: 8 },
  );
  const anyDecisions = fc.array(
    fc.record({
      source: fc.constant("192.0.2.66 40000"),
      destination: fc.constantFrom("198.51.100.10 43234", "198.51.100.10 8080"),
      at: namespace,
      family: fc.constantFrom("inet", "ip", "netdev"),
      table: fc.constant("filter"),
      chain: fc.constantFrom("input", "forward", "output", "dstnat"),
      kind: fc.constantFrom("rule" as const, "policy" as const, "return" as const),
      handle: fc.option(fc.nat(), { nil: null }),
      verdict: fc.constantFrom("accept", "drop", "continue", "jump", "queue", "stolen"),
      direction: fc.constantFrom("request" as const, "reply" as const, "data" as const),
    }),
    { maxLength: 4 },
  );
  const passages = fc.array(
    fc.record({
      at: namespace,
      chain: fc.constantFrom("arrive", passedPrerouting, routedToInput, passedOutput),
      source: fc.constant("192.0.2.66 40000"),
      destination: fc.constantFrom("198.51.100.10 43234", "198.51.100.10 8080", "127.0.0.1 43234"),
    }),
    { maxLength: 3 },
  );
  const attempt = { sightings, decisions: anyDecisions, passages };
  const neighbours = anyDecisions.map((all) =>
    all.map(({ direction: _, ...rest }) => ({ ...rest, verdict: "drop", asked: "198.51.100.10", message: "solicit" as const })),
  );
  const received = fc.constantFrom(
    "",
    "SSH-2.0\r\n",
    "forwardlab home:3389/abc 0123 1.2.3.4:5\n",
    "forwardlab home:3389/abc 0124 1.2.3.4:5\n",
  );
  const raws = fc.record({
    connect: fc.constantFrom("connected", "pending", "ECONNREFUSED", "ENETUNREACH", "EHOSTUNREACH", "EACCES", "ETIMEDOUT"),
    received: received.map(base64),
    end: fc.constantFrom(null, "answered", "eof", "silent", "ECONNRESET"),
    ...attempt,
    dials: fc.array(fc.record(attempt), { maxLength: 2 }),
    dialsShared: fc.boolean(),
    neighbours,
    dialNeighbours: neighbours,
    traceLost: fc.boolean(),
    ms: fc.nat(),
  });
  const isDrop = ({ verdict }: { verdict: string }) => verdict === "drop";
  const proofs: Record<string, (raw: RawProbe) => boolean> = {
    closed: ({ connect, received: bytes, end }) => connect === "connected" && bytes === "" && end !== "silent",
    filtered: ({ connect, decisions: seen, dials, neighbours: lookups, dialNeighbours }) =>
      connect === "connected"
        ? (dials.length > 0 && dialNeighbours.length > 0) ||
          [...seen.filter(({ direction }) => direction === "data"), ...dials.flatMap((dial) => dial.decisions)].some(isDrop) ||
          seen.some(({ verdict }) => verdict === "stolen")
        : seen.some((each) => isDrop(each) || (each.chain === "dstnat" && /^(accept|continue)$/.test(each.verdict))) ||
          (/^(pending|ETIMEDOUT)$/.test(connect) && seen.some(({ family, verdict }) => family === "netdev" && verdict === "stolen")) ||
          lookups.length > 0,
    refused: ({ connect, sightings: seen }) =>
      /^(ECONNREFUSED|pending|ETIMEDOUT)$/.test(connect) &&
      seen.some(
        ({ at, flags, way }) =>
          flags.includes("R") && way === "out" && seen.some((syn) => syn.at === at && syn.way === "in" && syn.flags === "S"),
      ),
    unreachable: ({ connect, sightings: seen, decisions: ruled }) =>
      /^E(NET|HOST)UNREACH$/.test(connect) ||
      seen.some(({ icmp }) => icmp !== undefined) ||
      ruled.some(({ verdict }) => verdict === "drop"),
  };

  test("a verdict of the blocked kind carries its proof", () => {
    fc.assert(
      fc.property(raws, (raw) => {
        const probe = judgeProbe(raw, context);
        if (!blockedVerdicts.includes(probe.verdict)) return;
        expect(proofs[probe.verdict]?.(raw), probe.verdict).toBe(true);
        expect(missingProof(probe), probe.verdict).toBeUndefined();
      }),
      { numRuns: 5000 },
    );
  });

  test("a forward to an sshd is reached where that one greets, not another one", () => {
    const greeted = (greeting: string) => {
      const raw = { ...nothing, connect: "connected", received: base64(greeting), end: "answered" as const, sightings: arrival };
      const { verdict, evidence } = judgeProbe(raw, { ...context, identity: "forwardlab-server" });
      return [verdict, evidence.nonce, evidence.received];
    };
    const line = "SSH-2.0-OpenSSH_10.0p2 Debian-7 forwardlab-server";
    expect(greeted(`${line}\r\n`)).toEqual(["reached", "match", line]);
    for (const other of ["SSH-2.0-OpenSSH_10.0p2 Debian-7 forwardlab-inner", "SSH-2.0-OpenSSH_10.0p2", "forwardlab-server"])
      expect(greeted(`${other}\r\n`)).toEqual(["wrong-service", "mismatch", `${other}··`]);
  });

  test("reached is the nonce over a connection, and the nonce over a connection is reached", () => {
    fc.assert(
      fc.property(raws, (raw) => {
        const answered = raw.connect === "connected" && raw.received === base64("forwardlab home:3389/abc 0123 1.2.3.4:5\n");
        expect(judgeProbe(raw, context).verdict === "reached").toBe(answered);
      }),
      { numRuns: 2000 },
    );
  });

  test("taking away what was seen never turns doubt into proof of a block", () => {
    fc.assert(
      fc.property(raws, (raw) => {
        if (judgeProbe(raw, context).verdict !== "inconclusive" || !/^(pending|ECONNREFUSED)$/.test(raw.connect)) return;
        expect(judgeProbe({ ...raw, ...unseen, dials: [], neighbours: [], dialNeighbours: [] }, context).verdict).toBe("inconclusive");
      }),
      { numRuns: 2000 },
    );
  });
});
