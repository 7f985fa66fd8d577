import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Cell, cellsOf } from "../../../harness/core/cells.ts";
import type { ForwardOutcome, Refusal } from "../../../harness/core/forward-outcome.ts";
import { comparable, exitCode, resultSchema } from "../../../harness/core/result.ts";
import {
  blockedVerdicts,
  type Evidence,
  type PacketDecision,
  type ProbeResult,
  type Verdict,
  verdicts,
} from "../../../harness/core/verdict.ts";
import { expectationOf } from "../../../harness/judgement/expectations.ts";
import { nextForCell } from "../../../harness/judgement/next.ts";
import { labSpecOf } from "../../../harness/policy/network.ts";
import { problems } from "../../../harness/report/problems.ts";
import { sentenceFor } from "../../../harness/report/sentences.ts";
import {
  articlePolicy,
  asItShouldBe,
  filtered,
  judged,
  listening,
  outcomeOf,
  policyOf,
  probe,
  provenance,
  reached,
  refused,
} from "./sample.ts";

const gateway = (value: string, place: { file?: string; line?: number } = { file: "sshd_config", line: 12 }) => [
  { keyword: "gatewayports", value, ...place },
];
const onlyLocal = { listeners: ["127.0.0.1:43234", "[::1]:43234"] };
const local = (cell: Cell) => (cell.scope === "loopback" ? reached(cell) : refused(cell));
const cellAt = (result: ReturnType<typeof judged>, vantage: string, family: 4 | 6) =>
  result.cells.find((cell) => cell.vantage === vantage && cell.family === family);

test("a warning about other forwards than those that were selected is none of the run", () => {
  const policy = policyOf({ rdp: { ssh: "-R :43234:localhost:3389" }, web: { ssh: "-R :43234:localhost:80" } });
  const about = (...forwards: string[]) => ({
    code: "same-listener" as const,
    params: { forwards, host: "server", port: 43234 },
    forwards,
  });
  const run = { code: "no-chain" as const, params: {} };
  const warnings = [about("web", "other"), about("web", "rdp"), { ...about("web", "rdp"), forwards: ["rdp"] }, run];
  const result = judged(reached, { policy, selected: ["rdp"], warnings });
  expect(result.warningDetails).toEqual([
    expect.objectContaining({ code: "same-listener", params: { forwards: ["web", "rdp"], host: "server", port: 43234 } }),
    expect.objectContaining({ code: "no-chain" }),
  ]);
  expect(result.warningDetails?.some((each) => "forwards" in each)).toBe(false);
  expect(judged(reached, { policy, warnings }).warnings).toHaveLength(3);
});

describe("a visitor who waits until an address of the forward's target is given up", () => {
  const decision: PacketDecision = {
    at: "home",
    kind: "host",
    action: "drop",
    direction: "dial",
    rule: "oif lo drop",
    file: "home.nft",
    line: 5,
  };
  const slow = (cell: Cell): ProbeResult => ({
    ...asItShouldBe(cell),
    ...(asItShouldBe(cell).verdict === "reached" ? { slowDial: { decision } } : {}),
  });

  test("is said once for the forward, and with each cell", () => {
    const result = judged(slow);
    expect(result).toMatchObject({ outcome: "pass", warnings: [expect.stringMatching(/^home\.nft:5: rdp: .* more than two minutes/)] });
    expect(cellAt(result, "campus", 4)?.decidedBy?.text).toMatch(/after more than two minutes.*ssh dials.*oif lo drop/);
    const unknown = judged((cell) => ({ ...slow(cell), ...(slow(cell).slowDial ? { slowDial: {} } : {}) }));
    expect(unknown.warnings).toEqual([expect.stringMatching(/^rdp: .* ssh dials .* gives no answer\.$/)]);
  });

  test("the control: who waits for nothing", () => {
    const result = judged(asItShouldBe);
    expect(result.warnings).toEqual([]);
    expect(cellAt(result, "campus", 4)?.decidedBy?.text).not.toContain("two minutes");
  });
});

describe("visitors who are led to where the lab has nobody", () => {
  const policy = policyOf({ rdp: { ssh: "-R :43234:localhost:3389", reachable_from: [] } });
  const decision = { at: "server", kind: "host", action: "redirect", direction: "request", rule: "ip nat pre redirect to :3128" } as const;
  const led = (nobodyThere: boolean) =>
    judged(
      (cell) => ({
        ...asItShouldBe(cell),
        verdict: "filtered",
        decision: { ...decision, file: "fw.nft", line: 4, ...(nobodyThere ? { nobodyThere } : {}) },
      }),
      { policy },
    );

  test("are blocked, with one warning: a program there may let them in", () => {
    const result = led(true);
    expect(result).toMatchObject({
      outcome: "pass",
      warnings: [expect.stringMatching(/^fw\.nft:4: .*redirect to :3128.* visitors of rdp .*proxy/)],
    });
    expect(cellAt(result, "campus", 4)?.decidedBy?.text).toContain("elsewhere, where nobody answers in the lab");
  });

  test("the control: the packet never gets there", () => {
    const result = led(false);
    expect(result.warnings).toEqual([]);
    expect(cellAt(result, "campus", 4)?.decidedBy?.text).not.toContain("nobody");
  });
});

