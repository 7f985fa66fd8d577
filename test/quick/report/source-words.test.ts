/** Who a visitor is, in either language: an account of a host, and the addresses that a vantage point stands for. */
import { expect, test } from "vitest";
import type { Result, ResultCell } from "../../../harness/core/result.ts";
import { visitorNames } from "../../../harness/report/sources.ts";

const prefixes = ["198.51.100.0/25", "198.51.100.128/26", "198.51.100.192/27"];
const many = ["10.0.0.0/30", "10.0.9.0/30", "10.1.7.0/30", "10.9.3.0/30", "10.77.0.0/30"];
const result = {
  sources: {
    classes: [
      { vantage: "198.51.100.1", family: 4, prefixes },
      { vantage: "10.0.0.1", family: 4, prefixes: many },
    ],
  },
} as unknown as Result;
const cell = (vantage: string, as?: string) => ({ vantage, family: 4, ...(as === undefined ? {} : { as }) }) as ResultCell;
const named = (language: "en" | "ja") => [cell("server", "bob"), cell("10.0.0.1")].map((each) => visitorNames(result, language)([each]));

test("English and Japanese", () => {
  expect(named("en")).toEqual([["bob on server"], ["10.0.0.0/30, 10.0.9.0/30 and 3 more"]]);
  expect(named("ja")).toEqual([["server の bob"], ["10.0.0.0/30, 10.0.9.0/30 ほか 3 件"]]);
});

test("a network without a part of it", () => {
  const told = (language: "en" | "ja") => visitorNames(result, language)([cell("198.51.100.1")]);
  expect(told("en")).toEqual(["198.51.100.0/24 except 198.51.100.224/27"]);
  expect(told("ja")).toEqual(["198.51.100.0/24（198.51.100.224/27 を除く）"]);
});
