import type { Language } from "../../report/sentences.ts";

/** The first of the browser's languages that the pages speak. */
export function browserLanguage(): Language {
  const first = navigator.languages.find((each) => /^(en|ja)\b/.test(each));
  return first?.startsWith("ja") ? "ja" : "en";
}
