/** How soon the server lets go of a client that has gone silent: what sshd's settings say, and what is made of it. */
import { describe, expect, test } from "vitest";
import { formatDuration, parseDuration } from "../../../harness/core/duration.ts";
import type { Silence } from "../../../harness/core/forward-outcome.ts";
import { silenceCandidates } from "../../../harness/judgement/remedies/silence-candidates.ts";
import { judgeSilence } from "../../../harness/judgement/silence.ts";
import { defaultKeepAlive, silentClient } from "../../../harness/openssh/silent-client.ts";
import { renderJunit } from "../../../harness/report/junit.ts";
import { sentenceFor } from "../../../harness/report/sentences.ts";
import { renderTap } from "../../../harness/report/tap.ts";
import { articlePolicy, asItShouldBe, judged, outcomeOf } from "./sample.ts";

test("times are those of sshd_config", () => {
  expect(["90", "90s", "1h30m", "2D", "1w", "", "5 m", "-1", "1.5h", "m"].map(parseDuration)).toEqual([
    90,
    90,
    5400,
    172_800,
    604_800,
    ...Array(5).fill(undefined),
  ]);
  expect([3.2, 90, 91, 300, 7875].map(formatDuration)).toEqual(["3.2 s", "90 s", "1 min 31 s", "5 min", "2 h 11 min 15 s"]);
});

const version = (major: number, minor: number) => ({ text: "", major, minor });
/** `bound by` for settings as `sshd -T` prints them; what is left out is sshd's default. */
function bound(
  given: Record<string, string>,
  of = version(10, 0),
  keepAlive: typeof defaultKeepAlive | "behind a jump host" = defaultKeepAlive,
): string {
  const all: Record<string, string> = {
    clientaliveinterval: "0",
    clientalivecountmax: "3",
    tcpkeepalive: "yes",
    unusedconnectiontimeout: "none",
    ...given,
  };
  const found = silentClient(
    (keyword) => ({ keyword, value: all[keyword] ?? "" }),
    of,
    keepAlive === "behind a jump host" ? undefined : keepAlive,
  );
  return `${found.bound} ${found.by.keyword}`;
}

describe("sshd ends the session of a silent client", () => {
  test.each<[string, Record<string, string>, string]>([
    ["by default when the kernel gives up", {}, "7875 clientaliveinterval"],
    ["never without the kernel's probes", { tcpkeepalive: "no" }, "null clientaliveinterval"],
    ["after one interval more than there are messages", { clientaliveinterval: "15" }, "60 clientaliveinterval"],
    [
      "never by messages where their number is 0",
      { clientaliveinterval: "15", clientalivecountmax: "0", tcpkeepalive: "no" },
      "null clientalivecountmax",
    ],
    ["as an unused one, which needs no answer", { clientaliveinterval: "60", unusedconnectiontimeout: "20" }, "20 unusedconnectiontimeout"],
  ])("%s", (_, settings, expected) => expect(bound(settings)).toBe(expected));

  test.each([
    [8, 4, 60],
    [9, 1, 60],
    [9, 2, 120],
    [9, 4, 120],
    [9, 5, 60],
  ])("in 9.2 to 9.4 each message takes two intervals: %i.%i", (major, minor, seconds) => {
    expect(bound({ clientaliveinterval: "15" }, version(major, minor))).toBe(`${seconds} clientaliveinterval`);
  });

  test("the kernel's times may be set", () => {
    expect(bound({}, version(10, 0), "behind a jump host")).toBe("null clientaliveinterval");
    expect(bound({}, version(10, 0), { time: 60, interval: 10, probes: 3 })).toBe("90 clientaliveinterval");
  });
});

const silence = (changes: Partial<Silence>): Silence => ({
  within: 90,
  bound: 60,
  by: { keyword: "clientaliveinterval", value: "15", file: "sshd_config", line: 3 },
  interval: 15,
  count: 3,
  factor: 1,
  ...changes,
});
const stated = { ssh: "-R :43234:localhost:3389", gone_within: "90s" };

