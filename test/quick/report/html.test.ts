import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UserError } from "../../../harness/core/errors.ts";
import { type Embedded, placeholder, renderHtml, scriptJson, shortLog } from "../../../harness/report/html.ts";
import { pack, unpack } from "../../../harness/report/packed.ts";
import { renderReport } from "../../../harness/report/render.ts";
import { diffFormats, renderDiff } from "../../../harness/report/render-diff.ts";
import { renderReview } from "../../../harness/report/render-review.ts";
import { exposing, hostileReview } from "./review-sample.ts";
import { rich } from "./rich-sample.ts";
import { failing, hostile, page, passing, withHostileTexts } from "./sample.ts";

const documentIn = (html: string) => unpack((JSON.parse(html) as Embedded).document);

describe("the page holds the whole document", () => {
  test.each(Object.entries({ passing, failing, rich, hostile: withHostileTexts() }))("a result: %s", (_, result) => {
    expect(documentIn(renderReport("html", result, { page }))).toEqual(result);
  });

  test("a review", () => {
    for (const review of [exposing, hostileReview(hostile)]) expect(documentIn(renderReview("html", review, { page }))).toEqual(review);
  });

  test("a comparison is carried, too", () => {
    expect(diffFormats).toContain("html");
    expect(() => renderDiff("html", {} as never)).toThrow(UserError);
  });

  test("it stands in the template's place; the rest stays as it is", () => {
    const html = renderReport("html", passing, { page: `<before>${placeholder}</after>\n` });
    expect(html).toMatch(/^<before>\{.*\}<\/after>\n$/);
  });

  test("without a template, or with one that has no place for it, it is an error that says what to do", () => {
    for (const template of [undefined, "", "<p>no place</p>", `${placeholder}${placeholder}`])
      expect(() => renderHtml(passing, { page: template })).toThrow("an html report needs the template of its page");
  });

  test("Japanese is the page's language when it was asked for; English leaves it to the browser", () => {
    const languageOf = (language: "en" | "ja") => (JSON.parse(renderReview("html", exposing, { page, language })) as Embedded).language;
    expect([languageOf("en"), languageOf("ja")]).toEqual([null, "ja"]);
  });
});

describe("hostile texts", () => {
  const texts = ["</script><script>alert(1)</script>", "<!--<script>", "]]>", "\u2028\u2029", "$&$1$`", "__proto__", hostile];

  test("nothing ends the script or begins a comment", () => {
    for (const text of texts) {
      const html = renderReport("html", withHostileTexts(text), { page });
      expect(html).not.toMatch(/[<>\u2028\u2029]/);
      expect(html.trimEnd()).not.toContain("\n");
    }
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => !/[<>\u2028\u2029]/.test(scriptJson({ [text]: text }))));
  });

  test("they come out as they went in", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(JSON.parse(scriptJson({ [text]: text }))).toEqual(JSON.parse(JSON.stringify({ [text]: text })));
      }),
    );
  });
});

describe("what is equal stands once", () => {
  test("any JSON is what it was", () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        (value) => void expect(unpack(JSON.parse(JSON.stringify(pack(value))))).toEqual(JSON.parse(JSON.stringify(value))),
      ),
    );
  });

  test("a key may be called __proto__", () => {
    const value = JSON.parse('{"__proto__": {"polluted": true}}');
    expect(JSON.stringify(unpack(pack(value)))).toBe(JSON.stringify(value));
    expect("polluted" in {}).toBe(false);
  });

  test("a thousand cells alike take little more than one", () => {
    const cells = (count: number) => Array.from({ length: count }, () => structuredClone(failing.cells));
    const size = (count: number) => JSON.stringify(pack(cells(count))).length;
    expect(size(1000) - size(1)).toBeLessThan(10_000);
    const [one, other] = unpack(pack(cells(2))) as unknown[];
    expect(one).toBe(other);
  });
});

describe("logs are bounded", () => {
  test("a long one keeps its beginning and its end, and says what is missing", () => {
    const log = shortLog(`first\n${"x".repeat(100_000)}\nlast`, 1000);
    expect(log).toMatch(/^first\nx+\n\[… 99011 characters left out here; the JSON report has them …\]\nx+\nlast$/);
    expect(shortLog("short", 1000)).toBe("short");
  });

  test("many forwards with endless logs make no endless page", () => {
    const [forward] = passing.forwards;
    const forwards = Array.from({ length: 500 }, (_, at) => ({ ...forward, name: `f${at}`, clientLog: `${at} ${"log ".repeat(100_000)}` }));
    const html = renderReport("html", { ...passing, forwards: forwards as typeof passing.forwards }, { page });
    expect(html.length).toBeLessThan(2_500_000);
    expect((documentIn(html) as typeof passing).forwards[499]?.clientLog).toContain("characters left out");
  });
});
