/** A document's sentences in another language, by the codes beside them. */
import type { Language } from "./sentences.ts";

/** Those without a code, or with one that `tell` does not know and throws for, stay as they were written. */
export function toldIn<Detail extends { text: string }>(
  texts: readonly string[],
  details: readonly Detail[],
  language: Language,
  tell: (detail: Detail, language: Language) => string,
): string[] {
  if (language === "en") return [...texts];
  const known = new Map(details.map((each) => [each.text, each]));
  return texts.map((text) => {
    const detail = known.get(text);
    try {
      return detail ? tell(detail, language) : text;
    } catch {
      return text;
    }
  });
}
