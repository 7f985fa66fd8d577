/** What changed between two fleets: the comparison of each server's results. One versioned JSON document, of which every report is a pure function. */
import { z } from "zod";
import { cellChanges } from "./cell-change.ts";
import { diffOutcomes, diffSchema } from "./diff.ts";
import { serverErrorSchema } from "./fleet.ts";

/** Raised when a reader of older comparisons would misread a new one. */
export const diffFleetVersion = 1;

export const serverChanges = ["added", "removed", "kept"] as const;

const server = z
  .object({
    name: z.string().describe("The policy's folder, or its file, by which both sides are matched; unique."),
    change: z.enum(serverChanges).describe("`added`, `removed`: only one side has this policy. `kept`: both have it."),
    diff: diffSchema
      .nullable()
      .describe(
        "As `diff` gives it for this policy alone; of a policy that one side lacks, every cell is new or gone. null: there is an error instead.",
      ),
    error: serverErrorSchema.nullable(),
  })
  .describe("One policy.");

export const diffFleetSchema = z
  .object({
    schemaVersion: z.literal(diffFleetVersion),
    kind: z.literal("diff-fleet"),
    tool: z.object({ name: z.string(), version: z.string() }),
    outcome: z
      .enum(diffOutcomes)
      .describe("`exposure-added` if one of the servers has it; else `inconclusive` if one of them could not be compared."),
    before: z.string().describe("The side as the user named it."),
    after: z.string(),
    counts: z.record(z.enum([...cellChanges, "same"]), z.int()).describe("Cells of all servers by change."),
    servers: z.array(server),
  })
  .meta({
    title: "forwardlab diff of fleets",
    description: "What `forwardlab diff` found changed between the results of several policies.",
  });

export type DiffFleet = z.infer<typeof diffFleetSchema>;
export type DiffFleetServer = DiffFleet["servers"][number];
