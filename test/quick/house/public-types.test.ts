/** What a user's program may rely on in the types of the package. `tsc` checks these; running them costs nothing. */
import { expectTypeOf, test } from "vitest";
import type * as library from "../../../harness/index.ts";
import type {
  Diff,
  Engine,
  Fleet,
  ForwardHandle,
  ForwardLab,
  Judged,
  LabSpecOf,
  PolicyErrors,
  Result,
  ResultCell,
  Review,
  UserError,
  Verdict,
} from "../../../harness/index.ts";
import type * as fixtures from "../../../harness/vitest/index.ts";

type Library = typeof library;

test("each verb gives the document of its name", () => {
  expectTypeOf<Library["verifyPolicy"]>().returns.resolves.toEqualTypeOf<Result>();
  expectTypeOf<Library["verifyFleet"]>().returns.resolves.toEqualTypeOf<Fleet>();
  expectTypeOf<Library["reviewPath"]>().returns.resolves.toEqualTypeOf<Review>();
  expectTypeOf<Library["diffResults"]>().returns.toEqualTypeOf<Diff>();
  expectTypeOf<Library["ensureEngine"]>().returns.resolves.toEqualTypeOf<Engine>();
  expectTypeOf<Library["verifyPolicy"]>().parameter(0).toBeString();
  // @ts-expect-error a policy is named by its path
  expectTypeOf<Library["verifyPolicy"]>().parameter(0).toBeNumber();
});

test("the words of a result are a closed set", () => {
  expectTypeOf<ResultCell["observed"]>().toExtend<Verdict>();
  expectTypeOf<Verdict>().toEqualTypeOf<"reached" | "wrong-service" | "closed" | "refused" | "filtered" | "unreachable" | "inconclusive">();
  expectTypeOf<Library["verdicts"]>().items.toEqualTypeOf<Verdict>();
});

test("what is started can be disposed of, and errors are told apart", () => {
  expectTypeOf<ForwardLab>().toExtend<AsyncDisposable>();
  expectTypeOf<ForwardHandle>().toExtend<AsyncDisposable>();
  expectTypeOf<PolicyErrors>().toExtend<Error>();
  expectTypeOf<UserError["code"]>().toBeString();
  expectTypeOf<Judged>().not.toBeAny();
});

test("a lab knows its hosts by name", () => {
  expectTypeOf<LabSpecOf<"a" | "b">>().not.toBeAny();
  expectTypeOf<typeof fixtures.test>().not.toBeAny();
  expectTypeOf<typeof fixtures.labTest>().toBeFunction();
});
