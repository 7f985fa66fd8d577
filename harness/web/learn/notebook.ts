/** What a learner has written down: predictions, thoughts, drafts of exercises. Kept by the browser, each under a key of its own. */
import type { EditedFile, Exercise } from "../../core/lesson.ts";
import type { Guess } from "./prediction.ts";

/** What is handed in of an exercise. */
export interface Draft {
  files: readonly EditedFile[];
  commands: Readonly<Record<string, string>>;
}

type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const prefix = "forwardlab.learn";

export class Notebook {
  readonly #store: () => Store;
  /** Of this page: where nothing may be kept, it lasts as long. */
  readonly #written = new Map<string, unknown>();

  constructor(store: () => Store) {
    this.#store = store;
  }

  /** @param id the forward's number in the lesson's run */
  guessOf(lesson: string, id: number): Guess | undefined {
    const read = this.#read(guessKey(lesson, id));
    return Array.isArray(read) && read.every((each) => typeof each === "string") ? read : undefined;
  }

  guess(lesson: string, id: number, hosts: Guess): void {
    this.#write(guessKey(lesson, id), hosts);
  }

  thoughtOf(lesson: string): string {
    const read = this.#read(thoughtKey(lesson));
    return typeof read === "string" ? read : "";
  }

  think(lesson: string, text: string): void {
    this.#write(thoughtKey(lesson), text === "" ? undefined : text);
  }

  /** The exercise as it was left; what is not known of it, or no longer part of it, is as given. */
  draftOf({ name, files, commands }: Exercise): Draft {
    const read = recordIn(this.#read(draftKey(name)));
    const texts = recordIn(read.files);
    const typed = recordIn(read.commands);
    const textOf = (own: Readonly<Record<string, unknown>>, key: string, given: string) => {
      const text = Object.hasOwn(own, key) ? own[key] : undefined;
      return typeof text === "string" ? text : given;
    };
    return {
      files: files.map((file) => ({ name: file.name, text: textOf(texts, file.name, file.text) })),
      commands: Object.fromEntries(Object.entries(commands).map(([forward, given]) => [forward, textOf(typed, forward, given)])),
    };
  }

  /** Nothing is kept of what is as given. */
  keepDraft(exercise: Exercise, { files, commands }: Draft): void {
    const changedFiles = files.filter(({ text }, at) => text !== exercise.files[at]?.text);
    const changedCommands = Object.entries(commands).filter(([forward, text]) => text !== exercise.commands[forward]);
    const draft = {
      files: Object.fromEntries(changedFiles.map(({ name, text }) => [name, text])),
      commands: Object.fromEntries(changedCommands),
    };
    this.#write(draftKey(exercise.name), changedFiles.length + changedCommands.length === 0 ? undefined : draft);
  }

  #read(key: string): unknown {
    if (this.#written.has(key)) return this.#written.get(key);
    try {
      return JSON.parse(this.#store().getItem(key) ?? "null");
    } catch {
      return undefined;
    }
  }

  /** `undefined` removes it. */
  #write(key: string, value: unknown): void {
    this.#written.set(key, value);
    try {
      if (value === undefined) this.#store().removeItem(key);
      else this.#store().setItem(key, JSON.stringify(value));
    } catch {}
  }
}

const guessKey = (lesson: string, id: number) => `${prefix}.guess.${lesson}.${id}`;
const thoughtKey = (lesson: string) => `${prefix}.thought.${lesson}`;
const draftKey = (exercise: string) => `${prefix}.draft.${exercise}`;

function recordIn(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
