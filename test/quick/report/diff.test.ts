/** Reports of a comparison, as they were agreed on: `vitest run -u` when they are to change. */

import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { cellsOf } from "../../../harness/core/cells.ts";
import { type Diff, diffSchema } from "../../../harness/core/diff.ts";
import { UserError } from "../../../harness/core/errors.ts";
import type { Result } from "../../../harness/core/result.ts";
import { warning } from "../../../harness/core/warning.ts";
import { compareResults } from "../../../harness/judgement/diff/compare.ts";
import { labSpecOf } from "../../../harness/policy/network.ts";
import { diffGroups } from "../../../harness/report/diff-groups.ts";
import { diffWords } from "../../../harness/report/diff-words.ts";
import { reportFormats } from "../../../harness/report/render.ts";
import { checkDiffFormat, diffFormats, renderDiff } from "../../../harness/report/render-diff.ts";
import type { Language } from "../../../harness/report/sentences.ts";
import { columnsOf } from "../../../harness/report/wrap.ts";
import { asItShouldBe, filtered, judged, outcomeOf, policyOf, provenance, reached, refused } from "../judgement/sample.ts";
import { rich } from "./rich-sample.ts";
import { hostile, page, passing, withHostileTexts } from "./sample.ts";
import { elements, parseXml } from "./xml.ts";

const tool = { name: "forwardlab", version: "0.1.0" };
const compare = (before: Result, after: Result) =>
  compareResults({ before, after, names: { before: "main:site/policy.yaml", after: "HEAD:site/policy.yaml" }, tool });

const policy = policyOf({
  rdp: { ssh: "-R :43234:localhost:3389", reachable_from: ["campus"] },
  web: { ssh: "-R :43234:localhost:8080", reachable_from: ["campus"] },
});
const loopback = ["127.0.0.1:43234", "[::1]:43234"];
const off = [{ keyword: "gatewayports", value: "no" }];
const on = [{ keyword: "gatewayports", value: "clientspecified", file: "sshd_config", line: 12 }];
const configs = (sha256: string) => ({
  ...provenance,
  openssh: { server: `OpenSSH_${sha256 === "aa" ? "9.2" : "10.0"}p1` },
  forwards: ["rdp", "web", "db"],
  configs: [
    { file: "nftables.conf", sha256 },
    { file: "sshd_config", sha256: "cc" },
  ],
});

/** Something of every kind. */
const before = judged(
  (cell) => {
    if (cell.forward === "web") return cell.vantage === "server" ? reached(cell) : filtered(cell);
    if (cell.vantage === "home-lan" && cell.family === 6) return undefined;
    return asItShouldBe(cell);
  },
  {
    policy,
    policyFile: "site/policy.yaml",
    outcomes: [outcomeOf("rdp"), outcomeOf("web", { listeners: loopback, effective: off })],
    cells: ["rdp", "web"].flatMap(cellsFor),
    provenance: { ...configs("aa"), forwards: ["rdp", "web"] },
  },
);
const after = judged(
  (cell) => {
    if (cell.forward === "web" && cell.vantage !== "server") return cell.vantage === "internet" ? refused(cell) : filtered(cell);
    if (cell.forward === "rdp" && cell.vantage === "other-lan") return filtered(cell);
    return cell.vantage === "home" || cell.vantage === "internet" || cell.vantage === "home-lan" ? reached(cell) : asItShouldBe(cell);
  },
  {
    policy: { ...policy, forwards: { ...policy.forwards, db: { ssh: "-R :43234:localhost:5432" } } },
    policyFile: "site/policy.yaml",
    outcomes: [outcomeOf("rdp", { account: "alice" }), outcomeOf("web", { listeners: loopback, effective: on }), outcomeOf("db")],
    cells: ["rdp", "web", "db"].flatMap(cellsFor),
    provenance: configs("bb"),
    warnings: [
      warning(
        "foreign-interface",
        { rule: 'iifname "wlan0" accept | <b>', names: ["wlan0"], matches: "never" },
        { file: "nftables.conf", line: 4 },
      ),
    ],
  },
);
const diff = compare(before, after);

