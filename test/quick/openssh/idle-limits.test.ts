/** What sshd closes because nobody uses it. */
import { expect, test } from "vitest";
import type { SettingSource } from "../../../harness/core/forward-outcome.ts";
import { type ForwardRequest, parseForwardSpec } from "../../../harness/openssh/forward-request.ts";
import { idleLimits, jumpLimits } from "../../../harness/openssh/idle-limits.ts";

const version = (major: number, minor: number) => ({ text: "", major, minor });
const request = (text: string) => parseForwardSpec(text[1] as "R" | "L" | "D", text.slice(3)) as ForwardRequest;

/** `what it ends, seconds, setting` of a forward, for settings as `sshd -T` prints them. */
function limits(text: string, given: Record<string, string>, of = version(10, 0), inMatch = false): string[] {
  const settings = (keyword: string): SettingSource => ({ keyword, value: given[keyword] ?? "", file: "sshd_config", line: 3 });
  return idleLimits(request(text), settings, of, () => inMatch).map(({ ends, seconds, by }) => `${ends} ${seconds} ${by.value}`);
}

test.each(["-R :43234:localhost:3389", "-L 8080:localhost:80", "-D 1080", "-R 1080"])(
  "a connection with %s that nobody uses",
  (forward) => {
    expect(limits(forward, { unusedconnectiontimeout: "90", channeltimeout: "none" })).toEqual(["connection 90 90"]);
    expect(limits(forward, { unusedconnectiontimeout: "none" })).toEqual([]);
  },
);

test.each([
  ["-R :43234:localhost:3389", "forwarded-tcpip=5m", ["visitor 300 forwarded-tcpip=5m"]],
  ["-R :43234:localhost:3389", "direct-tcpip=5m session=1", []],
  ["-R :43234:localhost:3389", "session=1 forwarded-*=10 *=20", ["visitor 10 forwarded-*=10"]],
  ["-R :43234:localhost:3389", "forwarded-tcpip=0 *=20", []],
  ["-R 1080", "*=20", ["visitor 20 *=20"]],
  [
    "-R /run/x.sock:localhost:80",
    "forwarded-tcpip=1 forwarded-streamlocal@openssh.com=2",
    ["visitor 2 forwarded-streamlocal@openssh.com=2"],
  ],
  ["-L 8080:localhost:80", "forwarded-tcpip=1 direct-tcpip=1h30m", ["visitor 5400 direct-tcpip=1h30m"]],
  ["-L 8080:/run/x.sock", "direct-tcpip=1 direct-streamlocal@openssh.com=2", ["visitor 2 direct-streamlocal@openssh.com=2"]],
  ["-D 1080", "direct-tcpip=3 global=2", ["visitor 2 global=2"]],
  ["-D 1080", "global=5 direct-tcpip=3", ["visitor 3 direct-tcpip=3"]],
])("a visitor's idle connection through %s, with ChannelTimeout %s", (forward, channeltimeout, expected) => {
  expect(limits(forward, { unusedconnectiontimeout: "none", channeltimeout })).toEqual(expected);
});

test("a jump host's limit of a visitor ends ssh's connection, unless either end sends something earlier", () => {
  const by = { keyword: "channeltimeout", value: "direct-tcpip=60" };
  const visitor = { ends: "visitor", seconds: 60, by } as const;
  const kept = { ends: "connection", seconds: 60, by, jump: "bastion" };
  for (const alive of [[], [0, 0], [60], [120, 90]]) expect(jumpLimits({ hop: "bastion", limits: [visitor] }, alive)).toEqual([kept]);
  expect(jumpLimits({ hop: "bastion", limits: [visitor] }, [0, 59])).toEqual([]);
  // The jump host's own connection is in use as long as ssh goes through it.
  expect(jumpLimits({ hop: "bastion", limits: [{ ...visitor, ends: "connection" }] }, [])).toEqual([]);
});

test("what older versions print and do not apply", () => {
  const global = { channeltimeout: "global=2" };
  expect([version(9, 2), version(9, 7)].map((of) => limits("-D 1080", global, of).length)).toEqual([0, 1]);
  const any = { channeltimeout: "*=2", unusedconnectiontimeout: "1" };
  expect([version(10, 0), version(10, 6)].map((of) => limits("-D 1080", any, of, true).length)).toEqual([1, 2]);
  expect(limits("-D 1080", {}, version(8, 4))).toEqual([]);
});

test("each tells the line of its setting", () => {
  const line = (keyword: string): SettingSource => ({ keyword, value: keyword === "channeltimeout" ? "*=2" : "1", file: "c", line: 7 });
  const found = idleLimits(request("-D 1080"), line, version(10, 6), () => false);
  expect(found.map(({ by }) => `${by.file}:${by.line} ${by.keyword}`)).toEqual(["c:7 unusedconnectiontimeout", "c:7 channeltimeout"]);
});
