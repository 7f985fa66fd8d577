/** What every part of a page needs: its language, its words, and the state that its address holds. */
import { type ComponentChildren, createContext } from "preact";
import { useContext, useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Language } from "../../report/sentences.ts";
import { type HashState, readHash, writeHash } from "./hash.ts";
import type { PageWords } from "./word-table.ts";
import { pageWords } from "./words.ts";

export interface Page {
  language: Language;
  words: PageWords;
  state: HashState;
  /** An empty value removes its key. With `step`, Back undoes it. */
  set(change: HashState, step?: boolean): void;
}

const PageContext = createContext<Page | undefined>(undefined);

export function usePage(): Page {
  const page = useContext(PageContext);
  if (!page) throw new Error("outside of a page");
  return page;
}

export function useWords(): PageWords {
  return usePage().words;
}

/** Where a mail program shows the page in a frame without an address of its own, the state lives in the page alone. */
function remember(address: string, step: boolean): void {
  try {
    if (step) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
  } catch (error) {
    if (!(error instanceof DOMException && error.name === "SecurityError")) throw error;
  }
}

/** Holds the state of the page, and keeps the address's hash and the document's language in step with it. */
export function PageState({ language, children }: { language: Language; children: ComponentChildren }) {
  const [state, setState] = useState<HashState>(() => readHash(location.hash));
  const current = useRef(state);
  current.current = state;
  useEffect(() => {
    const read = () => setState(readHash(location.hash));
    addEventListener("hashchange", read);
    addEventListener("popstate", read);
    return () => {
      removeEventListener("hashchange", read);
      removeEventListener("popstate", read);
    };
  }, []);
  const shown: Language = state.lang === "en" || state.lang === "ja" ? state.lang : language;
  useEffect(() => {
    document.documentElement.lang = shown;
  }, [shown]);
  const page = useMemo<Page>(
    () => ({
      language: shown,
      words: pageWords[shown],
      state,
      set(change, step = false) {
        const next = { ...current.current, ...change };
        remember(`${location.pathname}${location.search}${writeHash(next)}`, step);
        current.current = next;
        setState(readHash(writeHash(next)));
      },
    }),
    [shown, state],
  );
  return <PageContext.Provider value={page}>{children}</PageContext.Provider>;
}
