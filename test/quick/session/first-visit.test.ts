import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { FirstVisit } from "../../../harness/session/first-visit.ts";

function recorded(stateful: boolean) {
  const log: string[] = [];
  const visits = new FirstVisit(() => ({
    stateful,
    statefulFor: ({ port }) => (stateful && port !== 22 ? [{ rule: "limit" }] : []),
    resetState: async () => void log.push("reset"),
  }));
  const visit = (name: string) =>
    visits.make({ port: 8080 }, async () => {
      log.push(`${name} begins`);
      await turn();
      log.push(`${name} ends`);
    });
  return { log, visits, visit };
}

test("with rules that have state, each visit is alone, on fresh rules", async () => {
  const { log, visit } = recorded(true);
  await Promise.all([visit("one"), visit("two")]);
  expect(log).toEqual(["reset", "one begins", "one ends", "reset", "two begins", "two ends"]);
});

test("without, visits go on at the same time, and nothing is reset", async () => {
  const { log, visit } = recorded(false);
  await Promise.all([visit("one"), visit("two")]);
  expect(log).toEqual(["one begins", "two begins", "one ends", "two ends"]);
});

test("a visit that fails does not keep the next one out", async () => {
  const { log, visits, visit } = recorded(true);
  await expect(visits.make({}, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  await visit("next");
  expect(log).toEqual(["reset", "reset", "next begins", "next ends"]);
});

test("what is looked at before a visit leaves no trace for it", async () => {
  const { log, visits } = recorded(true);
  await visits.make({}, async (before) => {
    await before(async () => void log.push("look"));
    log.push("visit");
  });
  expect(log).toEqual(["reset", "look", "reset", "visit"]);
});

test("visits that no rule with state can meet go on at the same time, but not beside one that counts", async () => {
  const { log, visits, visit } = recorded(true);
  const login = (name: string) =>
    visits.make({ port: 22 }, async () => {
      log.push(`${name} begins`);
      await turn();
      log.push(`${name} ends`);
    });
  await Promise.all([visit("one"), login("login"), login("other login")]);
  expect(log.slice(0, 3)).toEqual(["reset", "one begins", "one ends"]);
  expect(log.slice(3)).toEqual(["login begins", "other login begins", "login ends", "other login ends"]);
});
