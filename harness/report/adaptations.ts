/** What the lab added, in words: where, then what and why. */
import type { Adaptation } from "../core/adaptation.ts";
import type { Provenance, Unworded } from "../core/result.ts";
import type { AdaptationTable } from "./adaptation-table.ts";
import { english } from "./adaptations-en.ts";
import { japanese } from "./adaptations-ja.ts";
import type { Language } from "./sentences.ts";
import { toldIn } from "./told-in.ts";

export const adaptationTables: Record<Language, AdaptationTable> = { en: english, ja: japanese };

/** Throws if the code is unknown. */
export function adaptationText(adaptation: Adaptation, language: Language = "en"): string {
  const { every, what } = adaptationTables[language];
  const { code, params } = adaptation;
  if (!Object.hasOwn(what, code)) throw new Error(`no ${language} words for the adaptation \`${code}\``);
  const where = "every" in adaptation ? every[adaptation.every] : adaptation.host;
  return `${where}: ${(what[code] as (is: typeof params) => string)(params)}`;
}

/** As documents have them: the English text, and the codes. */
export function toldAdaptations({ adaptationDetails: details = [], ...provenance }: Unworded<Provenance>): Provenance {
  const adaptationDetails = details.map((each) => ({ ...each, text: adaptationText(each as Adaptation) }));
  return { ...provenance, adaptations: adaptationDetails.map(({ text }) => text), adaptationDetails };
}

/** A document's adaptations in a language; those without a code, or with an unknown one, as they were written. */
export function adaptationsIn(
  { adaptations, adaptationDetails = [] }: Pick<Provenance, "adaptations" | "adaptationDetails">,
  language: Language,
): string[] {
  return toldIn(adaptations, adaptationDetails, language, (detail, to) => adaptationText(detail as unknown as Adaptation, to));
}