describe("judged", () => {
  test.each<[string, Partial<Silence> | undefined, string, object | undefined]>([
    ["gone in time", { watched: { seconds: 58.4, gone: true } }, "held", { within: 90, seconds: 58.4, how: "measured" }],
    ["still there", { watched: { seconds: 90, gone: false } }, "violated", { within: 90, seconds: null, how: "measured" }],
    ["calculated, in time", { within: 600, bound: 300 }, "held", { within: 600, seconds: 300, how: "calculated" }],
    ["calculated, too late", { within: 600, bound: 7875 }, "violated", { within: 600, seconds: 7875, how: "calculated" }],
    ["calculated, never", { within: 600, bound: null }, "violated", { within: 600, seconds: null, how: "calculated" }],
    [
      "longer than calculated, with time left",
      { within: 600, watched: { seconds: 65, gone: false } },
      "inconclusive",
      { within: 600, seconds: null, how: "measured" },
    ],
    ["not looked at", undefined, "inconclusive", undefined],
  ])("%s", (_, seen, status, gone) => {
    expect(judgeSilence(stated, seen && silence(seen))).toMatchObject({ status, ...(gone ? { gone } : {}) });
  });

  test("what the policy does not ask for is not judged", () => expect(judgeSilence({ ssh: stated.ssh }, silence({}))).toBeUndefined());

  test("a violation is one of the forward, with the line, in every report", () => {
    const policy = { ...articlePolicy, forwards: { rdp: { ...articlePolicy.forwards.rdp, gone_within: "90s" } } };
    const see = (seen: Partial<Silence>) => judged(asItShouldBe, { policy, outcomes: [outcomeOf("rdp", { silence: silence(seen) })] });
    const kept = see({ bound: 7875, by: { keyword: "clientaliveinterval", value: "0" }, watched: { seconds: 90, gone: false } });
    expect(kept.outcome).toBe("fail");
    expect(kept.forwards[0]).toMatchObject({
      status: "violated",
      granted: true,
      decidedBy: { layer: "sshd-policy", rule: "ClientAliveInterval 0" },
    });
    expect(renderJunit(kept)).toContain(
      "expected the forward to be granted, and closed within 90 s of the client going silent, observed granted, still open 90 s after the client went silent",
    );
    expect(renderTap(kept)).toContain("not ok 1 - rdp: the forward is granted, and closed within 90 s of the client going silent");
    const held = see({ watched: { seconds: 58, gone: true } });
    expect(held.outcome).toBe("pass");
    expect(renderTap(held)).toContain("ok 1 - rdp: the forward is granted, and closed within 90 s of the client going silent");
  });

  test("calculated is said to be calculated, in both languages", () => {
    const reason = judgeSilence({ ...stated, gone_within: "10m" }, silence({ within: 600, bound: 7875 }))?.reason;
    if (!reason) throw new Error("not violated");
    expect(sentenceFor(reason, "en")).toMatch(/2 h 11 min 15 s; this is calculated from its settings, not measured/);
    expect(sentenceFor(reason, "ja")).toMatch(/2時間11分15秒保持します（設定からの計算で、実測ではありません）/);
  });
});

test("the remedy ends it before the time is up, at the line that keeps it", () => {
  const remedy = (seen: Partial<Silence>) => {
    const reason = judgeSilence(stated, silence(seen))?.reason ?? null;
    const inputs = { files: { sshd_config: "Port 22\n\nClientAliveInterval 900\nClientAliveCountMax 0\n" }, sshdConfig: "sshd_config" };
    return silenceCandidates({ decidedBy: reason } as never, inputs as never).flatMap(({ edits }) =>
      edits.map(({ line, lines }) => `${line} ${lines}`),
    );
  };
  const late = { watched: { seconds: 90, gone: false } };
  expect(remedy({ ...late, by: { keyword: "clientaliveinterval", value: "900", file: "sshd_config", line: 3 } })).toEqual([
    "3 ClientAliveInterval 22",
  ]);
  expect(remedy({ ...late, count: 0, by: { keyword: "clientalivecountmax", value: "0", file: "sshd_config", line: 4 } })).toEqual([
    "4 ClientAliveCountMax 4",
  ]);
  expect(remedy({ ...late, by: { keyword: "unusedconnectiontimeout", value: "900" } })).toEqual([]);
});
