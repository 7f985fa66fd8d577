/** Which rules and config lines a review met. */
import { describe, expect, test } from "vitest";
import type { Refusal, SettingSource } from "../../../../harness/core/forward-outcome.ts";
import type { PrincipalFacts } from "../../../../harness/core/review-facts.ts";
import { configCoverage, ruleCoverage } from "../../../../harness/judgement/review/coverage.ts";
import { sshdConfigFromText } from "../../../../harness/openssh/sshd-config.ts";

describe("rules", () => {
  const rule = (text: string, line = 1) => ({ file: "fw", line, text });

  test("decided, where it had the last word once; met, where it was passed", () => {
    const met = [1, 2, 3].flatMap((line) => [
      { file: "fw", line, last: line === 2 },
      { file: "fw", line, last: false },
    ]);
    const rules = [rule("counter", 1), rule("accept", 2), rule("jump own", 3), rule("drop", 4)];
    expect(ruleCoverage(rules, met).map(({ line, state }) => `${line} ${state}`)).toEqual(["1 met", "2 decided", "3 met", "4 unmet"]);
    expect(ruleCoverage([{ ...rule("accept"), file: "other" }], met)).toEqual([{ file: "other", line: 1, rule: "accept", state: "unmet" }]);
  });

  test.each([
    ["udp dport 53 accept", "unrelated"],
    ["icmpv6 type { nd-neighbor-solicit, echo-request } accept", "unrelated"],
    ["meta l4proto { icmp, ipv6-icmp } accept", "unrelated"],
    ["meta l4proto ipv6-icmp accept", "unrelated"],
    ["ip protocol icmp accept", "unrelated"],
    ["esp spi 100 accept", "unrelated"],
    ["-A INPUT -p udp -m udp --dport 53 -j ACCEPT", "unrelated"],
    ["-A INPUT -p ipv6-icmp -j ACCEPT", "unrelated"],
    ["meta l4proto { tcp, udp } th dport 53 accept", "unmet"],
    ["meta l4proto != tcp drop", "unmet"],
    ["tcp dport 53 accept", "unmet"],
    ['tcp dport 80 accept comment "no udp dport here"', "unmet"],
    ["-A INPUT ! -p udp -j DROP", "unmet"],
    ['-A INPUT -p tcp -m comment --comment "and -p udp" -j ACCEPT', "unmet"],
    ["-A INPUT -j DROP", "unmet"],
  ])("%s: %s where nothing met it", (text, state) => {
    expect(ruleCoverage([rule(text)], []).map((each) => each.state)).toEqual([state]);
  });

  test("a line that stands for several rules is shown once, by the last that may meet a TCP connection", () => {
    const rules = [
      rule("ip saddr 10.0.0.0/8 jump nat_PRE_trusted"),
      rule("tcp dport 53 accept"),
      rule("udp dport 53 accept"),
      rule("drop", 2),
    ];
    expect(ruleCoverage(rules, []).map((each) => [each.line, each.rule])).toEqual([
      [1, "tcp dport 53 accept"],
      [2, "drop"],
    ]);
  });

  test("of another protocol, and met all the same", () => {
    expect(ruleCoverage([rule("udp dport 53 accept")], [{ file: "fw", line: 1, last: false }])).toMatchObject([{ state: "met" }]);
  });
});

describe("lines of sshd_config", () => {
  const at = (keyword: string, line: number): SettingSource => ({ keyword, value: "", file: "sshd_config", line });
  const login = { user: "alice", groups: ["alice"], addr: "203.0.113.7", laddr: "198.51.100.10", lport: 22 };

  async function states(config: string, principal: Partial<PrincipalFacts>): Promise<string[]> {
    const { lines } = await sshdConfigFromText(config);
    const facts: PrincipalFacts = {
      id: "alice",
      account: "alice",
      keyIndex: 0,
      options: "",
      certificate: false,
      from: ["203.0.113.7"],
      elsewhere: false,
      vantage: "home",
      settings: [],
      listens: [],
      dials: [],
      channels: [],
      ...principal,
    };
    return configCoverage(lines, [facts], [login]).map(({ line, rule, state }) => `${line} ${rule}: ${state}`);
  }

  test("decided by settings and refusals; unmet where another line counts; unrelated", async () => {
    const config = "GatewayPorts yes\ngatewayports no\nPermitListen 8080\nDenyUsers bob\nUsePAM no\n";
    const refusedBy: Refusal = { layer: "sshd-policy", code: "login-failed", params: {}, text: "", source: at("denyusers", 4) };
    expect(await states(config, { settings: [at("gatewayports", 1)], refusedBy })).toEqual([
      "1 GatewayPorts yes: decided",
      "2 GatewayPorts no: unmet",
      "3 PermitListen 8080: unmet",
      "4 DenyUsers bob: decided",
      "5 UsePAM no: unrelated",
    ]);
  });

  test("a refused request's line", async () => {
    const refusedBy: Refusal = { layer: "sshd-policy", code: "permit-open", params: {}, text: "", source: at("permitopen", 1) };
    const ask = { kind: "loopback" as const, host: "localhost", port: 80 };
    expect(await states("PermitOpen none\n", { dials: [{ ask, answer: "denied", said: "", refusedBy }] })).toEqual([
      "1 PermitOpen none: decided",
    ]);
  });

  test("a Match line is met where it holds for somebody", async () => {
    const config = "Match User alice\nGatewayPorts yes\nMatch Address 10.0.0.0/8\nX11Forwarding yes\nMatch all\n";
    expect(await states(config, {})).toEqual([
      "1 Match User alice: met",
      "2 GatewayPorts yes: unmet",
      "3 Match Address 10.0.0.0/8: unmet",
      "4 X11Forwarding yes: unmet",
      "5 Match all: met",
    ]);
  });
});
