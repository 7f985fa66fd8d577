/** Every warning has its words in every language, and some part of the product gives it. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { distinctWarnings, type Warning, warning } from "../../../harness/core/warning.ts";
import { renderReview } from "../../../harness/report/render-review.ts";
import type { Language } from "../../../harness/report/sentences.ts";
import { toldWarnings, warningsIn, warningTables, warningText } from "../../../harness/report/warnings.ts";
import { root } from "../house/imports.ts";
import { exposing } from "./review-sample.ts";
import { everyWarning } from "./warning-samples.ts";

const languages = Object.keys(warningTables) as Language[];

/** Three English words one after the other, outside of quoted code and of values. */
const englishSentence = /(?:^|[^\w./-])(?:[a-z]+ ){2,}[a-z]+/;
const withoutCode = (text: string) => text.replace(/`[^`]*`/g, "…");

test("each says the same values in every language", () => {
  for (const each of everyWarning) {
    const texts = languages.map((language) => warningText(each, language));
    for (const text of texts) expect(text).toMatch(/^site\/file:7: .*\S/);
    for (const value of valuesOf(each)) {
      const saying = texts.filter((text) => text.includes(value));
      expect([0, languages.length], `${each.code}: ${value} in ${texts.join(" | ")}`).toContain(saying.length);
    }
  }
});

test("in Japanese it is no English sentence, in English it is", () => {
  for (const each of everyWarning) {
    expect(withoutCode(warningText(each, "ja")), each.code).not.toMatch(englishSentence);
    expect(warningText(each, "ja"), each.code).toMatch(/[\u3040-\u30ff]/);
    expect(warningText(each, "en"), each.code).not.toMatch(/[\u3000-\u9fff\uff00-\uffef]|undefined/);
  }
  expect(withoutCode(warningText(warning("no-chain", {}), "en"))).toMatch(englishSentence);
});

test("each code is given somewhere", () => {
  const sources = globSync("harness/{openssh,firewall,policy,lab,ssh,session,judgement,pipelines}/**/*.ts", { cwd: root })
    .map((file) => readFileSync(join(root, file), "utf8"))
    .join("\n");
  const given = new Set([...sources.matchAll(/\bwarning\(\s*"([a-z-]+)"/g)].map(([, code]) => code));
  const codes = new Set(everyWarning.map(({ code }) => code));
  expect([...codes].filter((code) => !given.has(code))).toEqual([]);
  expect([...given].filter((code) => !codes.has(code as Warning["code"]))).toEqual([]);
});

test("a server that is not the only one is named, and a place that is not known is left out", () => {
  expect(warningText({ ...warning("no-chain", {}, { file: "f", line: 3, column: 9 }), server: "inner" })).toMatch(
    /^inner: f:3:9: this ruleset has no chain/,
  );
  expect(warningText(warning("no-chain", {}))).toMatch(/^this ruleset has no chain/);
});

test("a document tells them in English and as codes; a page and a report in their own language", () => {
  const told = toldWarnings([...everyWarning]);
  expect(told.warnings).toEqual(everyWarning.map((each) => warningText(each)));
  expect(warningsIn(told, "en")).toEqual(told.warnings);
  expect(warningsIn(told, "ja")).toEqual(everyWarning.map((each) => warningText(each, "ja")));
  for (const format of ["text", "markdown"]) {
    const lines = renderReview(format, { ...exposing, ...told }, { language: "ja", width: 10_000 }).split("\n");
    const warned = lines.filter((line) => line.includes("警告: site/file:7"));
    expect(warned.length).toBe(everyWarning.length);
    for (const line of warned) expect(withoutCode(line)).not.toMatch(englishSentence);
  }
});

test("words that another version wrote stay as they are", () => {
  const [first] = toldWarnings([warning("no-chain", {})]).warningDetails ?? [];
  const foreign = { ...first, code: "of-tomorrow", params: {}, text: "something new" };
  const broken = { ...first, code: "foreign-interface", params: {}, text: "without parameters" };
  const warnings = ["without a code", "something new", "without parameters"];
  expect(warningsIn({ warnings, warningDetails: [foreign, broken] }, "ja")).toEqual(warnings);
  expect(warningsIn({ warnings: ["old"] }, "ja")).toEqual(["old"]);
  expect(() => warningText({ code: "toString", params: {} } as unknown as Warning)).toThrow("toString");
});

test("one that comes twice is told once", () => {
  const one = warning("match-untested", { match: "Match all" }, { file: "f", line: 1 });
  expect(distinctWarnings([one, { ...one }, { ...one, line: 2 }])).toEqual([one, { ...one, line: 2 }]);
});

/** What its sentence may name. */
function valuesOf({ params }: Warning): string[] {
  return Object.values(params)
    .flat()
    .map(String)
    .filter((value) => !/^(keys|principals|key|certificate|in|out|always|never|others|chance|clock|program)$/.test(value));
}