describe("a forward that must be refused and is granted", () => {
  const policy = policyOf({ rdp: { ssh: "-R :43234:localhost:3389", refused_by_server: true } });
  const granted = (grantedBy?: ForwardOutcome["grantedBy"]) =>
    judged(refused, { policy, outcomes: [outcomeOf("rdp", grantedBy ? { grantedBy } : {})] }).forwards[0];

  test("names the line that permits it, sshd's default, or the key's option", () => {
    expect(granted({ keyword: "permitlisten", value: "43234", file: "sshd_config", line: 3 })).toMatchObject({
      status: "violated",
      decidedBy: {
        layer: "sshd-policy",
        rule: "PermitListen 43234",
        file: "sshd_config",
        line: 3,
        text: expect.stringContaining("tunnel"),
      },
    });
    const byDefault = granted({ keyword: "allowtcpforwarding", value: "yes" })?.decidedBy;
    expect(byDefault?.text).toContain("`AllowTcpForwarding yes` (the default)");
    expect(byDefault).not.toHaveProperty("file");
    const option = { keyword: "permitlisten", value: 'permitlisten="43234"', file: "alice.keys", line: 2, keyOption: true as const };
    expect(granted(option)?.decidedBy).toMatchObject({ layer: "key-options", rule: 'permitlisten="43234"', file: "alice.keys", line: 2 });
  });

  test("the control: nothing is known of the settings, or it may be granted", () => {
    expect(granted()).toMatchObject({ status: "violated", decidedBy: null });
    const grantedBy = { keyword: "allowtcpforwarding", value: "yes" };
    expect(judged(asItShouldBe, { outcomes: [outcomeOf("rdp", { grantedBy })] }).forwards[0]?.decidedBy).toBeNull();
  });
});

describe("what sshd closes because nobody uses it", () => {
  const by = { keyword: "unusedconnectiontimeout", value: "90", file: "sshd_config", line: 3 };
  const limited = (name: string, changes: Partial<ForwardOutcome> = {}) =>
    outcomeOf(name, { idleLimits: [{ ends: "connection", seconds: 90, by }], ...changes });
  const two = policyOf({
    rdp: { ssh: "-R :43234:localhost:3389", reachable_from: ["campus"] },
    web: { ssh: "-R :43235:localhost:80", reachable_from: ["campus"] },
  });

  test("is a warning, once for each setting", () => {
    const result = judged(asItShouldBe, { policy: two, outcomes: [limited("rdp"), limited("web")], selected: ["rdp", "web"] });
    expect(result.warningDetails).toMatchObject([
      {
        code: "unused-connection",
        params: { setting: "UnusedConnectionTimeout 90", seconds: 90, forwards: ["rdp", "web"] },
        file: "sshd_config",
        line: 3,
      },
    ]);
    expect(judged(asItShouldBe, { policy: two, outcomes: [limited("rdp"), limited("web")], selected: ["web"] }).warnings).toEqual([
      expect.stringMatching(/^sshd_config:3: .*connection of web, .*for 90 s/),
    ]);
  });

  test("on a jump host, too, which is named", () => {
    const channel = { keyword: "channeltimeout", value: "direct-tcpip=60", file: "bastion", line: 2 };
    const idleLimits = [{ ends: "connection", seconds: 60, by: channel, jump: "bastion" }] as const;
    expect(judged(asItShouldBe, { policy: two, outcomes: [outcomeOf("rdp", { idleLimits })] }).warnings).toEqual([
      expect.stringMatching(/^bastion:2: `ChannelTimeout direct-tcpip=60`: sshd of the jump host bastion .*of rdp .*for 60 s/),
    ]);
  });

  test("the control: nobody is to reach it, or it does not stand", () => {
    const policy = policyOf({ rdp: { ssh: "-R :43234:localhost:3389", reachable_from: [{ vantage: "campus", is: "blocked" }] } });
    expect(judged(asItShouldBe, { policy, outcomes: [limited("rdp")] }).warnings).toEqual([]);
    expect(judged(asItShouldBe, { outcomes: [limited("rdp", { granted: false })] }).warnings).toEqual([]);
    expect(judged(asItShouldBe, { outcomes: [outcomeOf("rdp")] }).warnings).toEqual([]);
  });
});

test("a listener that went away with its ssh proves nothing to be blocked, and lets nobody in", () => {
  const cells = cellsOf(labSpecOf(articlePolicy), listening, ["campus", "internet"]);
  const seen = (ended: boolean) => {
    const observations = cells.map((cell) => ({ cell, probe: refused(cell), forward: outcomeOf("rdp"), ended }));
    return judged(refused, { cells, observations });
  };
  const [gone, standing] = [seen(true), seen(false)];
  expect(cellAt(gone, "internet", 4)).toMatchObject({
    status: "inconclusive",
    unproven: { code: "session-ended" },
    next: { code: "open-again" },
  });
  expect(cellAt(gone, "campus", 4)).toMatchObject({ status: "violated", decidedBy: { code: "session-ended" } });
  expect(cellAt(standing, "internet", 4)?.unproven?.code).not.toBe("session-ended");
});

