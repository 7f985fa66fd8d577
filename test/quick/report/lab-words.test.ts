/** What the lab says of itself has its words in every language, and some part of the product says it. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Adaptation, adapted } from "../../../harness/core/adaptation.ts";
import { adaptationsIn, adaptationText, toldAdaptations } from "../../../harness/report/adaptations.ts";
import { checkIn, natIn, withChecksIn } from "../../../harness/report/lab-facts.ts";
import { sentenceFor } from "../../../harness/report/sentences.ts";
import { root } from "../house/imports.ts";
import { provenance } from "../judgement/sample.ts";
import { everyAdaptation, labFacts } from "./lab-samples.ts";

const englishSentence = /(?:^|[^\w./-])(?:[a-z]+ ){2,}[a-z]+/;
const withoutCode = (text: string) => text.replace(/`[^`]*`/g, "…");
const japaneseText = /[\u3040-\u30ff]/;

test("an adaptation names the same values in both languages, and is a Japanese sentence", () => {
  for (const each of everyAdaptation) {
    const [en, ja] = [adaptationText(each, "en"), adaptationText(each, "ja")];
    for (const text of [en, ja]) expect(text).toMatch(/^h1: \S/);
    for (const value of valuesOf(each))
      expect(
        [en, ja].filter((text) => text.includes(value)),
        `${value}: ${en} | ${ja}`,
      ).toHaveLength(2);
    expect(withoutCode(ja)).not.toMatch(englishSentence);
    expect(ja).toMatch(japaneseText);
    expect(en).not.toMatch(/[\u3000-\u9fff\uff00-\uffef]|undefined/);
  }
  expect(adaptationText({ every: "host", ...adapted("tun-made", {}) }, "en")).toMatch(/^every host: /);
  expect(adaptationText({ every: "container", ...adapted("tun-made", {}) }, "ja")).toMatch(/^すべてのコンテナ: /);
});

test("each code is given somewhere", () => {
  const sources = globSync(["harness/{lab,openssh,session,ssh}/**/*.ts"], { cwd: root })
    .map((file) => readFileSync(join(root, file), "utf8"))
    .join("\n");
  const given = new Set([...sources.matchAll(/\badapted\(\s*"([a-z-]+)"/g)].map(([, code]) => code));
  expect([...given].sort()).toEqual([...new Set(everyAdaptation.map(({ code }) => code as string))].sort());
});

test("a document tells them in English and as codes, a page in its own language; of another version, as they were written", () => {
  const told = toldAdaptations({ ...provenance, adaptationDetails: everyAdaptation as never });
  expect(told.adaptations).toEqual(everyAdaptation.map((each) => adaptationText(each)));
  expect(adaptationsIn(told, "en")).toEqual(told.adaptations);
  expect(adaptationsIn(told, "ja")).toEqual(everyAdaptation.map((each) => adaptationText(each, "ja")));
  const foreign = [
    { host: "h1", code: "of-tomorrow", params: {}, text: "something new" },
    { host: "h1", code: "chroot-made", params: {}, text: "without parameters" },
  ];
  const adaptations = ["without a code", ...foreign.map(({ text }) => text)];
  expect(adaptationsIn({ ...told, adaptations, adaptationDetails: foreign }, "ja")).toEqual(adaptations);
});

test("checks and NATs: English as it was written, Japanese from the codes", () => {
  for (const check of labFacts.selfCheck) {
    expect(checkIn(check, "en")).toEqual({ name: check.name, found: check.detail });
    const { name, found } = checkIn(check, "ja");
    expect(name).toMatch(japaneseText);
    expect(found === undefined).toBe(check.ok);
    expect(`${name} ${found}`).not.toMatch(/the name|what was/);
    expect(checkIn({ ...check, code: "of-tomorrow" }, "ja")).toEqual({ name: check.name, found: check.detail });
  }
  for (const fact of labFacts.nat) {
    expect(natIn(fact, "en")).toBe(`${fact.router}: ${fact.kind}; ${fact.measured}`);
    expect(natIn(fact, "ja")).toMatch(/^r\d: マスカレード/);
    expect(natIn({ ...fact, params: undefined }, "ja")).toBe(natIn(fact, "en"));
  }
});

test("the sentence about a failed self-check names the checks in its own language", () => {
  const cause = { code: "self-check-failed", params: { checks: ["the name of check cannot-leave 1 (what was found instead)", "unknown"] } };
  expect(sentenceFor(withChecksIn(cause, labFacts, "ja"), "ja")).toBe(
    "ラボの自己診断に失敗しました: v1 からラボの外（192.0.2.7）に出られない (connect の結果: ETIMEDOUT)、unknown。",
  );
  expect(withChecksIn(cause, labFacts, "en")).toBe(cause);
});

function valuesOf({ params }: Adaptation): string[] {
  const words = ["why", "prints"];
  return Object.entries(params)
    .filter(([name]) => !words.includes(name))
    .flatMap(([, value]) => value as string | string[])
    .map(String);
}
