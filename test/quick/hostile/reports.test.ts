/** Whatever a server, a policy or a log says, a report says it as data: each format is read as its readers read it. */
import { describe, expect, test } from "vitest";
import { compareResults } from "../../../harness/judgement/diff/compare.ts";
import { renderReport, reportFormats } from "../../../harness/report/render.ts";
import { renderDiff } from "../../../harness/report/render-diff.ts";
import { renderReview } from "../../../harness/report/render-review.ts";
import { hostileFleet } from "../report/fleet-sample.ts";
import { hostileReview } from "../report/review-sample.ts";
import { page, passing, withHostileTexts } from "../report/sample.ts";
import { parseXml } from "../report/xml.ts";
import { morsels } from "./mutations.ts";

const mark = "MARKED";
/** With a mark on both sides, to find it again. The long ones are about readers, not about what shows a report. */
const texts = morsels.filter((each) => each.length < 200).map((each) => `${mark}${each}${mark}`);
const all = [...texts, texts.join(" "), texts.join("\n")];

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controls = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;
/** Lines that a CI system obeys. `##[` and GitLab's sections count wherever they begin a line. */
const commands = /^\s*(?:##\[|##vso\[|::[a-z-]+[ :]|section_(?:start|end):)/m;

const workflowCommand = /^::(?:error|warning|notice)(?: [a-zA-Z]+=[^,:\r\n]*(?:,[a-zA-Z]+=[^,:\r\n]*)*)?::/;

/** Throws, or fails, where a text got out of its place. */
const check: Record<string, (report: string) => void> = {
  text: (report) => expect(report).not.toMatch(controls),
  json: (report) => JSON.parse(report),
  html: (report) => {
    // What is put into the page is data in a script: it cannot end the script, nor begin a comment in it.
    expect(report).not.toMatch(/<\/?script|<!--|<img/i);
  },
  junit: (report) => parseXml(report),
  sarif: (report) => expect(JSON.parse(report)).toMatchObject({ version: "2.1.0" }),
  gitlab: (report) => expect(Array.isArray(JSON.parse(report))).toBe(true),
  tap: (report) => {
    const lines = report.trimEnd().split("\n");
    const points = lines.filter((line) => /^(?:not )?ok\b/.test(line));
    expect(lines[0]).toBe("TAP version 14");
    expect(lines.filter((line) => /^1\.\.\d+/.test(line))).toEqual([`1..${points.length}`]);
    for (const [index, line] of points.entries()) expect(line).toMatch(new RegExp(`^(?:not )?ok ${index + 1} - `));
    // The report's own, of a run without a verdict, is no text of anybody's.
    expect(lines.filter((line) => /^Bail out!.*owned/i.test(line))).toEqual([]);
    // Diagnostics are indented YAML blocks, or comments.
    for (const line of lines.slice(1)) expect(line).toMatch(/^(?:(?:not )?ok \d|1\.\.\d|Bail out! |#| {2}|$)/);
    expect(report).not.toMatch(controls);
  },
  markdown: (report) => {
    expect(report).not.toMatch(controls);
    // Code is shown as it is; of a summary's line, which is HTML, only tags count.
    const outside = report.replace(/(`+)[^`][\s\S]*?\1/g, "");
    const markup = outside.replace(/^<details><summary>.*$/gm, "");
    expect(outside).not.toMatch(/(?<!\\)<(?:img|script)/i);
    expect(markup).not.toMatch(/(?<!\\)!?\[x(?<!\\)\]\(/);
    expect(markup).not.toMatch(/(?<![\w\\`&])@everyone/);
  },
  github: (report) => {
    let stopped: string | undefined;
    for (const line of report.trimEnd().split("\n")) {
      const [, token] = /^::stop-commands::(\S+)$/.exec(line) ?? [];
      if (stopped !== undefined) {
        if (line === `::${stopped}::`) stopped = undefined;
        continue;
      }
      if (token !== undefined) stopped = token;
      else expect(line).not.toMatch(/^\s*(?:::(?!error|warning|notice)[a-z-]+[ :]|##\[|##vso\[)/);
      if (/^\s*::(?:error|warning|notice)/.test(line)) expect(line).toMatch(workflowCommand);
    }
    expect(stopped).toBeUndefined();
    expect(report).not.toMatch(controls);
  },
};

test("each format has its reader", () => {
  expect(Object.keys(check).sort()).toEqual([...reportFormats].sort());
});

describe.each([...reportFormats])("%s", (format) => {
  const renderings: [string, (text: string) => string][] = [
    ["verify", (text) => renderReport(format, withHostileTexts(text), { page })],
    ["several servers", (text) => renderReport(format, hostileFleet(text) as never, { page })],
    ["review", (text) => renderReview(format, hostileReview(text), { page })],
    [
      "diff",
      (text) =>
        renderDiff(
          format,
          compareResults({
            before: passing,
            after: withHostileTexts(text),
            names: { before: text, after: text },
            tool: passing.tool,
          } as never),
          { page },
        ),
    ],
  ];
  test.each(renderings)("of %s: hostile texts stay texts", (_, render) => {
    // Where all stand in one text, one's fence is another's end: what is code is then for a whole parser to say.
    for (const text of format === "markdown" ? texts : all) {
      const report = render(text);
      check[format]?.(report);
      if (!["json", "html", "github"].includes(format)) expect(report).not.toMatch(commands);
    }
  });

  test("control: the texts are in there", () => {
    const report = renderReport(format, withHostileTexts(`${mark}plain`), { page });
    // GitLab is told places and verdicts, and nothing that was said.
    expect(report.includes(mark)).toBe(format !== "gitlab");
  });
});
