/** Every code has its sentence in every language, and every sentence a code. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync, Visitor } from "oxc-parser";
import { describe, expect, test } from "vitest";
import type { RefusalCode } from "../../../harness/core/forward-outcome.ts";
import { findingText } from "../../../harness/report/review-words.ts";
import { type Language, sentenceFor, tables } from "../../../harness/report/sentences.ts";
import { root } from "../house/imports.ts";
import { finding } from "./review-sample.ts";

const languages = Object.keys(tables) as Language[];

/** Strings in the rooms that give reasons, remedies and hints, and in what joins them. */
const strings = new Set(
  globSync("harness/{judgement,openssh,session,core,pipelines}/**/*.ts", { cwd: root }).flatMap((file) => {
    const found: string[] = [];
    new Visitor({
      Literal: ({ value }) => {
        if (typeof value === "string") found.push(value);
      },
    }).visit(parseSync(file, readFileSync(join(root, file), "utf8")).program);
    return found;
  }),
);

/** Values of `code:` there, wherever they are written as they are. */
const codes = new Set(
  globSync(["harness/judgement/**/*.ts", "harness/pipelines/review*.ts"], { cwd: root }).flatMap((file) =>
    [...readFileSync(join(root, file), "utf8").matchAll(/\b(?:code: |reason\(|return )"([a-z]+(?:-[a-z]+)+)"/g)].map(
      ([, code]) => code as string,
    ),
  ),
);

/** The compiler holds this list complete. */
const refusals: Record<RefusalCode, true> = {
  "allow-tcp-forwarding": true,
  "allow-stream-local-forwarding": true,
  "disable-forwarding": true,
  "key-no-forwarding": true,
  "certificate-no-forwarding": true,
  "permit-listen": true,
  "key-permit-listen": true,
  "permit-open": true,
  "key-permit-open": true,
  "port-taken": true,
  "port-privileged": true,
  "no-such-address": true,
  "unknown-name": true,
  "address-family": true,
  "bind-failed": true,
  "path-taken": true,
  "path-not-permitted": true,
  "no-folder": true,
  "path-owned-by-other": true,
  "path-read-only": true,
  "path-failed": true,
  "clear-all-forwardings": true,
  "permit-remote-open": true,
  "other-software": true,
  "login-failed": true,
  "jump-refused": true,
  "jump-filtered": true,
};

describe.each(languages)("%s", (language) => {
  test("has a sentence for every code", () => {
    expect(codes.size).toBeGreaterThan(40);
    const told = (code: string) => Object.hasOwn(tables[language], code) || notCodes.has(code) || isFinding(code, language);
    expect([...codes, ...Object.keys(refusals)].filter((code) => !told(code))).toEqual([]);
  });

  test("has no sentence that nothing gives", () => {
    expect(Object.keys(tables[language]).filter((code) => !strings.has(code))).toEqual([]);
  });

  test("says something without any parameter, and never `undefined`", () => {
    for (const code of Object.keys(tables[language]))
      expect(sentenceFor({ code, params: {} }, language), code).toMatch(/^(?!.*undefined).*\S/);
  });

  test("has no words for what it does not know", () => {
    for (const code of ["no-such-code", "toString", "__proto__"]) expect(() => sentenceFor({ code, params: {} }, language)).toThrow(code);
  });
});

/** A review's finding has its sentence among the words of a review. */
function isFinding(code: string, language: Language): boolean {
  try {
    return findingText(finding("x", { kind: "agent", audience: "account", code }), language) !== "";
  } catch {
    return false;
  }
}

/** Strings of the same look that are none. */
const notCodes = new Set(["bind-address", "server-firewall", "key-options", "exposure-added"]);

test("the languages tell of the same things", () => {
  const [first, ...others] = languages.map((language) => Object.keys(tables[language]).sort());
  for (const other of others) expect(other).toEqual(first);
});

test("what a sentence is told of it names, in every language", () => {
  const cause = {
    code: "gateway-ports-ignores-bind",
    params: {
      setting: "GatewayPorts no",
      byDefault: true,
      requested: ":43234",
      program: "sshd",
      listeners: ["127.0.0.1:43234", "[::1]:43234"],
    },
  };
  expect(sentenceFor(cause, "en")).toBe(
    "`GatewayPorts no` (the default) silently ignores the bind address of `-R :43234`, so sshd listens only on 127.0.0.1:43234 and [::1]:43234.",
  );
  expect(sentenceFor(cause, "ja")).toBe(
    "`GatewayPorts no`（既定値） のため `-R :43234` のバインドアドレスは警告なしに無視され、sshd は 127.0.0.1:43234 と [::1]:43234 だけで待ち受けています。".replace(
      "） の",
      "）の",
    ),
  );
});

test("the codes of a review are among those that must be told", () => {
  for (const code of ["review-setting", "review-ports-inexact", "review-target", "review-settings-differ"]) expect(codes).toContain(code);
  for (const code of ["review-listener-outside", "review-listener-local"])
    expect(languages.every((each) => isFinding(code, each))).toBe(true);
  expect(isFinding("review-no-such-thing", "en")).toBe(false);
});

test("a cell of a review says why it proves nothing", () => {
  const cause = { code: "review-cell-unproven", params: { vantage: "home", target: "[::1]:80", why: "depends-on-chance", rule: "" } };
  expect(sentenceFor({ ...cause, params: { ...cause.params, why: "probe-missing" } })).toBe(
    `It could not be proven whether home reaches [::1]:80: ${sentenceFor({ code: "probe-missing", params: {} })}`,
  );
  for (const language of languages)
    expect(sentenceFor({ ...cause, params: { ...cause.params, why: "toString" } }, language)).toContain("toString");
});

describe("a listener's firewall that lets the packet in, where something else decided", () => {
  const params = { asked: "-R 8443", listeners: ["0.0.0.0:8443"], host: "server", setting: "GatewayPorts yes" };
  const admitted = { ...params, admittedBy: "ip filter INPUT -j ACCEPT", admittedFile: "rules.v4", admittedLine: 14 };
  const sentence = (more: object, language: Language) => sentenceFor({ code: "listens-there", params: { ...params, ...more } }, language);

  test("is named with its place, and as the cloud's where it is that", () => {
    expect(sentence(admitted, "en")).toMatch(/, and its firewall accepts the packet: `ip filter INPUT -j ACCEPT` \(rules\.v4:14\)\.$/);
    expect(sentence({ ...admitted, front: true }, "en")).toMatch(/, and the cloud's firewall in front of it accepts the packet: /);
    expect(sentence(admitted, "ja")).toMatch(
      /で待ち受け、ファイアウォールがパケットを許可します: `ip filter INPUT -j ACCEPT`（rules\.v4:14）。$/,
    );
    expect(sentence({ ...admitted, front: true }, "ja")).toContain("、手前にあるクラウドのファイアウォールが");
  });

  test("control: where there is none, or no line of it, nothing is named", () => {
    expect(sentence({}, "en")).toMatch(/, and no firewall rule blocks it\.$/);
    expect(sentence({ admittedBy: "ip filter INPUT policy accept" }, "en")).toMatch(/packet: `ip filter INPUT policy accept`\.$/);
  });
});

test("lines that come too late are told after the reason", () => {
  const cause = { code: "disable-forwarding", rule: "DisableForwarding yes" };
  const params = { ignored: ["DisableForwarding no", "DisableForwarding No"], ignoredAt: ["a:2", "b:3"] };
  expect(sentenceFor({ ...cause, params })).toBe(
    "`DisableForwarding yes` refuses every forward. sshd uses only the first such line and ignores `DisableForwarding no` (a:2) and `DisableForwarding No` (b:3).",
  );
  expect(sentenceFor({ ...cause, params }, "ja")).toMatch(/。sshd が使うのは最初の行だけで、`DisableForwarding no`（a:2）/);
  expect(sentenceFor({ ...cause, params: {} })).toBe("`DisableForwarding yes` refuses every forward.");
});