test("a forward whose ssh ended because another of its forwards was refused: that one's line decides", () => {
  const cells = cellsOf(labSpecOf(articlePolicy), listening, ["campus", "internet"]);
  const source = { keyword: "permitlisten", value: "8080", file: "sshd_config", line: 3 };
  const seen = (refusedBy?: Refusal) => {
    const forward = outcomeOf("rdp", { endedWith: { name: "web", ...(refusedBy ? { refusedBy } : {}) } });
    return judged(refused, { cells, observations: cells.map((cell) => ({ cell, probe: refused(cell), forward, ended: true })) });
  };
  const told = seen({ layer: "sshd-policy", code: "permit-listen", params: {}, text: "", source });
  const line = { code: "ended-with-sibling", file: "sshd_config", line: 3, params: { sibling: "web" } };
  expect(cellAt(told, "campus", 4)).toMatchObject({
    status: "violated",
    decidedBy: { ...line, layer: "sshd-policy", text: expect.stringContaining("web was refused by `PermitListen 8080`") },
    next: { code: "see-sibling", text: expect.stringContaining("fix web first") },
  });
  expect(cellAt(told, "internet", 4)).toMatchObject({ status: "inconclusive", unproven: line, next: { code: "see-sibling" } });
  expect(cellAt(seen(), "campus", 4)).toMatchObject({
    decidedBy: { layer: "client", code: "ended-with-sibling", text: expect.stringMatching(/web was refused\.$/) },
  });
});

test("of every address of a network that the policy states, the same is expected as of its vantage point", () => {
  const policy: typeof articlePolicy = {
    ...articlePolicy,
    network: { vantages: { "other-lan": { behind: "nat", public: "203.0.113.50", stands_for: ["203.0.113.48/28", "2001:db8:50::/64"] } } },
  };
  const [cell] = cellsOf(labSpecOf(policy), listening, ["internet"]);
  const expected = (vantage: string) => expectationOf(policy, { ...(cell as Cell), vantage });
  expect(["other-lan", "203.0.113.57", "2001:db8:50::99"].map(expected)).toEqual(["reachable", "reachable", "reachable"]);
  expect(["internet", "203.0.113.64", "2001:db8:51::1"].map(expected)).toEqual(["blocked", "blocked", "blocked"]);
});

describe("a run", () => {
  test("passes when all is as expected, and fits its published schema", () => {
    const result = judged(asItShouldBe);
    expect(result.outcome).toBe("pass");
    expect(exitCode(result)).toBe(0);
    expect(result.counts).toEqual({ held: 9, violated: 0, waived: 0, inconclusive: 0, optional: 6 });
    expect(resultSchema.parse(result)).toEqual(result);
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });

  test("fails on an exposure over IPv6 only, and says what to do", () => {
    const result = judged((cell) => (cell.vantage === "internet" && cell.family === 6 ? reached(cell) : asItShouldBe(cell)));
    expect(exitCode(result)).toBe(1);
    expect(cellAt(result, "internet", 6)).toMatchObject({
      status: "violated",
      ok: false,
      observed: "reached",
      next: { code: "firewall-leaves-open", params: { host: "server", family: 6 } },
    });
    expect(cellAt(result, "internet", 4)).not.toHaveProperty("next");
    const { firewall: _, ...server } = articlePolicy.server;
    const bare = judged((cell) => (cell.vantage === "internet" ? reached(cell) : asItShouldBe(cell)), {
      policy: { ...articlePolicy, server },
    });
    expect(cellAt(bare, "internet", 6)?.next).toMatchObject({ code: "no-firewall", params: { host: "server" } });
  });

  test("a violation outranks what is not known", () => {
    const result = judged((cell) => {
      if (cell.vantage === "campus") return undefined;
      return cell.vantage === "internet" ? reached(cell) : asItShouldBe(cell);
    });
    expect([result.counts.inconclusive, exitCode(result)]).toEqual([2, 1]);
  });

  test("is inconclusive when a probe is missing, twice with different verdicts, or its forward unknown", () => {
    expect(exitCode(judged((cell) => (cell.vantage === "home-lan" ? undefined : asItShouldBe(cell))))).toBe(2);
    expect(exitCode(judged(asItShouldBe, { outcomes: [] }))).toBe(2);
    const cell = cellsOf(labSpecOf(articlePolicy), listening).find((one) => one.vantage === "internet" && one.family === 4) as Cell;
    const seen = (probe: ProbeResult) => ({ cell, probe, forward: outcomeOf("rdp"), ended: false });
    const twice = (other: ProbeResult) =>
      cellAt(judged(asItShouldBe, { observations: [seen(filtered(cell)), seen(other)] }), "internet", 4);
    expect(twice(filtered(cell))).toMatchObject({ observed: "filtered" });
    expect(twice(reached(cell))).toMatchObject({
      observed: "inconclusive",
      unproven: { code: "probes-contradict", params: { verdicts: ["filtered", "reached"] } },
    });
  });

  test("is inconclusive as a whole when the self-check failed or did not run", () => {
    for (const selfCheck of [[], [{ name: "no side path", ok: false, detail: "home reaches other-lan" }]]) {
      const result = judged(asItShouldBe, { provenance: { ...provenance, selfCheck } });
      expect(exitCode(result)).toBe(2);
      expect(result.cells.every((cell) => cell.observed === "inconclusive")).toBe(true);
      expect(result.reasons[0]?.code).toMatch(/^self-check-(missing|failed)$/);
      expect(result.cells.every((cell) => cell.unproven?.code === result.reasons[0]?.code)).toBe(true);
    }
  });

  test("is inconclusive when nothing was expected", () => {
    expect(exitCode(judged(asItShouldBe, { cells: [], selected: [] }))).toBe(2);
    expect(exitCode(judged(asItShouldBe, { policy: policyOf({}), cells: [] }))).toBe(2);
  });

  test("judges only what was selected", () => {
    const policy = policyOf({ ...articlePolicy.forwards, other: { ssh: "-R 1:localhost:1", reachable_from: ["campus"] } });
    const result = judged(asItShouldBe, { policy, selected: ["rdp"] });
    expect([result.forwards.map((forward) => forward.name), result.outcome]).toEqual([["rdp"], "pass"]);
  });
});

