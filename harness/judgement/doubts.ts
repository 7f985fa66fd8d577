/** Rules that keep a whole run from a verdict: what is blocked for the probes may be open for others. */
import { formatPlace } from "../core/errors.ts";
import type { Cause } from "../core/reason.ts";
import type { Sources } from "../core/result.ts";
import type { Admission } from "../core/verdict.ts";

/** Whoever connects chooses what the rule asks for. */
export function senderChooses({ rule, file, line }: Admission): Cause {
  return { code: "sender-chooses", params: { rule, ...(file === undefined ? {} : { place: formatPlace({ file, line }) }) } };
}

/** A class of sources may not be alike behind a rule that looks at more than their addresses. */
export function inexactSources({ rule, ...at }: Sources["inexact"][number]): Cause {
  return { code: "sources-inexact", params: { place: formatPlace(at), rule } };
}
