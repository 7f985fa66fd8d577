/** The playground without its page: what it reads, what the address holds, and the policy that it proposes. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadPolicy } from "../../../harness/policy/load-policy.ts";
import { answerTo } from "../../../harness/web/playground/answer.ts";
import { examples } from "../../../harness/web/playground/examples.ts";
import { rulesetOf } from "../../../harness/web/playground/firewall-form.ts";
import { proofOf, shellText } from "../../../harness/web/playground/proof.ts";
import { anyRule, decodeSituation, empty, encodeSituation, type Situation, versions } from "../../../harness/web/playground/situation.ts";
import { folderOf } from "../cli/run-cli.ts";

const [story] = examples;
if (!story) throw new Error("no examples");
const asked = (change: Partial<Situation>): Situation => ({ ...story.situation, ...change });

const text = fc.string({ unit: "binary", maxLength: 60 });
const situations: fc.Arbitrary<Situation> = fc.record({
  ssh: text,
  config: text,
  version: fc.constantFrom(...versions),
  account: text,
  groups: text,
  keyOptions: text,
  firewall: fc.constantFrom("none", "form", "text"),
  policy: fc.constantFrom("drop", "accept"),
  rules: fc.array(
    fc.record({
      action: fc.constantFrom("accept", "drop", "reject"),
      ports: text,
      sources: text,
      by: text,
      family: fc.constantFrom("", "4", "6"),
    }),
    { maxLength: 4 },
  ),
  ruleset: text,
  dead: fc.boolean(),
});

describe("the address's hash", () => {
  test("is read as it was written", () => {
    fc.assert(
      fc.property(situations, (situation) => {
        expect(decodeSituation(encodeSituation(situation))).toEqual(situation);
      }),
    );
    expect(encodeSituation(empty)).toBe(encodeSituation({ ...empty, rules: [...empty.rules] }));
  });

  test("an example's link is short", () => {
    expect(encodeSituation(story.situation).length).toBeLessThan(600);
  });

  test("nothing else is taken from it", () => {
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    for (const value of [
      null,
      [],
      "ssh",
      { ssh: 1 },
      { unknown: "x" },
      { firewall: "nft" },
      { version: "1.0" },
      { dead: "yes" },
      { rules: {} },
      { rules: [{ ...anyRule, more: "" }] },
      { rules: [{ action: "accept" }] },
      { rules: [{ ...anyRule, action: "<script>" }] },
      { rules: Array.from({ length: 300 }, () => anyRule) },
      JSON.parse('{ "__proto__": { "ssh": "x" } }'),
      { constructor: "x" },
    ])
      expect(decodeSituation(encode(value)), JSON.stringify(value)).toBeUndefined();
    for (const wrong of ["%3Cscript%3E", "====", "a b", "x".repeat(300_000), Buffer.from([0xff, 0xfe]).toString("base64url")])
      expect(decodeSituation(wrong)).toBeUndefined();
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (any) => {
        decodeSituation(any);
      }),
    );
  });
});

describe("examples", () => {
  const reached = async (situation: Situation) => {
    const { forwards } = await answerTo(situation);
    const cells = forwards.flatMap(({ reach }) => reach.filter(({ verdict }) => verdict === "reached"));
    return [...new Set(cells.map(({ vantage, family }) => `${vantage} ${family}`))].join(", ");
  };

  test.each([
    ["article", "server 4, server 6, campus 4, campus 6, other-lan 4, other-lan 6"],
    ["missing-colon", "server 4, server 6"],
    ["gatewayports-no", "server 4, server 6"],
    ["permitlisten", ""],
    ["firewall-closed", "server 4, server 6"],
    [
      "firewall-open",
      "server 4, server 6, campus 4, campus 6, home 4, home 6, home-lan 4, home-lan 6, other-lan 4, other-lan 6, internet 4, internet 6",
    ],
    ["ipv6-forgotten", "server 4, server 6, campus 4, campus 6, home 6, home-lan 6, other-lan 4, other-lan 6, internet 6"],
    ["wrong-localhost", "home 4, home 6"],
    ["privileged-port", ""],
    ["dead-target", ""],
    ["restrict", ""],
    ["allow-local", ""],
  ])("%s: %s", async (id, expected) => {
    const example = examples.find((each) => each.id === id);
    expect(await reached(example?.situation ?? empty)).toBe(expected);
  });

  test("each is in the table above, and readable", async () => {
    expect(examples).toHaveLength(12);
    for (const { situation } of examples) {
      const { faults, ruleFaults, doubts, notes } = await answerTo(situation);
      expect([...faults, ...ruleFaults, ...doubts, ...notes]).toEqual([]);
    }
  });
});

describe("what cannot be read is told beside its field", () => {
  test.each<[Partial<Situation>, string]>([
    [{ ssh: "" }, "ssh : no forward is asked for"],
    [{ ssh: "ssh 'server" }, "ssh : a quote is left open"],
    [{ ssh: "ssh -R :43234:localhost:99999 server" }, "ssh : "],
    [{ ssh: "ssh -W a:1 server" }, "ssh : -W carries"],
    [{ config: "GatewayPorts maybe" }, "config 1: sshd refuses the config: "],
    [{ config: "\nNoSuchThing 1" }, "config 2: sshd refuses the config: Bad configuration option"],
    [{ account: "../etc" }, "account : not an account"],
    [{ groups: "a/b" }, "groups : not a group"],
    [{ keyOptions: "restricted" }, "keyOptions : unknown key option restricted"],
  ])("%j: %s", async (change, expected) => {
    const { faults, forwards } = await answerTo(asked(change));
    const [first] = faults;
    expect(`${first?.field} ${first?.line ?? ""}: ${first?.message}`).toContain(expected);
    expect(forwards).toEqual([]);
  });

  test("rules of the form", async () => {
    const rules = [{ ...anyRule, ports: "22, http", sources: "office 192.0.2.0/33", by: "eth0; drop" }];
    const { ruleFaults, forwards } = await answerTo(asked({ firewall: "form", rules }));
    expect(ruleFaults.map(({ field, text: found }) => `${field} ${found}`)).toEqual([
      "ports http",
      "sources office",
      "sources 192.0.2.0/33",
      "by eth0; drop",
    ]);
    expect(forwards).toEqual([]);
  });
});

describe("what the answer leaves out is told", () => {
  test("Include, Match blocks and a client's config that cannot be read here", async () => {
    const config = "Include /etc/ssh/sshd_config.d/*.conf\nMatch Group staff\n  GatewayPorts yes\n";
    const { notes } = await answerTo(asked({ config, ssh: `${story.situation.ssh} -F other` }));
    expect(notes.map(({ code, line }) => `${code} ${line ?? ""}`)).toEqual(["client-config ", "include 1", "undecided 2"]);
  });

  test("a ruleset that is not understood: no verdict hangs on it, and the line is quoted", async () => {
    const ruleset = "table inet f {\n chain input {\n type filter hook input priority 0; policy drop;\n jump mine\n }\n}\n";
    const { forwards, doubts } = await answerTo(asked({ firewall: "text", ruleset }));
    expect(doubts.map(({ line, text: quoted }) => `${line} ${quoted}`)).toContain("4 jump mine");
    for (const { verdict, why } of forwards[0]?.reach ?? []) {
      expect(verdict).toBe("inconclusive");
      expect(why.en).toContain("ask verify");
    }
  });

  test("IPv6 alone is in doubt without neighbour discovery", async () => {
    const ruleset =
      "table inet f {\n chain input {\n type filter hook input priority 0; policy drop;\n ct state established accept\n iif lo accept\n tcp dport { 22, 43234 } accept\n }\n}\n";
    const { forwards } = await answerTo(asked({ firewall: "text", ruleset }));
    const doubtful = forwards[0]?.reach.filter(({ verdict }) => verdict === "inconclusive") ?? [];
    expect(new Set(doubtful.map(({ family }) => family))).toEqual(new Set([6]));
    expect(doubtful.every(({ vantage }) => vantage !== "server")).toBe(true);
  });

  test("the server's interface is called what the rules call it; of two nobody knows", async () => {
    const ruleset = (name: string) =>
      rulesetOf(
        asked({
          rules: [
            { ...anyRule, by: "ens3" },
            { ...anyRule, by: name },
          ],
        }),
      ).text;
    const one = await answerTo(asked({ firewall: "text", ruleset: ruleset("ens3") }));
    expect(one.forwards[0]?.reach.every(({ verdict }) => verdict === "reached")).toBe(true);
    const two = await answerTo(asked({ firewall: "text", ruleset: ruleset("wg0") }));
    expect(two.doubts).toMatchObject([{ code: "unknown" }]);
    expect(two.forwards[0]?.reach.some(({ verdict }) => verdict === "reached")).toBe(false);
  });
});

test("a firewall that stops ssh itself leaves no forward", async () => {
  const { forwards } = await answerTo(asked({ firewall: "form", rules: [{ ...anyRule, ports: "43234" }] }));
  expect(forwards[0]?.prediction).toMatchObject({ granted: false, listeners: [], refusedBy: { layer: "server-firewall" } });
  expect(forwards[0]?.reach.every(({ verdict }) => verdict !== "reached")).toBe(true);
});

test("Match Address sees the family over which ssh gets through", async () => {
  const config = "Match Address 2001:db8::/32\n  GatewayPorts yes\n";
  const listens = async (change: Partial<Situation>) =>
    (await answerTo(asked({ config, ...change }))).forwards[0]?.prediction.listeners[0]?.address;
  expect(await listens({})).toBe("127.0.0.1");
  expect(await listens({ firewall: "form", rules: [{ ...anyRule, ports: "22", family: "6" }] })).toBe("0.0.0.0");
  expect(await listens({ ssh: `${story.situation.ssh} -6` })).toBe("0.0.0.0");
});

test("what each GatewayPorts would do", async () => {
  const { forwards } = await answerTo(asked({ ssh: "ssh -R 43234:localhost:3389 server", config: "", firewall: "none" }));
  expect(forwards[0]?.gatewayPorts.map(({ value, current, reached }) => [value, current, reached.length])).toEqual([
    ["no", true, 1],
    ["clientspecified", false, 1],
    ["yes", false, 6],
  ]);
});

describe("the policy that proves it", () => {
  const loaded = async (situation: Situation) => {
    const answer = await answerTo(situation);
    const files = proofOf(situation, answer);
    await using folder = await folderOf(Object.fromEntries(files.map(({ name, text: content }) => [name, content])));
    return { answer, files, policy: await loadPolicy(folder.path) };
  };

  test.each(examples.map(({ id, situation }) => [id, situation] as const))("%s", async (_, situation) => {
    const { answer, policy } = await loaded(situation);
    const names = Object.keys(policy.policy.forwards);
    expect(names).toHaveLength(answer.forwards.length);
    for (const [at, name] of names.entries()) expect(policy.arguments[name]?.request).toEqual(answer.forwards[at]?.arguments.request);
    expect(policy.inputs.firewall?.kind).toBe(answer.ruleset?.name === "iptables.rules" ? "iptables" : "nft");
    expect(Object.keys(policy.policy.server.accounts ?? {})).toEqual([answer.login.account]);
  });

  test.each([
    "ssh -R :43234:localhost:3389 -L 8080:localhost:80 -D 1080 -o ExitOnForwardFailure=yes -p 2222 -i key -v bob@server",
    "ssh -R '*:43234:[::1]:3389' server",
    "ssh -R 1080 server",
    "ssh -R /run/x.sock:localhost:80 server",
    "ssh -f -g -4 -L 8080:localhost:80 server sleep 5",
    "autossh -M 0 -R :43234:localhost:3389 server",
  ])("%s", async (ssh) => {
    const { answer, policy } = await loaded(
      asked({ ssh, version: "9.2", groups: "staff, ops", keyOptions: 'permitlisten="43234"', firewall: "none" }),
    );
    expect(Object.values(policy.arguments).map(({ request }) => request)).toEqual(answer.forwards.map((each) => each.arguments.request));
    expect(policy.policy.server.openssh).toBe("9.2");
  });

  test("as a shell script it writes the same files, whatever they hold", async () => {
    const { files } = await loaded(asked({ config: "GatewayPorts yes\n#END\nBanner none\n# END\n" }));
    const script = shellText([...files, { name: "more", text: "END\nEND_\n" }]);
    expect(script).toContain("npx forwardlab verify playground/policy.yaml");
    expect(script).toContain("<<'END__'\nEND\nEND_\nEND__\n");
  });
});
