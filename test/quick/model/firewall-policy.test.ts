/** A server's rules in the model: what has memory, what leads elsewhere, what stops sshd's dial. */
import { describe, expect, test } from "vitest";
import { articleLab } from "../../../harness/core/lab-spec.ts";
import { dialOutcome } from "../../../harness/openssh/model/dial.ts";
import {
  decideInput,
  describeMatch,
  type FirewallPolicy,
  type FirewallRule,
  portsLeadingTo,
} from "../../../harness/openssh/model/firewall-policy.ts";
import { predict, socksRefusal } from "../../../harness/openssh/model/predict.ts";
import { reach } from "../../../harness/openssh/model/reach.ts";
import type { RuleLimit } from "../../../harness/openssh/model/rule-limit.ts";
import { labSpecOf } from "../../../harness/policy/network.ts";
import { policyOf } from "../judgement/sample.ts";
import { type Asking, ask, inputFor } from "./asking.ts";

const everywhere = [
  { address: "0.0.0.0", port: 43234, family: 4 as const },
  { address: "::", port: 43234, family: 6 as const },
];
const open: FirewallPolicy = { rules: [], default: "accept" };

describe("what the first visitor meets", () => {
  const verdictOf = (limit: RuleLimit, family: 4 | 6 = 4) => {
    const rules: FirewallRule[] = [{ port: 43234, limit, action: "accept" }];
    const [source, destination] = family === 4 ? ["192.0.2.66", "198.51.100.10"] : ["2001:db8:66::66", "2001:db8:100::10"];
    return decideInput({ rules, default: "drop" }, { family, source, destination, port: 43234 }).action;
  };

  test.each<[RuleLimit, string, string]>([
    [{ of: "rate", packets: 1, per: "minute" }, "accept", "drop"],
    [{ of: "connections", count: 1 }, "accept", "drop"],
    [{ of: "connections", count: 0 }, "drop", "accept"],
    [{ of: "quota", bytes: 1_000 }, "accept", "drop"],
    [{ of: "quota", bytes: 10 }, "drop", "accept"],
  ])("%j: within it %s, over it %s", (limit, within, over) => {
    expect(verdictOf(limit)).toBe(within);
    expect(verdictOf({ ...limit, over: true })).toBe(over);
    expect(verdictOf({ ...limit, bySource: true })).toBe(within);
  });

  test("a quota that one SYN of IPv6 exceeds, and one of IPv4 does not", () => {
    expect(verdictOf({ of: "quota", bytes: 70 }, 4)).toBe("accept");
    expect(verdictOf({ of: "quota", bytes: 70 }, 6)).toBe("drop");
  });

  test("in words", () => {
    const limit: RuleLimit = { of: "rate", packets: 5, per: "minute", over: true, bySource: true };
    expect(describeMatch({ family: 4, port: 22, limit })).toBe("IPv4 to port 22, over 5 per minute of each source");
    expect(describeMatch({ destination: "::1/128", account: "alice" })).toBe("of alice to ::1/128");
    expect(describeMatch({})).toBe("everything");
  });
});

