import { formatPlace } from "../../../harness/errors.ts";

export { expect } from "vitest";
export { type Place, UserError } from "../../../harness/errors.ts";
export * from "../../../harness/probe/verdict.ts";
export const here = 1;
export { formatPlace as shown };