describe("the formats", () => {
  test.each(diffFormats.filter((format) => format !== "html"))("%s", async (format) => {
    const extension: Record<string, string> = { text: "txt", markdown: "md", github: "txt", junit: "xml", tap: "tap" };
    await expect(renderDiff(format, diff, { width: 80 })).toMatchFileSnapshot(`golden/diff-${format}.${extension[format] ?? "json"}`);
  });

  test("text, in Japanese", async () => {
    await expect(renderDiff("text", diff, { width: 80, language: "ja" })).toMatchFileSnapshot("golden/diff-text.ja.txt");
  });

  test("the sample has what matters", () => {
    const present = new Set(diff.cells.map(({ change }) => change));
    for (const change of ["opened", "closed", "weaker", "unknown"] as const) expect(present).toContain(change);
    expect(diff.forwards.map(({ name, change }) => `${name} ${change}`)).toEqual(["rdp changed", "web changed", "db added"]);
    expect(diff.outcome).toBe("exposure-added");
    expect(diffSchema.parse(JSON.parse(renderDiff("json", diff)))).toEqual(diff);
  });

  test("all of them carry a comparison; one that does not exist is an error that names those that do", () => {
    expect([...diffFormats].sort()).toEqual([...reportFormats].sort());
    for (const format of ["xml", "toString", ""]) expect(() => renderDiff(format, diff), format).toThrow(UserError);
    expect(() => checkDiffFormat("xml")).toThrow("unknown report format `xml`");
  });

  test("hostile texts steer nothing, in any format", () => {
    const broken = compareResults({ before: passing, after: withHostileTexts(), names: { before: hostile, after: hostile }, tool });
    for (const format of ["text", "markdown", "github", "tap"]) {
      const report = renderDiff(format, { ...broken, warnings: [hostile] });
      expect(report.endsWith("\n")).toBe(true);
      expect(report, format).not.toMatch(/\p{Cc}(?<!\n)/u);
      for (const line of report.split("\n")) expect(line.startsWith("::stop-commands") || line.startsWith("::error::")).toBe(false);
    }
  });
});

