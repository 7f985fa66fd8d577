import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { topics } from "../../../harness/learn/topics.ts";
import type { Scenario } from "../../../harness/vitest/scenario.ts";
import { root } from "../house/imports.ts";

const paths = globSync("scenarios/**/*.scenario.ts", { cwd: root }).sort();
const texts = ["title", "question", "predict", "seen", "why"] as const;

describe("every scenario is a lesson that can be read without running it", () => {
  let told: { path: string; lesson: Scenario }[] = [];
  beforeAll(async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, "tell-lessons.ts")], { timeout: 60_000 });
    told = JSON.parse(stdout);
  }, 60_000);

  test("one each", () => {
    expect(told.map(({ path }) => path)).toEqual(paths);
  });

  test.for(paths)("%s", (path) => {
    const lesson = told.find((each) => each.path === path)?.lesson as Scenario;
    expect(Object.keys(topics)).toContain(lesson.topic);
    for (const key of texts) {
      expect(lesson[key].en, key).toMatch(/^[\x20-\x7e…]{10,}$/);
      expect(lesson[key].ja, key).toMatch(/[ぁ-ん]/);
    }
    for (const key of ["question", "predict"] as const) expect(lesson[key].en, key).toMatch(/\?$/);
    expect(lesson.commands.length).toBeGreaterThan(0);
    for (const command of lesson.commands)
      expect(command).toMatch(/^(home|home-lan|other-lan|campus|internet|server|staff|core|relay)[$#] \S/);
  });

  test("no two make the same claim", () => {
    const titles = told.flatMap(({ lesson }) => [lesson.title.en, lesson.title.ja]);
    expect(titles.filter((title, at) => titles.indexOf(title) !== at)).toEqual([]);
  });
});
