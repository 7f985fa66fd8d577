/** The JSON Schemas that are published with the package, made from the schemas that the code itself uses. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { diffSchema } from "../core/diff.ts";
import { diffFleetSchema } from "../core/diff-fleet.ts";
import { fleetSchema } from "../core/fleet.ts";
import { resultSchema } from "../core/result.ts";
import { reviewSchema } from "../core/review.ts";
import { reviewDiffSchema } from "../core/review-diff.ts";
import { reviewFleetSchema } from "../core/review-fleet.ts";
import { policySchema } from "./policy.ts";

/** File name in the repository's root -> content. */
export function jsonSchemas(): Record<string, string> {
  // As input: a reader of a result puts up with keys that a newer version of the tool adds.
  const render = (schema: z.ZodType) => `${JSON.stringify(z.toJSONSchema(schema, { target: "draft-7", io: "input" }), null, 2)}\n`;
  return {
    "policy.schema.json": render(policySchema),
    "result.schema.json": render(resultSchema),
    "fleet.schema.json": render(fleetSchema),
    "diff.schema.json": render(diffSchema),
    "diff-fleet.schema.json": render(diffFleetSchema),
    "review.schema.json": render(reviewSchema),
    "review-fleet.schema.json": render(reviewFleetSchema),
    "review-diff.schema.json": render(reviewDiffSchema),
  };
}

/** Writes them into a folder, by default the repository's root. (The formatter then brings them into the repository's style.) */
export async function writeSchemas(folder: string = join(import.meta.dirname, "..", "..")): Promise<void> {
  for (const [name, content] of Object.entries(jsonSchemas())) await writeFile(join(folder, name), content);
}

if (import.meta.main) await writeSchemas();