describe("tests and alerts: what is newly open fails, what is closed passes, what is not known is an error", () => {
  const closing = compare(judged(reached), judged(filtered));
  const samples = { opened: diff, closed: closing, same: compare(passing, passing), unknown: compare(rich, rich) };
  const openings = (one: Diff) => diffGroups(one).filter(({ change }) => change === "opened").length;
  const unknowns = (one: Diff) =>
    diffGroups(one).filter(({ change }) => change === "unknown").length +
    one.forwards.filter(({ change }) => change === "unknown" || change === "not-verified").length;

  test.each(Object.entries(samples))("JUnit and TAP: %s", (_, one) => {
    const cases = elements(parseXml(renderDiff("junit", one)), "testcase");
    const count = (tag: string) => cases.filter(({ children }) => children.some((child) => child.name === tag)).length;
    expect({ failures: count("failure"), errors: count("error") }).toEqual({ failures: openings(one), errors: unknowns(one) });
    expect(cases.length).toBeGreaterThan(0);
    expect(new Set(cases.map(({ attributes }) => attributes.name)).size).toBe(cases.length);
    const lines = renderDiff("tap", one).split("\n");
    expect(lines.filter((line) => line.startsWith("not ok "))).toHaveLength(openings(one) + unknowns(one));
    expect(lines).toContain(`1..${cases.length}`);
    expect(lines.some((line) => line.startsWith("Bail out!"))).toBe(one.outcome === "inconclusive");
  });

  test.each(Object.entries(samples))("SARIF and code quality: %s", (_, one) => {
    const { results, invocations, automationDetails } = JSON.parse(renderDiff("sarif", one)).runs[0];
    expect(results).toHaveLength(openings(one));
    expect(invocations[0].executionSuccessful).toBe(unknowns(one) === 0);
    expect(automationDetails.id).toMatch(/^forwardlab\/diff\/.+\/$/);
    for (const { locations, partialFingerprints } of results) {
      expect(locations[0].physicalLocation.artifactLocation.uri).toMatch(/^site\//);
      expect(partialFingerprints.primaryLocationLineHash).toMatch(/^[0-9a-f]{32}:1$/);
    }
    const entries = JSON.parse(renderDiff("gitlab", one)) as { fingerprint: string; severity: string; location: { path: string } }[];
    expect(entries.filter(({ severity }) => severity === "critical")).toHaveLength(openings(one));
    expect(new Set(entries.map(({ fingerprint }) => fingerprint)).size).toBe(entries.length);
    for (const { location } of entries) expect(location.path).not.toMatch(/^\.?\//);
  });

  test("the samples are what they are called", () => {
    expect(openings(diff)).toBeGreaterThan(0);
    expect(closing).toMatchObject({ outcome: "no-exposure-added", counts: { opened: 0 } });
    expect(closing.counts.closed).toBeGreaterThan(0);
    expect(unknowns(samples.unknown)).toBeGreaterThan(0);
    expect(JSON.parse(renderDiff("gitlab", samples.same))).toEqual([]);
  });

  test("every warning is carried", () => {
    for (const format of diffFormats)
      for (const word of ["wlan0", "accept"]) expect(renderDiff(format, diff, { page }), format).toContain(word);
  });
});

describe("the text", () => {
  const text = (one = diff, options = {}) => renderDiff("text", one, { width: 80, ...options });

  test("what is newly open comes first, with both rules", () => {
    const lines = text().split("\n");
    expect(lines[0]).toMatch(/^✘ EXPOSURE ADDED {2}\d+ cells newly open/);
    const title = lines.findIndex((line) => line.startsWith("✘ rdp: home reaches it now"));
    expect(lines.findIndex((line) => /^[?✔!~] /.test(line))).toBeGreaterThan(title);
    expect(lines.findLastIndex((line) => line.startsWith("✘ "))).toBeLessThan(lines.findIndex((line) => /^[?✔!~] /.test(line)));
    expect(lines[title + 1]).toBe("    Before      filtered  server-firewall  nftables.conf:12  inet filter input");
    expect(lines.slice(title, title + 6).join("\n")).toContain("Now         reached  bind-address  sshd_config:12");
  });

  test("nothing is wider than the terminal, and colour adds nothing but colour", () => {
    for (const language of ["en", "ja"] as Language[]) {
      for (const line of text(diff, { language }).split("\n")) expect(columnsOf(line), line).toBeLessThanOrEqual(80);
      expect(stripVTControlCharacters(text(diff, { language, color: true }))).toBe(text(diff, { language }));
    }
    expect(text(diff, { color: true })).not.toBe(text());
  });

  test("says so when nothing changed, and how much stayed", () => {
    expect(text(compare(passing, passing))).toMatch(/^✔ NO EXPOSURE ADDED {2}nothing changed\n/);
    expect(text(compare(passing, passing))).toContain(`Nothing changed: ${passing.cells.length} cells as before.`);
    expect(text()).toContain(`Nothing else changed: ${diff.counts.same} cells as before.`);
  });

  test("changes of one kind are told once, over forwards, vantage points and families", () => {
    const all = compare(judged(filtered), judged(reached));
    expect(diffGroups(all).length).toBe(2);
    for (const { cells: own, change } of diffGroups(compare(rich, rich))) expect([change, own.length > 0]).toEqual(["unknown", true]);
  });

  test("every language has a word for everything", () => {
    const kinds = (words: object): unknown =>
      Object.entries(words).map(([name, word]) => [name, typeof word === "object" ? kinds(word) : typeof word]);
    expect(kinds(diffWords.ja)).toEqual(kinds(diffWords.en));
  });
});

function cellsFor(name: string) {
  return cellsOf(labSpecOf(policyOf({})), [{ forward: name, host: "server", port: 43234 }]);
}
