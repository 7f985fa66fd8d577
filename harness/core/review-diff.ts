/** What changed between two reviews: one versioned JSON document. */
import { z } from "zod";
import { diffOutcomes } from "./diff.ts";
import { findingSchema } from "./review.ts";

/** Raised when a reader of older comparisons would misread a new one. */
export const reviewDiffVersion = 1;

const side = z.object({
  name: z.string().describe("The side as the user named it."),
  subject: z.string().describe("What was reviewed."),
  files: z.array(z.string()).describe("The files that it was made of, as the review names them."),
  openssh: z.string().nullable(),
});

export const reviewDiffSchema = z
  .object({
    schemaVersion: z.literal(reviewDiffVersion),
    kind: z.literal("review-diff"),
    tool: z.object({ name: z.string(), version: z.string() }),
    outcome: z.enum(diffOutcomes),
    before: side,
    after: side,
    opened: z.array(findingSchema).describe("Findings of the review after that expose something which the review before did not."),
    gone: z.array(findingSchema).describe("Findings of the review before that nobody of such a wide audience reaches any more."),
    changed: z
      .array(z.object({ before: findingSchema, after: findingSchema }))
      .describe("Findings of the same cause that are about other ports, accounts or addresses, and expose nothing new."),
    settings: z
      .array(z.object({ principal: z.string(), keyword: z.string(), before: z.string().nullable(), after: z.string().nullable() }))
      .describe("Effective settings of principals that both reviews have, as `Keyword value`."),
    principals: z.object({ added: z.array(z.string()), removed: z.array(z.string()) }),
    rest: z.int().describe("Findings that are the same on both sides."),
  })
  .meta({ title: "forwardlab review diff", description: "What `forwardlab diff` found changed between two reviews." });

export type ReviewDiff = z.infer<typeof reviewDiffSchema>;
