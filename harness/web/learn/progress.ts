/** What a learner has done, kept by the browser. */
import type { Catalogue, Lesson } from "../../core/lesson.ts";

export interface Progress {
  lessons: readonly string[];
  exercises: readonly string[];
}

export const nothingDone: Progress = { lessons: [], exercises: [] };

const key = "forwardlab.learn";

type Store = Pick<Storage, "getItem" | "setItem">;

/** Whatever else stands there, or where nothing may be kept: nothing is done. */
export function readProgress(store: () => Store): Progress {
  try {
    const { lessons, exercises } = JSON.parse(store().getItem(key) ?? "{}") as Partial<Record<keyof Progress, unknown>>;
    return { lessons: namesIn(lessons), exercises: namesIn(exercises) };
  } catch {
    return nothingDone;
  }
}

function namesIn(value: unknown): string[] {
  return Array.isArray(value) ? [...new Set(value.filter((each) => typeof each === "string"))] : [];
}

/** Where it cannot be kept it lasts as long as the page. */
export function keepProgress(store: () => Store, progress: Progress): void {
  try {
    store().setItem(key, JSON.stringify(progress));
  } catch {}
}

export function withDone(progress: Progress, kind: keyof Progress, name: string): Progress {
  return progress[kind].includes(name) ? progress : { ...progress, [kind]: [...progress[kind], name] };
}

/** In the order of the course, then of the library. */
export function lessonsInOrder({ lessons, course, library }: Catalogue): Lesson[] {
  const byName = new Map(lessons.map((lesson) => [lesson.name, lesson]));
  const names = [...course, ...library].flatMap((chapter) => chapter.lessons);
  return [...new Set(names)].flatMap((name) => byName.get(name) ?? []);
}

/** The first lesson of the course that is not done. */
export function nextToDo(catalogue: Catalogue, { lessons }: Progress): string | undefined {
  return catalogue.course.flatMap((chapter) => chapter.lessons).find((name) => !lessons.includes(name));
}

/** The one after this in the course. */
export function lessonAfter(catalogue: Catalogue, name: string): Lesson | undefined {
  const all = lessonsInOrder(catalogue);
  const at = all.findIndex((lesson) => lesson.name === name);
  return at === -1 ? undefined : all[at + 1];
}

/** `3.2`: chapter and place in it; undefined for a lesson of the library. */
export function numberOf({ course }: Catalogue, name: string): string | undefined {
  for (const [chapter, { lessons }] of course.entries()) {
    const at = lessons.indexOf(name);
    if (at !== -1) return `${chapter + 1}.${at + 1}`;
  }
  return undefined;
}

/** Lessons whose title, name or question has all of the words. */
export function found(lessons: readonly Lesson[], query: string): Lesson[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return lessons.filter(({ name, title, question }) => {
    const text = [name, title.en, title.ja, question.en, question.ja].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