describe("a first packet that is dropped is sent again", () => {
  const drop = (limit: RuleLimit): FirewallPolicy => ({ rules: [{ limit, action: "drop" }], default: "accept" });
  const accept = (limit: RuleLimit): FirewallPolicy => ({ rules: [{ limit, action: "accept" }], default: "drop" });
  const [two, five] = [70, 270].map((bytes): RuleLimit => ({ of: "quota", bytes })) as [RuleLimit, RuleLimit];
  const rate = (packets: number, per: "second" | "hour"): RuleLimit => ({ of: "rate", packets, per });

  test.each<[string, FirewallPolicy, string]>([
    ["a quota that drops is used up by the second", drop(two), "reached"],
    ["one that is used up by the fifth", drop(five), "inconclusive"],
    ["one that never is", drop({ of: "quota", bytes: 1_000_000 }), "filtered"],
    ["beyond a quota, let in", accept({ ...two, over: true }), "reached"],
    ["beyond a rate, let in", accept({ ...rate(3, "hour"), over: true }), "inconclusive"],
    ["a rate that drops, and fills again", drop(rate(10, "second")), "filtered"],
    ["a rate that drops, and does not", drop(rate(3, "hour")), "inconclusive"],
    ["the number of connections stays", drop({ of: "connections", count: 1 }), "filtered"],
    ["a reject ends it", { ...drop(two), rules: [{ limit: two, action: "reject" }] }, "filtered"],
    ["dropped, then rejected", { rules: [{ limit: two, action: "drop" }], default: "reject" }, "filtered"],
    ["nothing counts", { rules: [], default: "drop" }, "filtered"],
  ])("%s", (_, firewall, expected) => {
    const cells = reach({ spec: articleLab(), host: "server", port: 43234, listeners: everywhere, firewalls: { server: firewall } });
    expect(cells.find(({ vantage, family }) => vantage === "internet" && family === 4)?.verdict).toBe(expected);
    // Each visitor is the first one.
    expect(cells.find(({ vantage, family }) => vantage === "other-lan" && family === 4)?.verdict).toBe(expected);
  });

  test.each<[string, FirewallPolicy["output"], ReturnType<typeof dialOutcome>["refusal"] | "unsettled"]>([
    ["soon", [{ limit: two, action: "drop" }], undefined],
    ["late", [{ limit: five, action: "drop" }], "unsettled"],
    ["never", [{ action: "drop" }], expect.not.objectContaining({ unsettled: true })],
  ])("of sshd's own dial, %s", (_, output, expected) => {
    const addresses = [{ address: "198.51.100.20", family: 4 as const }];
    const { refusal } = dialOutcome({ rules: [], default: "accept", output }, { addresses, port: 80, account: "tunnel", own: [] });
    expect(refusal).toEqual(expected === "unsettled" ? expect.objectContaining({ unsettled: true }) : expected);
  });

  test.each([
    [true, "reached"],
    [false, "refused"],
  ])("localhost's second address has a quota of its own where each source has one (%s): %s", (bySource, expected) => {
    const output: FirewallRule[] = [{ port: 80, limit: { of: "quota", bytes: 70, over: true, bySource }, action: "reject" }];
    const addresses = [
      { address: "127.0.0.1", family: 4 as const },
      { address: "::1", family: 6 as const },
    ];
    const { refusal } = dialOutcome({ rules: [], default: "accept", output }, { addresses, port: 80, account: "tunnel", own: [] });
    expect(refusal ? "refused" : "reached").toBe(expected);
  });
});

describe("redirections", () => {
  const spec = labSpecOf(
    policyOf(
      {},
      {
        network: {
          server: [
            { address: ["198.51.100.10/24", "198.51.100.11/24", "2001:db8:100::10/64"] },
            { interface: "eth1", address: ["10.20.0.5/16"], ipv6: false },
          ],
          vantages: { backup: { lan: "eth1" } },
        },
      },
    ),
  );
  const verdict = (firewall: FirewallPolicy, vantage: string, address: string, tried = 43234, listeners = everywhere) =>
    reach({
      spec,
      host: "server",
      port: 43234,
      tried,
      listeners,
      firewalls: { server: firewall },
      others: [{ address: "0.0.0.0", port: 22 }],
    }).find((cell) => cell.vantage === vantage && cell.address === address)?.verdict;
  const led = (port: number, to: { address?: string; port: number }): FirewallPolicy => ({ ...open, redirections: [{ port, to }] });

  test("from another port to the forward's, not for the server's own packets", () => {
    const policy = led(443, { port: 43234 });
    expect(verdict(policy, "internet", "198.51.100.11", 443)).toBe("reached");
    expect(verdict(policy, "internet", "2001:db8:100::10", 443)).toBe("reached");
    expect(verdict(policy, "server", "127.0.0.1", 443)).toBe("refused");
    expect(verdict(open, "internet", "198.51.100.11", 443)).toBe("refused");
    expect(portsLeadingTo(policy, 43234)).toEqual([443]);
  });

  test("without an address it leads to the first one of the interface by which the packet came", () => {
    const policy = led(443, { port: 43234 });
    const first = [{ address: "198.51.100.10", port: 43234, family: 4 as const }];
    const back = [{ address: "10.20.0.5", port: 43234, family: 4 as const }];
    expect(verdict(policy, "internet", "198.51.100.11", 443, first)).toBe("reached");
    expect(verdict(policy, "internet", "198.51.100.11", 443, back)).toBe("refused");
    expect(verdict(policy, "backup", "10.20.0.5", 443, back)).toBe("reached");
  });

  test("away from the forward: filtered, unless something answers there", () => {
    expect(verdict(led(43234, { port: 8080 }), "internet", "198.51.100.10")).toBe("filtered");
    expect(verdict(led(43234, { port: 22 }), "internet", "198.51.100.10")).toBe("wrong-service");
    expect(verdict(led(43234, { address: "172.17.0.2", port: 80 }), "internet", "198.51.100.10")).toBe("filtered");
    expect(verdict(led(43234, { port: 8080 }), "server", "198.51.100.10")).toBe("reached");
  });

  test("the rules see the new port, and the old source", () => {
    const rules: FirewallRule[] = [{ source: "192.0.2.66/32", port: 43234, action: "drop" }];
    const policy = { ...led(443, { port: 43234 }), rules };
    expect(verdict(policy, "internet", "198.51.100.10", 443)).toBe("filtered");
    expect(verdict(policy, "other-lan", "198.51.100.10", 443)).toBe("reached");
  });

  test("a neighbour uses the server itself as next hop to its back network", () => {
    const cells = reach({ spec, host: "server", port: 43234, listeners: everywhere, vantages: ["campus"] });
    const back = cells.filter(({ address }) => address === "10.20.0.5");
    expect(back.map(({ via, verdict }) => [via, verdict])).toContainEqual(["198.51.100.10", "reached"]);
  });
});

