/** Errors that a page can show are told in Japanese, and each of them is made somewhere. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type ToldError, toldError, UserError } from "../../../harness/core/errors.ts";
import { type FaultCode, faultOf } from "../../../harness/core/fault.ts";
import { mapToolError } from "../../../harness/firewall/tool-error.ts";
import { parseCommandLine, parseForwardArguments } from "../../../harness/openssh/forward-arguments.ts";
import { schemaFaults } from "../../../harness/policy/schema-faults.ts";
import { parseYaml } from "../../../harness/policy/yaml-source.ts";
import { errorIn } from "../../../harness/report/faults.ts";
import { everyFault as words } from "../../../harness/report/faults-ja-all.ts";
import { root } from "../house/imports.ts";
import { everyFault } from "./fault-samples.ts";

const englishSentence = /(?:^|[^\w./-])(?:[A-Za-z][a-z]* ){2,}[a-z]+/;
const withoutCode = (text: string) => text.replace(/`[^`]*`/g, "…");
const error: ToldError = { message: "this is an English sentence", expected: "some other thing here", todo: "do this and that" };

test("each has its words, with the values in them, and none in English", () => {
  for (const fault of everyFault) {
    const { message, found = "", expected = "", todo = "", translated } = errorIn({ ...error, fault }, "ja", words);
    expect(translated).toBe(true);
    expect(message, fault.code).toMatch(/[\u3040-\u30ff].*/);
    for (const text of [message, found, expected, todo]) {
      expect(withoutCode(text), fault.code).not.toMatch(englishSentence);
      expect(text, fault.code).not.toMatch(/undefined|NaN|\[object/);
    }
    for (const value of valuesOf(fault)) expect([message, found, expected, todo].join("\n"), `${fault.code}: ${value}`).toContain(value);
  }
});

test("in English, and without a fault that is known, an error stays as it is", () => {
  const [fault] = everyFault as [(typeof everyFault)[0]];
  expect(errorIn({ ...error, fault }, "en", words)).toEqual({ ...error, fault, translated: false });
  expect(errorIn(error, "ja", words)).toEqual({ ...error, translated: false });
  const foreign = { ...error, fault: { code: "toString", params: {} } as never };
  expect(errorIn(foreign, "ja", words)).toEqual({ ...foreign, translated: false });
  expect(withoutCode(error.message)).toMatch(englishSentence);
});

