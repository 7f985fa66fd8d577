/** Errors in another language: the form of their words. */
import type { FaultCode, FaultParams } from "../core/fault.ts";

/** What is left out stays as it is in the error, where it quotes; an empty text takes its place away. */
export interface FaultWords {
  message: string;
  found?: string;
  expected?: string;
  todo?: string;
}

export type FaultTable = { readonly [Code in FaultCode]: (is: FaultParams<Code>) => FaultWords };