describe("output rules", () => {
  const asking = (...output: FirewallRule[]): Asking => ({ firewall: { ...open, output } });
  const layer = (ssh: string, ...output: FirewallRule[]) => ask(ssh, asking(...output)).closedBy?.layer;
  const toLocalhost = "-L 8081:localhost:3389";

  test.each<[string, FirewallRule[], string | undefined]>([
    ["the port", [{ port: 3389, action: "drop" }], "server-firewall"],
    ["another port", [{ port: 3390, action: "drop" }], undefined],
    ["the account", [{ account: "tester", action: "reject" }], "server-firewall"],
    ["another account", [{ account: "root", action: "reject" }], undefined],
    ["IPv6, which sshd tries first, dropped: IPv4 comes after it", [{ family: 6, action: "drop" }], undefined],
    ["IPv6 rejected: sshd goes on with IPv4", [{ family: 6, action: "reject" }], undefined],
    ["IPv4, which sshd does not come to", [{ family: 4, action: "drop" }], undefined],
    [
      "both",
      [
        { family: 6, action: "reject" },
        { destination: "127.0.0.0/8", action: "reject" },
      ],
      "server-firewall",
    ],
    ["both, dropped", [{ action: "drop" }], "server-firewall"],
    ["an accept before it", [{ port: 3389, action: "accept" }, { action: "drop" }], undefined],
  ])("%s", (_, output, expected) => {
    expect(layer(toLocalhost, ...output)).toBe(expected);
  });

  test("a visitor waits where the first address is dropped, not where it is rejected", () => {
    const waits = (...output: FirewallRule[]) =>
      ask(toLocalhost, asking(...output)).why.filter(({ text }) => text.en.includes("two minutes"));
    expect(waits({ family: 6, action: "drop" }).map(({ layer: told }) => told)).toEqual(["server-firewall"]);
    expect(waits({ family: 6, action: "reject" })).toEqual([]);
    expect(waits({ action: "drop" })).toEqual([]);
  });

  test("what ssh dials at home does not pass the server's output", () => {
    expect(layer("-R 8081:localhost:3389", { action: "drop" })).toBeUndefined();
  });

  test("a SOCKS visitor's target, and a refusal of sshd's own that comes first", () => {
    const input = inputFor("-D 1080", asking({ port: 7, action: "drop" }));
    expect(socksRefusal(input, { host: "localhost", port: 7 })?.layer).toBe("server-firewall");
    expect(socksRefusal(input, { host: "localhost", port: 8 })).toBeUndefined();
    const refused = { ...inputFor(toLocalhost, { ...asking({ action: "drop" }), settings: { allowtcpforwarding: "no" } }) };
    expect(predict(refused).closedBy?.layer).toBe("sshd-policy");
  });

  test("visitors are filtered by the rule, and the server's own packets too", () => {
    const spec = articleLab();
    const firewall: FirewallPolicy = { ...open, output: [{ port: 43234, destination: "::1/128", action: "reject" }] };
    const cells = reach({ spec, host: "server", port: 43234, listeners: everywhere, firewalls: { server: firewall } });
    const blocked = cells.filter(({ verdict }) => verdict !== "reached");
    expect(blocked.map(({ vantage, address, verdict, layer }) => [vantage, address, verdict, layer])).toEqual([
      ["server", "::1", "filtered", "server-firewall"],
    ]);
    const { closedBy } = ask(toLocalhost, asking({ action: "drop" }));
    const stopped = reach({
      spec,
      host: "home",
      port: 43234,
      listeners: everywhere,
      vantages: ["home"],
      ...(closedBy ? { closedBy } : {}),
    });
    expect(new Set(stopped.map(({ verdict, layer }) => `${verdict} ${layer}`))).toEqual(new Set(["filtered server-firewall"]));
  });
});