describe("the layer that decided", () => {
  test.each<[string, Partial<ForwardOutcome>, string, RegExp]>([
    [
      "no colon",
      { ...onlyLocal, ssh: "-fN -R 43234:localhost:3389", requested: "43234" },
      "no-leading-colon",
      /`-R 43234` has no leading colon.*sshd listens only on 127\.0\.0\.1:43234 and \[::1\]:43234/,
    ],
    [
      "colon ignored",
      { ...onlyLocal, effective: gateway("no") },
      "gateway-ports-ignores-bind",
      /`GatewayPorts no` silently ignores the bind address of `-R :43234`/,
    ],
    [
      "colon ignored by default",
      { ...onlyLocal, effective: gateway("no", {}) },
      "gateway-ports-ignores-bind",
      /`GatewayPorts no` \(the default\) silently ignores/,
    ],
    ["no setting known", { ...onlyLocal, effective: [] }, "gateway-ports-ignores-bind", /`GatewayPorts no` \(the default\)/],
    [
      "address ignored",
      { ...onlyLocal, requested: "0.0.0.0:43234", effective: gateway("no") },
      "gateway-ports-ignores-bind",
      /ignores the bind address of `-R 0\.0\.0\.0:43234`/,
    ],
    [
      "no colon, no GatewayPorts",
      { ...onlyLocal, requested: "43234", ssh: "-R 43234:localhost:3389", effective: gateway("no") },
      "asked-for-loopback",
      /asks for the server itself only/,
    ],
    ["loopback asked for", { ...onlyLocal, requested: "127.0.0.1:43234" }, "asked-for-one-address", /asks for one address/],
  ])("bind-address: %s", (_, changes, code, text) => {
    const cell = cellAt(judged(local, { outcomes: [outcomeOf("rdp", changes)] }), "campus", 4);
    expect(cell).toMatchObject({
      observed: "refused",
      status: "violated",
      decidedBy: { layer: "bind-address", code, text: expect.stringMatching(text) },
    });
  });

  test("bind-address: one family only", () => {
    const see = (cell: Cell) => (cell.family === 4 && cell.address !== "127.0.0.1" ? refused(cell) : reached(cell));
    const taken = judged(see, { outcomes: [outcomeOf("rdp", { listeners: ["[::]:43234"] })] });
    expect(cellAt(taken, "campus", 4)).toMatchObject({
      decidedBy: { layer: "bind-address", code: "port-taken-in-family", text: expect.stringContaining("already taken over IPv4") },
    });
    const inet6 = [...gateway("clientspecified"), { keyword: "addressfamily", value: "inet6", file: "sshd_config", line: 3 }];
    const family = judged(see, { outcomes: [outcomeOf("rdp", { listeners: ["[::]:43234"], effective: inet6 })] });
    expect(cellAt(family, "campus", 4)).toMatchObject({
      decidedBy: { code: "family-left-out", rule: "AddressFamily inet6", line: 3 },
    });
    const one = judged(see, { outcomes: [outcomeOf("rdp", { listeners: ["[::1]:43234"], requested: "[::1]:43234", effective: inet6 })] });
    expect(cellAt(one, "campus", 4)).toMatchObject({ decidedBy: { code: "asked-for-one-address" } });
  });

  test("refused although it listens: nothing is proven", () => {
    const cell = cellAt(
      judged((one) => (one.vantage === "internet" ? refused(one) : asItShouldBe(one))),
      "internet",
      4,
    );
    expect(cell).toMatchObject({
      observed: "inconclusive",
      unproven: { code: "listener-contradicts", text: expect.stringContaining("0.0.0.0:43234") },
    });
  });

  test("a bind address whose name only the real host knows: nothing is proven, and its address is asked for", () => {
    const refusal = (name: string): Refusal => ({ layer: "bind-address", code: "unknown-name", params: { name }, text: "" });
    const run = (name: string, names = {}) => {
      const outcome = outcomeOf("rdp", { granted: false, serverAnswer: "refused", listeners: [], refusedBy: refusal(name) });
      const policy = policyOf({ rdp: { ssh: `-R ${name}:43234:localhost:3389`, reachable_from: [], refused_by_server: true } });
      return judged(refused, { policy, outcomes: [outcome], spec: { ...labSpecOf(policy), names } });
    };
    const unknown = run("tunnel.example.org");
    expect(unknown.outcome).toBe("inconclusive");
    expect(unknown.forwards[0]).toMatchObject({ granted: null, status: "inconclusive", next: { code: "name-the-address" } });
    expect(cellAt(unknown, "internet", 4)).toMatchObject({
      observed: "inconclusive",
      unproven: { code: "bind-name-unknown", params: { name: "tunnel.example.org" } },
      next: { code: "name-the-address" },
    });
    // The lab knows the name, and AddressFamily leaves out its address; no name server knows the other one.
    expect(run("Tunnel.example.org", { "tunnel.example.org": ["2001:db8::7"] }).outcome).toBe("pass");
    expect(run("192.0.2.300").outcome).toBe("pass");
  });

  test("sshd-policy and key-options: the forward was not granted", () => {
    const refusedBy = {
      layer: "key-options" as const,
      code: "key-no-forwarding" as const,
      params: {},
      text: "the key has no-port-forwarding",
      source: { keyword: "no-port-forwarding", value: "no-port-forwarding", keyOption: true as const, file: "alice.keys", line: 2 },
    };
    const result = judged(refused, { outcomes: [outcomeOf("rdp", { granted: false, listeners: [], refusedBy })] });
    expect(cellAt(result, "campus", 4)).toMatchObject({
      decidedBy: { layer: "key-options", rule: "no-port-forwarding", file: "alice.keys", line: 2 },
    });
    expect(result.forwards[0]).toMatchObject({ granted: false, expected: "granted", status: "violated" });
  });

  test("a listener that the kernel refuses: what to do depends on what is in its way", () => {
    const refusedBy = (code: "port-taken" | "no-such-address", address: string) => ({
      layer: "bind-address" as const,
      code,
      params: { port: 43234, address },
      text: "bind: no",
    });
    const refusal = (code: "port-taken" | "no-such-address", address = "") => ({
      granted: false,
      listeners: [],
      refusedBy: refusedBy(code, address),
    });
    const next = (...outcomes: ForwardOutcome[]) => judged(refused, { outcomes }).forwards[0]?.next;
    expect(next(outcomeOf("rdp", refusal("port-taken")))).toMatchObject({ code: "free-the-port" });
    const exiting = outcomeOf("rdp", { ...refusal("port-taken"), ssh: "-o ExitOnForwardFailure=yes -R :43234:localhost:3389" });
    const told = [outcomeOf("rdp", refusal("port-taken")), exiting].map((each) => sentenceFor(next(each) ?? { code: "", params: {} }));
    expect(told.map((text) => text.includes("ExitOnForwardFailure"))).toEqual([true, false]);
    const other = (port: number) => outcomeOf("first", { listeners: [`127.0.0.1:${port}`] });
    expect(next(outcomeOf("rdp", refusal("port-taken")), other(43234))).toMatchObject({
      code: "port-of-other-forward",
      params: { other: "first", port: 43234, host: "server" },
    });
    expect(next(outcomeOf("rdp", refusal("port-taken")), other(80))).toMatchObject({ code: "free-the-port" });
    expect(next(outcomeOf("rdp", refusal("no-such-address", "203.0.113.7")))).toMatchObject({
      code: "bind-own-address",
      params: { host: "server", own: ["198.51.100.10", "2001:db8:100::10"], address: "203.0.113.7" },
    });
    const params = { host: "server", own: ["10.0.0.2"], port: 8080, address: "203.0.113.140", router: "server-router" };
    expect(sentenceFor({ code: "bind-own-address", params })).toMatch(
      /has \(10\.0\.0\.2\), or to all of them with a leading colon \(`:8080:…`\).*203\.0\.113\.140 is the address of server-router/,
    );
  });

  test("a neighbour that uses the server as its next hop is kept out by rules alone", () => {
    const at = (scope: "own" | "neighbour", filtered: boolean) => {
      const spec = labSpecOf(articlePolicy);
      const found = cellsOf(spec, [{ forward: "rdp", host: "server", port: 43234 }]).find(
        (each) => each.vantage === "campus" && each.family === 4,
      );
      const cell = { ...(found as Cell), scope };
      const observation = { cell, forward: outcomeOf("rdp"), probe: reached(cell), ended: false };
      return nextForCell(observation, { verdict: "reached", reason: null }, "blocked", { spec, outcomes: [], filtered });
    };
    expect(at("neighbour", false)).toEqual({ code: "neighbour-needs-rule", params: { host: "server", filtered: false } });
    expect(at("neighbour", true)).toEqual({ code: "neighbour-needs-rule", params: { host: "server", filtered: true } });
    expect(at("own", false)?.code).toBe("no-firewall");
    expect(at("own", true)?.code).toBe("firewall-leaves-open");
  });

  test("a SYN proxy that never connects: what it needs, unless the policy states it", () => {
    const decision = { at: "server", kind: "host", action: "reject", direction: "request", rule: "inet f i synproxy mss 1460" } as const;
    const next = (sysctl?: Record<string, number>) => {
      const spec = labSpecOf(articlePolicy);
      const hosts = {
        ...spec.hosts,
        server: { ...spec.hosts.server, kind: "container" as const, interfaces: [], ...(sysctl ? { sysctl } : {}) },
      };
      const see = (cell: Cell) => probe(cell, { verdict: "filtered", decision, evidence: {} });
      return cellAt(judged(see, { spec: { ...spec, hosts }, cells: cellsOf(spec, listening) }), "campus", 4)?.next;
    };
    expect(next()).toMatchObject({ code: "syn-proxy-needs-setting", params: { setting: "net.netfilter.nf_conntrack_tcp_loose" } });
    expect(next({ "net.netfilter.nf_conntrack_tcp_loose": 0 })).toBeUndefined();
  });

  test("server-firewall, router and nat by where the packet ended", () => {
    const by = (decision: PacketDecision) =>
      cellAt(
        judged((cell) => probe(cell, { verdict: "filtered", decision, evidence: {} })),
        "home",
        4,
      )?.decidedBy;
    const rule = { action: "drop", direction: "request", rule: "some rule" } as const;
    expect(by({ at: "server", kind: "host", file: "nftables.conf", line: 7, ...rule })).toEqual({
      layer: "server-firewall",
      rule: "some rule",
      file: "nftables.conf",
      line: 7,
      code: "packet-dropped",
      params: { at: "server", direction: "request", rule: "some rule" },
      text: "The firewall on server drops the packet: `some rule`.",
    });
    expect(by({ at: "home-router", kind: "router", ...rule })?.layer).toBe("nat");
    expect(by({ at: "core", kind: "router", ...rule })?.layer).toBe("router");
    expect(by({ at: "home", kind: "host", ...rule })?.layer).toBe("client");
  });

  test("nat: a home router that forwards the port, or does not", () => {
    const policy = policyOf(
      { rdp: { ssh: "-L 5555:localhost:80", reachable_from: ["home"] } },
      { network: { home: { behind: "nat", public: "203.0.113.7", port_forward: { 5555: 5555 } } } },
    );
    const outcomes = [
      outcomeOf("rdp", { kind: "local", listensOn: "home", requested: "5555", ssh: "-L 5555:localhost:80", listeners: ["127.0.0.1:5555"] }),
    ];
    const at = (port: number) => {
      const spec = labSpecOf(policy);
      const cells = cellsOf(spec, [{ forward: "rdp", host: "home", port }]);
      return cellAt(judged(refused, { policy, spec, cells, outcomes }), "internet", 4)?.decidedBy;
    };
    expect(at(5555)).toMatchObject({
      layer: "bind-address",
      text: "home-router forwards port 5555 to 192.168.1.10:5555, but ssh listens only on 127.0.0.1:5555.",
    });
    expect(at(5556)).toMatchObject({ layer: "nat", code: "nat-port-not-forwarded", params: { nat: "home-router", port: 5556 } });
  });

  test("service: accepted, then closed", () => {
    const see = (cell: Cell) => probe(cell, { verdict: "closed", evidence: { connect: "connected", nonce: "none", arrived: true } });
    const said = "connect_to localhost port 3389: failed.";
    const failedDials = [
      { by: "ssh" as const, target: { host: "localhost", port: 3389 }, error: "refused" as const, said, saidBy: "ssh" as const },
    ];
    const result = judged(see, { outcomes: [outcomeOf("rdp", { failedDials })] });
    expect(cellAt(result, "campus", 4)).toMatchObject({
      decidedBy: { layer: "service", text: expect.stringContaining("connect_to localhost port 3389: failed.") },
      next: { code: "start-the-service", params: { host: "home" } },
    });
  });

  test("router: no route", () => {
    const see = (cell: Cell) => probe(cell, { verdict: "unreachable", evidence: { connect: "ENETUNREACH" } });
    expect(cellAt(judged(see), "campus", 4)?.decidedBy).toMatchObject({
      layer: "router",
      text: "No route leads from campus to 198.51.100.10.",
    });
  });

  test("GatewayPorts yes opens what should stay on the server", () => {
    const policy = policyOf({ rdp: { ssh: "-R 43234:localhost:3389", reachable_from: ["server"] } });
    const result = judged(reached, {
      policy,
      outcomes: [outcomeOf("rdp", { requested: "43234", ssh: "-R 43234:localhost:3389", effective: gateway("yes") })],
    });
    expect(cellAt(result, "internet", 4)?.decidedBy).toMatchObject({ layer: "bind-address", rule: "GatewayPorts yes", line: 12 });
  });
});

