/** The words of each adaptation's code in a language. Types only: the compiler ensures that the tables are complete. */
import type { AdaptationCode, AdaptationParams } from "../core/adaptation.ts";

export interface AdaptationTable {
  every: { host: string; container: string };
  what: { readonly [Code in AdaptationCode]: (is: AdaptationParams<Code>) => string };
}
