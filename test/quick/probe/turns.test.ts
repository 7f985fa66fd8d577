import { expect, test } from "vitest";
import { Turns } from "../../../harness/probe/turns.ts";

/** Work that notes its beginning and its end, and ends when it is told. */
function recorder() {
  const log: string[] = [];
  const work = (name: string) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const run = async () => {
      log.push(`${name} begins`);
      await promise;
      log.push(`${name} ends`);
      return name;
    };
    return { run, end: resolve };
  };
  return { log, work };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("shared work goes on together; work alone waits for it, and what comes later waits for that", async () => {
  const turns = new Turns();
  const { log, work } = recorder();
  const [one, two, alone, later] = [work("one"), work("two"), work("alone"), work("later")];
  const all = [turns.shared("key", one.run), turns.shared("key", two.run), turns.alone("key", alone.run), turns.shared("key", later.run)];
  for (const { end } of [one, two, alone, later]) {
    await settled();
    log.push("-");
    end();
  }
  expect(await Promise.all(all)).toEqual(["one", "two", "alone", "later"]);
  expect(log).toEqual([
    ...["one begins", "two begins", "-", "one ends", "-", "two ends"],
    ...["alone begins", "-", "alone ends", "later begins", "-", "later ends"],
  ]);
});

test("one alone after the other; another key waits for nobody; a failure holds nobody up", async () => {
  const turns = new Turns();
  const { log, work } = recorder();
  const [first, second, other] = [work("first"), work("second"), work("other")];
  const failing = turns.alone("key", async () => {
    await first.run();
    throw new Error("no");
  });
  const waiting = turns.alone("key", second.run);
  const elsewhere = turns.shared("other", other.run);
  await settled();
  expect(log).toEqual(["other begins", "first begins"]);
  other.end();
  first.end();
  await expect(failing).rejects.toThrow("no");
  second.end();
  expect([await waiting, await elsewhere]).toEqual(["second", "other"]);
  expect(log.indexOf("second begins")).toBeGreaterThan(log.indexOf("first ends"));
});

test("shared work of two kinds takes turns", async () => {
  const turns = new Turns();
  const { log, work } = recorder();
  const [one, two, three] = [work("one"), work("two"), work("three")];
  const all = [turns.shared("key", one.run, "a"), turns.shared("key", two.run, "b"), turns.shared("key", three.run, "a")];
  for (const { end } of [one, three, two]) {
    await settled();
    log.push("-");
    end();
  }
  expect(await Promise.all(all)).toEqual(["one", "two", "three"]);
  expect(log).toEqual(["one begins", "three begins", "-", "one ends", "-", "three ends", "two begins", "-", "two ends"]);
});