describe("expectations of the forward itself", () => {
  const policy = policyOf({ rdp: { ssh: "-R :43234:localhost:3389", refused_by_server: true } });
  const run = (changes: Partial<ForwardOutcome>) => judged(refused, { policy, outcomes: [outcomeOf("rdp", changes)] }).forwards[0];

  const refusal = (layer: Refusal["layer"], text: string): Refusal => ({ layer, code: "allow-tcp-forwarding", params: {}, text });

  test("refused: by the server, not by a failed login", () => {
    expect(run({ granted: false, listeners: [], refusedBy: refusal("sshd-policy", "AllowTcpForwarding no") })).toMatchObject({
      status: "held",
    });
    expect(run({ granted: false, listeners: [], serverAnswer: "refused" })).toMatchObject({
      status: "held",
    });
    expect(run({ granted: false, listeners: [], refusedBy: refusal("client", "Permission denied (publickey)") })).toMatchObject({
      status: "inconclusive",
      granted: null,
    });
    expect(run({ granted: false, listeners: [] })).toMatchObject({ status: "inconclusive" });
  });

  test("granted against the policy", () => {
    expect(run({})).toMatchObject({ status: "violated", decidedBy: null });
  });

  test("-L: what the listening host saw tells whether the server refuses it, for ssh listens in any case", () => {
    const local = { ssh: "-L 5555:localhost:80", kind: "local", listensOn: "home", requested: "5555" } as const;
    const seen = (see: (cell: Cell) => ProbeResult, refused_by_server: boolean, closedBy?: Refusal) => {
      const policy = policyOf({ rdp: { ssh: local.ssh, refused_by_server } });
      const cells = cellsOf(labSpecOf(policy), [{ forward: "rdp", host: "home", port: 5555 }]);
      const changes = { ...local, listeners: ["127.0.0.1:5555"], ...(closedBy ? { closedBy } : {}) };
      const atLoopback = (cell: Cell) => (cell.scope === "loopback" ? see(cell) : refused(cell));
      return judged(atLoopback, { policy, cells, outcomes: [outcomeOf("rdp", changes)] }).forwards[0];
    };
    const closed = (cell: Cell) => probe(cell, { verdict: "closed", evidence: { connect: "connected", nonce: "none", arrived: true } });
    const refusing: Refusal = {
      ...refusal("sshd-policy", ""),
      source: { keyword: "allowtcpforwarding", value: "no", file: "sshd_config", line: 7 },
    };
    const decidedBy = { layer: "sshd-policy", rule: "AllowTcpForwarding no", file: "sshd_config", line: 7 };
    expect(seen(closed, true, refusing)).toMatchObject({ status: "held", granted: false, decidedBy });
    expect(seen(closed, false, refusing)).toMatchObject({ status: "violated", granted: false, decidedBy });
    expect(seen(reached, true)).toMatchObject({ status: "violated", granted: true, decidedBy: null });
    // A service that is down is no refusal of the server's.
    expect(seen(closed, true)).toMatchObject({ status: "violated", granted: true, decidedBy: null });
    expect(seen((cell) => probe(cell, { verdict: "inconclusive", evidence: {} }), true)).toMatchObject({
      status: "inconclusive",
      granted: null,
    });
  });

  test("nothing is expected of it when nobody is to reach it", () => {
    const free = judged(filtered, { policy: policyOf({ rdp: { ssh: "-R :43234:localhost:3389" } }) });
    expect(free.forwards[0]).toMatchObject({ expected: null, status: "optional" });
  });
});

