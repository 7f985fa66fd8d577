/** What each language says of the warnings' codes. Types only: the compiler holds the tables complete. */
import type { WarningCode, WarningParams } from "../core/warning.ts";

export type WarningTable = { readonly [Code in WarningCode]: (is: WarningParams<Code>) => string };
