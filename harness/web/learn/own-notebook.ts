/** The notebook of this page. */
import { useState } from "preact/hooks";
import { Notebook } from "./notebook.ts";
import type { Guess } from "./prediction.ts";

export const notebook = new Notebook(() => localStorage);

export function useGuesses(lesson: string) {
  const [, renew] = useState(0);
  return {
    guessOf: (id: number) => notebook.guessOf(lesson, id),
    guess(id: number, hosts: Guess) {
      notebook.guess(lesson, id, hosts);
      renew((count) => count + 1);
    },
  };
}
