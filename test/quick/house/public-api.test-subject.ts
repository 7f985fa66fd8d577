import { formatPlace } from "../../../harness/core/errors.ts";

export { expect } from "vitest";
export { type Place, UserError } from "../../../harness/core/errors.ts";
export * from "../../../harness/core/verdict.ts";
export const here = 1;
export { formatPlace as shown };
