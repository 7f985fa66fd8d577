/** Every format's report of one rich result, as it was agreed on: `vitest run -u` when it is to change. */
import { expect, test } from "vitest";
import { resultSchema } from "../../../harness/core/result.ts";
import { renderReport, reportFormats } from "../../../harness/report/render.ts";
import { columnsOf } from "../../../harness/report/wrap.ts";
import { rich } from "./rich-sample.ts";
import { page, passing } from "./sample.ts";
import { elements, parseXml } from "./xml.ts";

/** Of a page `html.test.ts` tells what it must hold. */
const written = reportFormats.filter((format) => format !== "html");

test.each(written)("%s", async (format) => {
  const extension: Record<string, string> = { text: "txt", markdown: "md", junit: "xml", tap: "tap", github: "txt" };
  await expect(renderReport(format, rich, { width: 80 })).toMatchFileSnapshot(`golden/${format}.${extension[format] ?? "json"}`);
});

/** For people; the other formats are for programs, and English. */
test.each([
  ["text", "txt"],
  ["markdown", "md"],
])("%s in Japanese", async (format, extension) => {
  const report = renderReport(format, rich, { width: 80, language: "ja" });
  await expect(report).toMatchFileSnapshot(`golden/${format}.ja.${extension}`);
  // What it quotes is as it was written: rules, commands, names, logs.
  const own = report.replace(/`[^`]*`|until the move|^ {6}.*$|```[\s\S]*?```|Warning: .*/gm, "");
  expect(own).not.toMatch(/[A-Za-z]{3,} (?:[a-z]{2,} ){2}/);
});

test("in Japanese a text is no wider than the terminal, and machines get the same as in English", () => {
  for (const width of [80, 100])
    for (const line of renderReport("text", rich, { width, language: "ja" }).split("\n"))
      if (!/^(OpenSSH_| {6}[-+@])/.test(line)) expect(columnsOf(line), line).toBeLessThanOrEqual(width);
  for (const format of written.filter((each) => !["text", "markdown"].includes(each)))
    expect(renderReport(format, rich, { language: "ja" }), format).toBe(renderReport(format, rich));
  expect(renderReport("text", rich, { language: "ja" })).not.toBe(renderReport("text", rich));
});

test("text, when all is well", async () => {
  await expect(renderReport("text", passing, { width: 80 })).toMatchFileSnapshot("golden/text-pass.txt");
});

test("the sample has everything: every status, a next hop, an account, a moved port, a remedy and a warning", () => {
  expect(resultSchema.parse(rich)).toEqual(rich);
  for (const count of Object.values(rich.counts)) expect(count).toBeGreaterThan(0);
  expect(rich.cells.some(({ via }) => via !== undefined)).toBe(true);
  expect(rich.cells.some(({ as }) => as !== undefined)).toBe(true);
  expect(rich.cells.some(({ target }) => target.endsWith(":443"))).toBe(true);
  expect(rich.forwards.some(({ remedy }) => remedy?.patch)).toBe(true);
  expect(rich.cells.some(({ remedy }) => remedy?.patch === null)).toBe(true);
});

test.each(reportFormats)("%s carries every warning", (format) => {
  const report = renderReport(format, rich, { page });
  expect(rich.warnings.length).toBeGreaterThan(1);
  for (const warning of rich.warnings) for (const word of warning.match(/[a-z]{4,}/g) ?? []) expect(report).toContain(word);
});

test("JUnit counts what the text counts", () => {
  const root = parseXml(renderReport("junit", rich));
  const { held, violated, waived, inconclusive } = rich.counts;
  expect(root.attributes).toMatchObject({
    tests: String(held + violated + waived + inconclusive),
    failures: String(violated),
    errors: String(inconclusive),
    skipped: String(waived),
  });
  expect(renderReport("text", rich)).toContain(`${held} held, ${violated} violated, ${waived} waived, ${inconclusive} inconclusive`);
  const passed = elements(root, "testcase").filter((one) => one.children.every(({ name }) => name === "system-out"));
  expect(passed.length).toBe(held);
  expect(passed.flatMap((one) => elements(one, "system-out"))).toEqual([]);
});

test("on 80 columns every failing row of the text names the file and line that decided, and nothing is wider", () => {
  const lines = renderReport("text", rich, { width: 80 }).split("\n");
  const matrix = lines.slice(lines.findIndex((line) => line.startsWith("Who can reach it")));
  for (const [index, line] of matrix.entries()) {
    if (!/^ {2}.*[✘?] (reached|filtered|refused|inconclusive)/.test(line)) continue;
    const below = matrix.slice(index, index + 4).join("\n");
    expect(below).toMatch(/← .*\S+:\d+/);
  }
  for (const line of lines) if (!line.startsWith("OpenSSH_")) expect(line.length, line).toBeLessThanOrEqual(80);
});

test("violations of one cause are told once, over forwards in natural order", () => {
  const titles = renderReport("text", rich, { width: 200 })
    .split("\n")
    .filter((line) => line.startsWith("✘ ") && !line.startsWith("✘ FAIL"));
  expect(titles).toContain("✘ f1, f2, f10 and lottery: campus cannot reach them over IPv6 and should");
  expect(new Set(titles).size).toBe(titles.length);
});
