/**
 * A scenario: one claim about SSH forwarding, told as a lesson and proven by the tests below it.
 *
 *     scenario({ topic: "remote", title: { en: "…", ja: "…" }, … });
 *
 *     test("…", async ({ lab }) => { … });
 *
 * Imported outside of Vitest, such a file tells its lesson and runs nothing: `test` and `labTest` then do nothing.
 */

/** In the order in which they are told. */
export type Topic =
  | "remote"
  | "local"
  | "dynamic"
  | "other-ways"
  | "services"
  | "server-policy"
  | "firewall-and-nat"
  | "lifetime"
  | "other-servers"
  | "alternatives"
  | "myths";

/** What a person reads, in each language. */
export interface Text {
  en: string;
  ja: string;
}

export interface Scenario {
  topic: Topic;
  /** The claim, in one line. */
  title: Text;
  /** Asked before anything is run. */
  question: Text;
  /** What to write down before looking. */
  predict: Text;
  /** As a person types them, each with the host and account that it is typed on: `home$ ssh -R …`, `server# nft …`. */
  commands: readonly string[];
  /** What the lab shows. */
  seen: Text;
  /** What makes it so. */
  why: Text;
  /** First OpenSSH that can show it, e.g. `9.2`; `forwardlab run --openssh` leaves it out for older ones. */
  since?: string;
}

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

/** Whoever wants the lesson of a file puts a function here before importing it: a file of tests exports nothing. */
const listener = Symbol.for("forwardlab.scenario");

/** States the lesson; the tests that prove it stand below. */
export function scenario(lesson: Scenario): void {
  (globalThis as { [listener]?: (lesson: Scenario) => void })[listener]?.(lesson);
}
