import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { atMost } from "../../../harness/session/at-most.ts";

test("all items, in their order, never more at a time than allowed", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 20 }), async (count, turns) => {
      let running = 0;
      let most = 0;
      const results = await atMost(count, turns, async (wait, index) => {
        most = Math.max(most, ++running);
        for (let each = 0; each < wait; each++) await turn();
        running--;
        return index;
      });
      expect(results).toEqual(turns.map((_, index) => index));
      expect(most).toBeLessThanOrEqual(count);
    }),
    { numRuns: 50 },
  );
});

test("after a failure nothing more begins, and what had begun has ended when it rejects", async () => {
  const begun: number[] = [];
  let ended = 0;
  const work = atMost(2, [0, 1, 2, 3], async (item) => {
    begun.push(item);
    if (item === 0) throw new Error("no");
    await turn();
    ended++;
  });
  await expect(work).rejects.toThrow("no");
  expect({ begun, ended }).toEqual({ begun: [0, 1], ended: 1 });
});
