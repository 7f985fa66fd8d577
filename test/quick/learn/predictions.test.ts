import { expect, test } from "vitest";
import type { ResultCell } from "../../../harness/core/result.ts";
import { byHost, compare, parsePrediction } from "../../../harness/learn/terminal/predictions.ts";

const cell = (vantage: string, observed: ResultCell["observed"]) => ({ vantage, observed }) as ResultCell;

test("a host gets in by any address, and is kept out only where each is proven", () => {
  const seen = byHost([
    cell("server", "refused"),
    cell("server", "reached"),
    cell("campus", "refused"),
    cell("campus", "inconclusive"),
    cell("internet", "filtered"),
  ]);
  expect(seen.map(({ host, getsIn }) => [host, getsIn])).toEqual([
    ["server", true],
    ["campus", undefined],
    ["internet", false],
  ]);
});

test("a prediction counts where something is proven", () => {
  const seen = byHost([cell("server", "reached"), cell("internet", "filtered"), cell("campus", "inconclusive")]);
  expect(compare(new Set(["server", "campus", "home"]), seen)).toMatchObject({ right: 2, untried: ["home"] });
  expect(compare(new Set(["internet"]), seen)).toMatchObject({ right: 0, untried: [] });
  expect(compare(new Set(), seen).hosts).toHaveLength(2);
});

test("names as they are typed", () => {
  const hosts = ["server", "other-lan"];
  expect(parsePrediction(" other-lan,server  server", hosts)).toEqual({ names: new Set(["other-lan", "server"]) });
  expect(parsePrediction("other-lan、server", hosts)).toEqual({ names: new Set(["other-lan", "server"]) });
  expect(parsePrediction("", hosts)).toEqual({ names: new Set() });
  expect(parsePrediction("server otherlan", hosts)).toEqual({ unknown: "otherlan" });
});
