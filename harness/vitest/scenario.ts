/**
 * A scenario: one claim about SSH forwarding, told as a lesson and proven by the tests below it.
 *
 *     scenario({ topic: "remote", title: { en: "…", ja: "…" }, … });
 *
 *     test("…", async ({ lab }) => { … });
 *
 * Imported outside of Vitest, such a file tells its lesson and runs nothing: `test` and `labTest` then do nothing.
 */

import type { Scenario } from "../core/lesson.ts";

type Fixtures = typeof import("./index.ts");

/** Vitest refuses to be asked for a test where none of its workers runs. */
const fixtures: Fixtures | undefined = "__vitest_worker__" in globalThis ? await import("./index.ts") : undefined;

/** Takes every call and every property, and does nothing. */
const inert: unknown = new Proxy(() => undefined, { apply: () => inert, get: () => inert });

export const test = fixtures?.test ?? (inert as Fixtures["test"]);
export const labTest = fixtures?.labTest ?? (inert as Fixtures["labTest"]);
export const expect = fixtures?.expect ?? (inert as Fixtures["expect"]);

export { UserError } from "../core/errors.ts";
export { articleLab, type LabSpec } from "../core/lab-spec.ts";
export type { Scenario } from "../core/lesson.ts";

/** Whoever wants the lesson of a file puts a function here before importing it: a file of tests exports nothing. */
const listener = Symbol.for("forwardlab.scenario");

/** States the lesson; the tests that prove it stand below. */
export function scenario(lesson: Scenario): void {
  (globalThis as { [listener]?: (lesson: Scenario) => void })[listener]?.(lesson);
}
