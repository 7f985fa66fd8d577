/** A run of several servers that ends halfway keeps the results that it has. */
import { expect, test } from "vitest";
import { UserError } from "../../../harness/core/errors.ts";
import { faultOf } from "../../../harness/core/fault.ts";
import type { Result } from "../../../harness/core/result.ts";
import { FabricError } from "../../../harness/lab/fabric-error.ts";
import { faultOfRest } from "../../../harness/pipelines/verify-fleet.ts";

const dead = new UserError("engine.named-but-dead", "the engine that DOCKER_HOST names does not answer", {
  fault: faultOf("engine-dead", { source: "DOCKER_HOST" }),
});
const judged = { result: {} as Result };
const without = { result: null };

test("what all that are left share is their error", () => {
  expect(faultOfRest(dead, [without, judged], undefined)).toBe(dead);
  expect(faultOfRest(new FabricError("the lab's fabric is gone", "gone"), [judged], undefined)).toMatchObject({ code: "lab-gone" });
});

test("without a result there is nothing to keep", () => {
  for (const found of [[], [without]]) expect(() => faultOfRest(dead, found, undefined)).toThrow(dead);
});

test("nobody waits for the rest after Ctrl-C, and a fault of forwardlab is none of a server's", () => {
  expect(() => faultOfRest(dead, [judged], AbortSignal.abort())).toThrow(dead);
  const strange = new TypeError("undefined is not a function");
  expect(() => faultOfRest(strange, [judged], undefined)).toThrow(strange);
});
