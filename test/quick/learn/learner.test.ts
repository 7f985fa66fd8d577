/** What is done for a learner's pages, with labs that only tell what they are. */
import { expect, test } from "vitest";
import type { LearnMessage, LiveEvent, RecordedRun } from "../../../harness/core/lesson.ts";
import { Learner, type Means } from "../../../harness/learn/server/learner.ts";
import type { LivePort } from "../../../harness/learn/server/live-port.ts";

/** Each lesson's network is named by its first letter. */
function meansThatTell(told: string[]): Means {
  const lessons = ["a1", "a2", "b1"].map((name) => ({ name }) as Means["catalogue"]["lessons"][number]);
  return {
    catalogue: { lessons, course: [], library: [], exercises: [] },
    run: async (lesson) => ({ lesson, events: [] }),
    grade: () => Promise.reject(new Error("not asked for")),
    startLive: async ({ lesson }: RecordedRun): Promise<LivePort> => {
      const [network] = lesson;
      const listeners = new Set<(event: LiveEvent) => void>();
      told.push(`${network} starts`);
      return {
        fits: (run) => run.lesson[0] === network,
        onEvent: (listener) => {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
        begin: async (run) => {
          told.push(`${run.lesson} in ${network}`);
          for (const listener of listeners) listener({ type: "begun", lesson: run.lesson, files: [], commands: [] });
        },
        use: async () => undefined,
        check: async () => undefined,
        terminal: () => Promise.reject(new Error("not asked for")),
        [Symbol.asyncDispose]: async () => void told.push(`${network} ends`),
      };
    },
  };
}

test("lessons in the same network share a lab; another network ends it, and what is told of it", async () => {
  const told: string[] = [];
  const learner = new Learner(meansThatTell(told));
  const heard: LearnMessage[] = [];
  learner.join((message) => heard.push(message));
  for (const lesson of ["a1", "a2", "b1", "a1"]) await learner.handle({ do: "try", lesson }, () => undefined);
  expect(told).toEqual(["a starts", "a1 in a", "a2 in a", "a ends", "b starts", "b1 in b", "b ends", "a starts", "a1 in a"]);
  const later: LearnMessage[] = [];
  learner.join((message) => later.push(message));
  expect(later.flatMap((message) => (message.of === "live" ? [message.event] : []))).toEqual([
    { type: "begun", lesson: "a1", files: [], commands: [] },
  ]);
  await learner[Symbol.asyncDispose]();
  expect(told.at(-1)).toBe("a ends");
});
