import fc from "fast-check";
import { expect, test } from "vitest";
import { applyCandidate } from "../../../../harness/judgement/remedies/apply.ts";
import { editsBetween, placedIn } from "../../../../harness/judgement/remedies/edits-between.ts";

const none = { code: "c", params: {} };

test("the edits make the second state of the first", () => {
  const lines = fc.array(fc.constantFrom("a", "b", "c", "Match User x", ""), { maxLength: 8 });
  fc.assert(
    fc.property(lines, lines, (one, other) => {
      const before = { kept: "k\n", file: one.map((line) => `${line}\n`).join("") };
      const after = { kept: "k\n", file: other.map((line) => `${line}\n`).join("") };
      const edits = editsBetween(before, after);
      expect(applyCandidate(before, { ...none, edits })).toEqual(after);
      expect(edits.every(({ file }) => file === "file")).toBe(true);
    }),
  );
});

test("lines that are only moved have no edit", () => {
  expect(editsBetween({ fw: "a\nb\nc\n" }, { fw: "a\nc\n" })).toEqual([{ file: "fw", line: 2, action: "replace", lines: [] }]);
  expect(editsBetween({ fw: "a\n" }, { fw: "a\nMatch User x\n" })).toEqual([
    { file: "fw", line: 2, action: "before", lines: ["Match User x"], opensMatch: true },
  ]);
});

test("a place is told as it is in the user's own file", () => {
  const before = { fw: "1\n2\n3\n4\n", other: "1\n2\n3\n" };
  const after = { fw: "1\nnew\n3\n4\n5\n", other: "1\n2\n3\n" };
  const placed = (place: string) => placedIn(before, after, { ...none, params: { place }, edits: [] }).params.place;
  expect(placed("fw:4")).toBe("fw:4");
  expect(placedIn({ fw: "1\n2\n3\n" }, { fw: "1\n3\n" }, { ...none, params: { place: "fw:2" }, edits: [] }).params.place).toBe("fw:3");
  expect(placed("other:3")).toBe("other:3");
  // The user has no such line.
  expect([placed("fw:2"), placed("fw:5")]).toEqual(["fw:2", "fw:5"]);
});
