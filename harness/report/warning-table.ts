/** The words of each warning code in a language. Types only: the compiler ensures that the tables are complete. */
import type { WarningCode, WarningParams } from "../core/warning.ts";

export type WarningTable = { readonly [Code in WarningCode]: (is: WarningParams<Code>) => string };
