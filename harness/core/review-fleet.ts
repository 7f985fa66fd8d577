/** The reviews of every server of a policy: one versioned JSON document. Every report of them is a pure function of it. */
import { z } from "zod";
import { audiences } from "./audience.ts";
import { serverErrorSchema } from "./fleet.ts";
import { reviewOutcomes, reviewSchema } from "./review.ts";

/** Raised when a reader of older documents would misread a new one. */
export const reviewFleetVersion = 1;

const server = z
  .object({
    name: z.string().describe("`server`, or its name under `servers`."),
    review: reviewSchema.nullable().describe("As `review --server NAME` gives it; null: there is an error instead."),
    error: serverErrorSchema.nullable(),
  })
  .describe("One server of the policy.");

export const reviewFleetSchema = z
  .object({
    schemaVersion: z.literal(reviewFleetVersion),
    kind: z.literal("review-fleet"),
    tool: z.object({ name: z.string(), version: z.string() }),
    subject: z.string().describe("The policy, as the user named it."),
    outcome: z.enum(reviewOutcomes).describe("`complete`: every server was reviewed, and each review is complete."),
    counts: z.record(z.enum(audiences), z.int()).describe("Findings of all servers by audience."),
    startedAt: z.string().describe("ISO 8601."),
    durationMs: z.number(),
    servers: z.array(server),
  })
  .meta({ title: "forwardlab reviews", description: "What `forwardlab review` found of each server of a policy." });

export type ReviewFleet = z.infer<typeof reviewFleetSchema>;
export type ReviewedServerResult = ReviewFleet["servers"][number];
