/** What a run tells of its stages, in words. */
import type { Step } from "../core/step.ts";
import type { Language } from "./sentences.ts";
import { japanese } from "./steps-ja.ts";

export function stepText({ code, params, text, server }: Step, language: Language): string {
  if (language === "en") return text;
  const words = (japanese[code] as (is: typeof params) => string)(params);
  return server === undefined ? words : `${server}: ${words}`;
}
