import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { UserError } from "../../../harness/core/errors.ts";
import { resultSchema } from "../../../harness/core/result.ts";
import { githubOutputs, githubSummary } from "../../../harness/report/github.ts";
import { checkReportFormat, renderReport, reportFormats } from "../../../harness/report/render.ts";
import { failing, hostile, inconclusive, page, passing, withHostileTexts } from "./sample.ts";

test("an unknown format is an error that lists the formats", () => {
  for (const format of ["xml", "toString", ""]) {
    expect(() => renderReport(format, passing)).toThrow(UserError);
    expect(() => checkReportFormat(format)).toThrow(`unknown report format \`${format}\``);
  }
});

test.each(reportFormats)("%s: a pure function that ends with a newline, whatever the result", (format) => {
  for (const result of [passing, failing, inconclusive, withHostileTexts()]) {
    const before = JSON.stringify(result);
    const report = renderReport(format, result, { page });
    expect(report.endsWith("\n")).toBe(true);
    expect(renderReport(format, result, { page })).toBe(report);
    expect(JSON.stringify(result)).toBe(before);
  }
});

test("json is the result itself", () => {
  expect(resultSchema.parse(JSON.parse(renderReport("json", failing)))).toEqual(failing);
});

describe("Markdown", () => {
  const markdown = renderReport("markdown", failing);

  test("has the verdict, a matrix of vantage points by forward and family, and evidence to unfold", () => {
    expect(markdown).toMatch(/^## ✘ FAIL: 1 of \d+ expectations is violated/);
    expect(markdown).toContain("| from | rdp IPv4 | rdp IPv6 |");
    expect(markdown).toContain("| **internet** | ✔ filtered | ✘ reached (expected blocked) |");
    expect(markdown).toContain("<details><summary>Evidence of 1 probe</summary>");
  });

  test("every row of a table has as many cells as its head", () => {
    for (const result of [failing, withHostileTexts()]) {
      const cells = (line: string) => line.replace(/\\\|/g, "").split("|").length;
      let head = 0;
      for (const line of renderReport("markdown", result).split("\n")) {
        if (!line.startsWith("|")) head = 0;
        else if (head === 0) head = cells(line);
        else expect(cells(line), line).toBe(head);
      }
    }
  });

  test("untrusted text is no markup outside of code", () => {
    const text = renderReport("markdown", withHostileTexts())
      .replace(/(`{3,})[\s\S]*?\1/g, "")
      .replace(/`[^`\n]*`/g, "");
    expect(text).not.toContain("<script>");
    expect(text).not.toContain("@you");
  });
});

describe("TAP 14", () => {
  test("has one plan, as many points, numbers in order, and YAML that can be read", () => {
    for (const result of [passing, failing, inconclusive, withHostileTexts()]) {
      const lines = renderReport("tap", result).trimEnd().split("\n");
      expect(lines[0]).toBe("TAP version 14");
      const points = lines.filter((line) => /^(not )?ok /.test(line));
      expect(lines[1]).toBe(`1..${points.length}`);
      points.forEach((line, index) => {
        expect(line).toMatch(new RegExp(`^(not )?ok ${index + 1} - `));
      });
      const blocks = lines.join("\n").match(/^ {2}---\n[\s\S]*?^ {2}\.\.\.$/gm) ?? [];
      for (const block of blocks) expect(parse(block.split("\n").slice(1, -1).join("\n"))).toHaveProperty("expected");
      expect(lines.at(-1)?.startsWith("Bail out!")).toBe(result.outcome === "inconclusive");
      expect(points.some((line) => line.startsWith("not ok") && !line.includes("# TODO"))).toBe(result.outcome !== "pass");
    }
  });

  test("waived is TODO", () => {
    expect(renderReport("tap", failing)).toMatch(/not ok \d+ - rdp: home-lan .* # TODO waived by W1/);
  });
});

describe("GitHub Actions", () => {
  test("a warning stands at the file and line that it is about, as the policy's folder is named; one about nothing else at the policy", () => {
    const told = (file: string) => ({ code: "match-untested", params: { match: "Match all" }, file, line: 7, text: "untested" }) as const;
    const at = (file?: string) =>
      renderReport("github", {
        ...passing,
        policy: { file: "servers/web/policy.yaml" },
        warnings: ["untested"],
        warningDetails: [file === undefined ? { code: "match-untested", params: {}, text: "untested" } : told(file)],
      });
    expect(at("etc/ssh/sshd_config")).toContain("::warning file=servers/web/etc/ssh/sshd_config,line=7,");
    expect(at("servers/web/policy.yaml")).toContain("::warning file=servers/web/policy.yaml,line=7,");
    expect(at()).toContain("::warning file=servers/web/policy.yaml,line=1,");
  });

  test("annotations name file and line, with commands escaped", () => {
    const lines = renderReport("github", failing).split("\n");
    expect(lines[0]).toMatch(
      /^::error file=examples\/article\/sshd_config,line=12,title=rdp%3A internet reaches it over IPv6 and must not::expected blocked, observed reached at \[2001:db8:100::10\]:43234\. /,
    );
    expect(lines.filter((line) => line.startsWith("::warning")).length).toBe(failing.counts.inconclusive);
  });

  test("one cause is one annotation", () => {
    const violated = failing.cells.find((cell) => cell.status === "violated") as (typeof failing.cells)[0];
    const both = { ...failing, cells: [violated, { ...violated, vantage: "home-lan" }] };
    const errors = renderReport("github", both)
      .split("\n")
      .filter((line) => line.startsWith("::error"));
    expect(errors).toEqual([expect.stringContaining("title=rdp%3A internet and home-lan reach it over IPv6 and must not::")]);
  });

  test("at most ten errors, the last says how many more", () => {
    const violated = failing.cells.find((cell) => cell.status === "violated") as (typeof failing.cells)[0];
    const many = {
      ...failing,
      cells: Array.from({ length: 40 }, (_, at) => ({
        ...violated,
        decidedBy: violated.decidedBy && { ...violated.decidedBy, line: at + 1 },
      })),
    };
    const errors = renderReport("github", many)
      .split("\n")
      .filter((line) => line.startsWith("::error"));
    expect(errors.length).toBe(10);
    expect(errors.at(-1)).toContain("31 more");
  });

  test("logs give no commands", () => {
    const lines = renderReport("github", withHostileTexts()).split("\n");
    const stop = lines.findIndex((line) => line.startsWith("::stop-commands::"));
    const token = lines[stop]?.slice("::stop-commands::".length);
    const end = lines.indexOf(`::${token}::`);
    expect(token).toMatch(/^[0-9a-f]{64}$/);
    expect(end).toBeGreaterThan(stop);
    for (const [index, line] of lines.entries()) if (line.startsWith("::error::x")) expect(index > stop && index < end).toBe(true);
    expect(lines.slice(stop, end).join("\n")).toContain("::error::x");
  });

  test("the summary keeps below GitHub's limit, at a line end", () => {
    const big = {
      ...failing,
      forwards: failing.forwards.map((forward) => ({ ...forward, status: "violated" as const, clientLog: "Ü log line\n".repeat(200_000) })),
    };
    expect(Buffer.byteLength(githubSummary(big))).toBeLessThanOrEqual(900 * 1024);
    expect(githubSummary(failing)).toBe(renderReport("markdown", failing));
    expect(githubOutputs(failing)).toContain("outcome=fail\n");
  });
});

test("GitLab code quality: what GitLab demands of each entry", () => {
  const entries = JSON.parse(renderReport("gitlab", failing)) as Record<string, unknown>[];
  expect(entries.length).toBe(failing.counts.violated + failing.counts.inconclusive);
  expect(new Set(entries.map((entry) => entry.fingerprint)).size).toBe(entries.length);
  for (const entry of entries) {
    expect(entry).toMatchObject({
      description: expect.any(String),
      check_name: expect.stringMatching(/^forwardlab\//),
      location: { path: expect.stringMatching(/^[^./]/), lines: { begin: expect.any(Number) } },
    });
    expect(["info", "minor", "major", "critical", "blocker"]).toContain(entry.severity);
  }
  expect(JSON.parse(renderReport("gitlab", passing))).toEqual([]);
});

describe("SARIF", () => {
  const run = (result: typeof failing) => JSON.parse(renderReport("sarif", result)).runs[0];

  test("holds unwaived violations only, each with a place, a flow and a fingerprint of its own", () => {
    const { results, tool } = run(failing);
    expect(results.length).toBe(failing.counts.violated);
    for (const one of results) {
      expect(tool.driver.rules[one.ruleIndex].id).toBe(one.ruleId);
      expect(one.locations[0].physicalLocation).toEqual({
        artifactLocation: { uri: "examples/article/sshd_config" },
        region: { startLine: 12 },
      });
      expect(one.relatedLocations[0].physicalLocation).toEqual({
        artifactLocation: { uri: "examples/article/policy.yaml" },
        region: { startLine: 9 },
      });
      expect(one.codeFlows[0].threadFlows[0].locations.length).toBeGreaterThanOrEqual(3);
    }
    const prints = results.map(
      (one: { partialFingerprints: { primaryLocationLineHash: string } }) => one.partialFingerprints.primaryLocationLineHash,
    );
    expect(new Set(prints).size).toBe(prints.length);
  });

  test("says when the run itself gave no verdict", () => {
    expect(run(passing).invocations[0].executionSuccessful).toBe(true);
    expect(run(inconclusive).invocations[0].executionSuccessful).toBe(false);
    expect(run(inconclusive).results).toEqual([]);
  });
});

test("the hostile text is hostile", () => {
  expect(hostile.isWellFormed()).toBe(false);
});