test("each code is given somewhere", () => {
  const sources = globSync(["harness/**/*.ts"], { cwd: root })
    .map((file) => readFileSync(join(root, file), "utf8"))
    .join("\n");
  const given = new Set([...sources.matchAll(/"([a-z]+(?:-[a-z0-9]+)+)"/g)].map(([, code]) => code as FaultCode));
  const made = new Set(
    [...sources.matchAll(/\bfaultOf\([^,]*?"([a-z0-9-]+)"(?: : "([a-z-]+)")?,/g)].flatMap(([, one, other]) => [one, other]),
  );
  const codes = new Set(everyFault.map(({ code }) => code));
  expect([...codes].filter((code) => !made.has(code) || !given.has(code))).toEqual([]);
});

describe("the fault says what the error says", () => {
  const faultFor = (run: () => unknown) => {
    try {
      run();
    } catch (thrown) {
      if (thrown instanceof UserError) return toldError(thrown);
      throw thrown;
    }
    return undefined;
  };

  test.each([
    ["-Z", faultOf("ssh-option-unknown", { letter: "Z" })],
    ["-R", faultOf("ssh-option-needs-argument", { letter: "R" })],
    ["-R a:b:c:d:e", faultOf("ssh-refuses", { said: "Bad remote forwarding specification 'a:b:c:d:e'", form: "forward" })],
    ["-D x:y:z", faultOf("ssh-refuses", { said: "Bad dynamic forwarding specification 'x:y:z'", form: "dynamic-forward" })],
    ["-N server", faultOf("no-forward-asked", {})],
    ["-f -R 1:h:2 server", faultOf("ssh-needs-no-command", { said: "Cannot fork into background without a command to execute" })],
    ["-V", faultOf("option-refused", { option: "V" })],
    ["-R ./s:h:2", faultOf("path-relative", { typed: "-R ./s:h:2", path: "./s" })],
    ["-R /a%h:h:2", faultOf("path-with-variables", { typed: "-R /a%h:h:2", path: "/a%h" })],
    ["-R 1:h:2", undefined],
  ])("%s", (text, fault) => {
    expect(faultFor(() => parseCommandLine(text.split(" "), []))?.fault).toEqual(fault);
  });

  test.each([
    ["-R 1:h:2 -R 2:h:3", faultOf("several-forwards", { count: 2 })],
    ["-R '1:h:2", faultOf("open-quote", {})],
    ["-R 1:h:2 server", faultOf("destination-given", { destination: "server" })],
    ["-J a -R 1:h:2", faultOf("option-refused", { option: "J" })],
    ["-o ProxyCommand=x -R 1:h:2", faultOf("keyword-refused", { keyword: "proxycommand", value: "x" })],
  ])("in a policy: %s", (text, fault) => {
    expect(faultFor(() => parseForwardArguments(text))?.fault).toEqual(fault);
  });

  test("of nft: its own words, and what helps", () => {
    const files = { kind: "nft", files: {} } as unknown as Parameters<typeof mapToolError>[1];
    const told = (stderr: string) => mapToolError(stderr, files).fault;
    expect(told("/etc/x.nft:1:1-3: Error: syntax error, unexpected end")).toEqual(
      faultOf("firewall-load", { said: "syntax error, unexpected end", advice: "nft" }),
    );
    expect(told("/etc/x.nft:1:1-3: Error: User does not exist")).toMatchObject({ code: "firewall-needs", params: { lacks: "account" } });
  });
});

describe("of a policy", () => {
  const faultsOf = (text: string) => {
    const { source, errors } = parseYaml(text, "policy.yaml");
    return (errors.length > 0 ? errors : schemaFaults(source)).map(toldError);
  };
  const policy = (forward: string) => `server: { sshd_config: etc }\nforwards:\n  f1: ${forward}\n`;

  test.each([
    ["", "policy-empty"],
    ["server: [", "policy-no-yaml"],
    ["server: {}\nserver: {}\n", "policy-key-twice"],
    [policy('{ ssh: "" }'), "policy-value"],
    [policy("{ ssh: -R 1:h:2, reachable_from: campus }"), "policy-value"],
    [policy("{ ssh: -R 1:h:2, reachable_form: [] }"), "policy-key-unknown"],
    ["server: { sshd_config: etc }\n", "policy-key-missing"],
  ])("%j", (text, code) => {
    const all = faultsOf(text);
    expect(all.map(({ fault }) => fault?.code)).toContain(code);
    for (const each of all) {
      const { message, found = "", expected = "", todo = "", translated } = errorIn(each, "ja", words);
      expect(translated).toBe(true);
      for (const told of [message, found, expected, todo]) expect(withoutCode(told)).not.toMatch(englishSentence);
    }
  });

  test("a name that the schema does not take, and a value of several kinds", () => {
    const told = (text: string) => faultsOf(text).map((each) => errorIn(each, "ja", words));
    const [name] = told('server: { sshd_config: etc, accounts: { "9 x": {} } }\nforwards: { f1: { ssh: -R 1:h:2 } }\n');
    expect(name).toMatchObject({ translated: true, message: expect.stringContaining("`9 x`"), expected: "アカウントまたはグループの名前" });
    const [value] = told("server: { sshd_config: etc, firewall: 7 }\nforwards: { f1: { ssh: -R 1:h:2 } }\n");
    expect(value).toMatchObject({ translated: true, expected: expect.stringContaining("または") });
    expect(withoutCode(value?.expected ?? "")).not.toMatch(englishSentence);
  });
});

/** What must stand in the words; the others choose between them. */
function valuesOf({ code, params }: (typeof everyFault)[number]): string[] {
  const chosen = new Set([
    "form",
    "advice",
    "lacks",
    "is",
    "why",
    "does",
    "request",
    "option",
    "tool",
    "server",
    "most",
    "kind",
    "off",
    "todo",
    "found",
    "expected",
    "in",
    "what",
    "kinds",
    "strange",
    "differs",
    "unit",
    "because",
    "cell",
    "encoding",
  ]);
  const unsaid: Partial<Record<FaultCode, string[]>> = {
    "autossh-ports": [],
    "include-not-given": [],
    "firewall-fragment": ["chains"],
    "firewall-needs": ["name"],
    "init-unproven": ["unproven"],
    "side-not-policy": ["file"],
    "side-needs-policy": ["file"],
    "archive-damaged": ["bytes"],
    "archive-outdated": ["engine"],
  };
  return Object.entries(params)
    .filter(([name, value]) => typeof value !== "boolean" && !(chosen.has(name) && !["account-name"].includes(code)))
    .filter(([name]) => !(unsaid[code] ?? []).includes(name) && !(code === "firewall-other-family" && name === "family"))
    .flatMap(([, value]) => value as string | string[])
    .map(String);
}