describe("waivers", () => {
  const waiver = { id: "W1", forward: "rdp", vantage: "internet", reason: "r", owner: "o", expires: "2026-11-22" };
  const run = (
    changes: object,
    see: (cell: Cell) => ProbeResult | undefined = (cell) => (cell.vantage === "internet" ? reached(cell) : asItShouldBe(cell)),
    rest: object = {},
  ) => judged(see, { policy: { ...articlePolicy, waivers: [{ ...waiver, ...changes }] }, ...rest });

  test("cover a violation through their last day", () => {
    const result = run({});
    expect([exitCode(result), cellAt(result, "internet", 6)?.status, cellAt(result, "internet", 6)?.ok, result.waivers[0]?.state]).toEqual([
      0,
      "waived",
      false,
      "used",
    ]);
  });

  test("cover one way when they name it: an address, a link-local one, a next hop", () => {
    const spec = labSpecOf(articlePolicy);
    const cells = cellsOf(
      spec,
      [{ ...(listening[0] as (typeof listening)[0]), linkLocal: "everywhere" }],
      ["internet", "home-lan", "campus"],
    );
    const policy = policyOf({ rdp: { ssh: "-R :43234:localhost:3389", reachable_from: ["other-lan"] } });
    const waived = (changes: object) => {
      const result = judged(reached, { policy: { ...policy, waivers: [{ ...waiver, vantage: "campus", ...changes }] }, cells });
      const own = result.cells.filter(({ vantage }) => vantage === "campus");
      const covered = own.filter(({ status }) => status === "waived").map(({ target }) => target);
      return { covered, rest: own.length - covered.length, waiver: result.waivers[0] };
    };
    expect(waived({}).rest).toBe(0);
    const direct = waived({ address: "198.51.100.10" });
    expect(direct.covered).toEqual(["198.51.100.10:43234"]);
    expect(direct.rest).toBeGreaterThan(0);
    const linkLocal = waived({ address: "link-local" });
    expect(linkLocal.covered).toEqual([expect.stringMatching(/^\[fe80::/)]);
    expect(linkLocal.waiver).toMatchObject({ address: "link-local", state: "used" });
    expect(waived({ via: "198.51.100.99" })).toMatchObject({ covered: [], waiver: { via: "198.51.100.99", state: "unused" } });
  });

  test("cover one family when they name one", () => {
    const result = run({ family: 6 });
    expect([exitCode(result), cellAt(result, "internet", 4)?.status, cellAt(result, "internet", 6)?.status]).toEqual([
      1,
      "violated",
      "waived",
    ]);
  });

  test("are violations themselves when expired, even if nothing else is wrong", () => {
    const result = run({ expires: "2026-11-21" }, asItShouldBe, { waiverLines: [12] });
    expect(result.waivers[0]?.place).toMatchObject({ line: 12 });
    expect(problems(result)).toMatchObject([{ rule: "waiver-expired", place: { line: 12 } }]);
    expect([exitCode(result), result.waivers[0]?.state]).toEqual([1, "expired"]);
    expect(result.reasons[0]).toMatchObject({ code: "waiver-expired", text: "Waiver W1 expired on 2026-11-21 (owner: o)." });
  });

  test("are warnings when unused, violations when strict", () => {
    expect(run({}, asItShouldBe)).toMatchObject({ outcome: "pass", warnings: [expect.stringContaining("W1 covers no violation")] });
    expect(run({}, asItShouldBe, { strictWaivers: true }).outcome).toBe("fail");
    expect(problems(run({}, asItShouldBe, { waiverLines: [12] }))).toMatchObject([{ rule: "warning", place: { line: 12 } }]);
  });

  test("do not cover what is not known", () => {
    expect(exitCode(run({}, (cell) => (cell.vantage === "internet" ? undefined : asItShouldBe(cell))))).toBe(2);
  });
});

const evidence: fc.Arbitrary<Evidence> = fc.record(
  {
    from: fc.ipV4(),
    arrived: fc.boolean(),
    connect: fc.constantFrom("connected", "ECONNREFUSED", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"),
    nonce: fc.constantFrom("match" as const, "mismatch" as const, "none" as const),
    received: fc.string(),
    note: fc.string(),
  },
  { requiredKeys: [] },
);
const decision: fc.Arbitrary<PacketDecision> = fc.record({
  at: fc.constantFrom("server", "home-router", "isp", "core", "campus"),
  kind: fc.constantFrom("host" as const, "router" as const),
  action: fc.constantFrom("drop" as const, "reject" as const),
  direction: fc.constantFrom("request" as const, "reply" as const),
  rule: fc.string(),
});
const seen = fc.record({ verdict: fc.constantFrom(...verdicts), evidence, decision: fc.option(decision, { nil: undefined }) });
const listeners = fc.subarray(["0.0.0.0:43234", "[::]:43234", "127.0.0.1:43234", "[::1]:43234", "198.51.100.10:43234"]);

test("whatever the probes say: nothing is blocked or reached without proof, and no run passes on less", () => {
  fc.assert(
    fc.property(
      fc.array(fc.option(seen, { nil: undefined }), { minLength: 14, maxLength: 14 }),
      listeners,
      fc.boolean(),
      fc.boolean(),
      (list, listens, granted, check) => {
        const probes = new Map<string, ProbeResult>();
        let index = 0;
        const result = judged(
          (cell) => {
            const drawn = list[index++];
            if (!drawn) return undefined;
            const one = probe(cell, drawn);
            probes.set(`${cell.vantage} ${cell.target}`, one);
            return one;
          },
          {
            outcomes: [outcomeOf("rdp", { listeners: listens, granted })],
            provenance: { ...provenance, selfCheck: [{ name: "c", ok: check }] },
          },
        );
        resultSchema.parse(result);
        for (const cell of result.cells) {
          const made = probes.get(`${cell.vantage} ${cell.target}`);
          if (blockedVerdicts.includes(cell.observed) || cell.observed === "reached") {
            expect(made?.verdict).toBe(cell.observed);
            expect(check).toBe(true);
          }
          const proof: Partial<Record<Verdict, boolean>> = {
            refused: made?.evidence.arrived === true,
            filtered: made?.decision !== undefined,
            closed: made?.evidence.connect === "connected",
            reached: made?.evidence.nonce === "match",
            unreachable: made?.decision !== undefined || /UNREACH/.test(made?.evidence.connect ?? ""),
          };
          expect(proof[cell.observed] ?? true, `${cell.observed} ${JSON.stringify(made)}`).toBe(true);
          if (cell.observed !== "inconclusive") expect(cell.decidedBy, JSON.stringify(cell)).not.toBeNull();
          if (cell.status === "held" && cell.expected === "blocked") expect(blockedVerdicts).toContain(cell.observed);
          expect(cell.unproven !== undefined, JSON.stringify(cell)).toBe(cell.observed === "inconclusive");
        }
        if (exitCode(result) === 0) {
          expect(check && result.cells.every((cell) => cell.expected === null || cell.status === "held")).toBe(true);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test("two runs of the same policy compare equal, however long they took and whatever port the server chose", () => {
  const run = (ms: number, port: number) =>
    comparable(
      judged(
        (cell) => ({ ...reached(cell), evidence: { nonce: "match", connect: "connected", ms, peerSeenByService: `127.0.0.1:${port}` } }),
        {
          cells: [
            {
              forward: "rdp",
              vantage: "campus",
              family: 4,
              address: "198.51.100.10",
              port,
              target: `198.51.100.10:${port}`,
              scope: "lan",
              listensOn: "server",
              routed: true,
            },
          ],
          outcomes: [outcomeOf("rdp", { requested: ":0", listeners: [`0.0.0.0:${port}`], clientLog: `Allocated port ${port}` })],
          provenance: { ...provenance, durationMs: ms },
        },
      ),
    );
  expect(run(3, 40001)).toEqual(run(9, 40002));
});
