/** What was predicted, as long as the page is open. */
import { useState } from "preact/hooks";
import type { Guess } from "./prediction.ts";

/** By lesson, and by the forward's number in its run. */
const guesses = new Map<string, Guess>();
/** By lesson, in words. */
export const thoughts = new Map<string, string>();

export function useGuesses(lesson: string) {
  const [, renew] = useState(0);
  return {
    guessOf: (id: number) => guesses.get(`${lesson} ${id}`),
    guess(id: number, hosts: Guess) {
      guesses.set(`${lesson} ${id}`, hosts);
      renew((count) => count + 1);
    },
  };
}
