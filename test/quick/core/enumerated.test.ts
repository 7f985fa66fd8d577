import { expect, test } from "vitest";
import { enumerated, enumeratedJa } from "../../../harness/core/enumerated.ts";
import { listed } from "../../../harness/openssh/model/sentence.ts";

test.each([
  [[], "", ""],
  [["p443"], "p443", "p443"],
  [["p443", "q443"], "p443 and q443", "p443 と q443"],
  [["p443", "q443", "r443"], "p443, q443 and r443", "p443、q443、r443"],
])("%j in a sentence", (items, en, ja) => {
  expect([enumerated(items), enumeratedJa(items)]).toEqual([en, ja]);
  expect(listed(items)).toEqual({ en, ja });
});
