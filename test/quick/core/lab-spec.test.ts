/** Where hosts stand in a lab. */
import { expect, test } from "vitest";
import { articleLab, natsOf } from "../../../harness/core/lab-spec.ts";

test("the NATs that a host's packets pass, the nearest first; none in the open internet", () => {
  const spec = articleLab();
  expect(natsOf(spec, "home-lan")).toEqual(["home-router", "isp"]);
  expect(natsOf(spec, "other-lan")).toEqual(["other-router"]);
  expect(["server", "campus", "internet"].flatMap((host) => natsOf(spec, host))).toEqual([]);
});
