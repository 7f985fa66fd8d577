import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderReport } from "../../../harness/report/render.ts";
import { failing, inconclusive, passing, withHostileTexts } from "./sample.ts";
import { elements, parseXml } from "./xml.ts";

describe("JUnit", () => {
  test.each(Object.entries({ passing, failing, inconclusive, hostile: withHostileTexts() }))(
    "%s: one case per expectation, counted right",
    (_, result) => {
      const root = parseXml(renderReport("junit", result));
      expect(root.name).toBe("testsuites");
      const cases = elements(root, "testcase");
      const { held, violated, waived, inconclusive: unknown } = result.counts;
      const expected = held + violated + waived + unknown;
      expect(cases.length).toBe(expected);
      expect(new Set(cases.map((one) => one.attributes.name)).size).toBe(expected);
      for (const scope of [root, ...elements(root, "testsuite")]) {
        expect(Number(scope.attributes.tests)).toBe(elements(scope, "testcase").length);
        expect(Number(scope.attributes.failures)).toBe(elements(scope, "failure").length);
        expect(Number(scope.attributes.errors)).toBe(elements(scope, "error").length);
        expect(Number(scope.attributes.skipped)).toBe(elements(scope, "skipped").length);
      }
      const red = elements(root, "failure").length + elements(root, "error").length;
      expect(red > 0).toBe(result.outcome !== "pass");
    },
  );

  test("violation, inconclusive and waived are told apart", () => {
    const root = parseXml(renderReport("junit", failing));
    const count = (name: string) => elements(root, name).length;
    expect([count("failure"), count("error"), count("skipped")]).toEqual([
      failing.counts.violated,
      failing.counts.inconclusive,
      failing.counts.waived,
    ]);
    expect(elements(root, "failure")[0]?.attributes).toMatchObject({
      type: "violation",
      message: expect.stringContaining("expected blocked, observed reached"),
    });
    expect(elements(root, "skipped")[0]?.attributes.message).toContain("waived by W1");
    expect(elements(root, "failure")[0]?.text).toContain(
      "Next: the firewall that the policy names does not restrict who connects to server over IPv6",
    );
  });

  test("any log gives XML that a strict parser reads", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => void parseXml(renderReport("junit", withHostileTexts(text)))),
      { numRuns: 200 },
    );
  });
});
