/** What changed between two results: one versioned JSON document. Every report of a comparison is a pure function of it. */
import { z } from "zod";
import { cellChanges } from "./cell-change.ts";
import { layers } from "./reason.ts";
import { cellNameSchema, decidedBySchema, outcomes, settingSchema, statuses, unprovenSchema, warningDetailsSchema } from "./result.ts";
import { expectations, verdicts } from "./verdict.ts";

/** Raised when a reader of older comparisons would misread a new one. */
export const diffVersion = 1;

export const diffOutcomes = ["exposure-added", "no-exposure-added", "inconclusive"] as const;
export type DiffOutcome = (typeof diffOutcomes)[number];

const cellSide = z.object({
  observed: z.enum(verdicts),
  expected: z.enum(expectations).nullable(),
  status: z.enum(statuses),
  decidedBy: decidedBySchema.nullable(),
  unproven: unprovenSchema.optional(),
});

const changedCell = z
  .object({
    change: z.enum(cellChanges),
    ...cellNameSchema.shape,
    before: cellSide.nullable().describe("null: the cell is not in this result."),
    after: cellSide.nullable().describe("null: the cell is not in this result."),
    lost: z.array(z.enum(layers)).describe("Layers that stopped the packet before and are proven to let it through now."),
    gained: z.array(z.enum(layers)).describe("Layers that let the packet through before and are proven to stop it now."),
  })
  .describe("A cell that differs, or whose comparison proves nothing. A port that the server chose is shown as 0.");

const forwardSide = z.object({
  ssh: z.string(),
  from: z.string(),
  account: z.string(),
  granted: z.boolean().nullable().describe("null: unknown."),
  listensOn: z.string().nullable(),
  listeners: z.array(z.string()),
  keyOptions: z.string(),
  decidedBy: decidedBySchema.nullable(),
});

const settingChange = z
  .object({ keyword: z.string(), before: settingSchema.nullable(), after: settingSchema.nullable() })
  .describe("An effective setting of sshd for this forward's login.");

export const forwardChanges = ["added", "removed", "changed", "not-verified", "unknown"] as const;

const changedForward = z.object({
  name: z.string(),
  change: z
    .enum(forwardChanges)
    .describe(
      "`not-verified`: the policies of both sides have it, but one of the results leaves it out (`--only`, `--shard`). `unknown`: one of the results does not tell whether it was granted, and has no cell of it.",
    ),
  before: forwardSide.nullable(),
  after: forwardSide.nullable(),
  settings: z.array(settingChange),
});

const side = z.object({
  name: z.string().describe("The side as the user named it."),
  policy: z.string(),
  outcome: z.enum(outcomes).describe("The outcome of that result on its own."),
  openssh: z.string().nullable(),
  tool: z.string(),
});

export const diffSchema = z
  .object({
    schemaVersion: z.literal(diffVersion),
    tool: z.object({ name: z.string(), version: z.string() }),
    outcome: z.enum(diffOutcomes),
    before: side,
    after: side,
    files: z
      .array(z.object({ file: z.string(), change: z.enum(["added", "removed", "changed"]) }))
      .describe("The user's files whose content differs."),
    counts: z.record(z.enum([...cellChanges, "same"]), z.int()).describe("Cells by change."),
    forwards: z.array(changedForward),
    cells: z.array(changedCell),
    warnings: z.array(z.string()).describe("Warnings that only the result after has."),
    warningDetails: warningDetailsSchema,
  })
  .meta({ title: "forwardlab diff", description: "What `forwardlab diff` found changed between two results." });

export type Diff = z.infer<typeof diffSchema>;
export type ChangedCell = Diff["cells"][number];
export type ChangedForward = Diff["forwards"][number];

/** Exit code of a comparison: 1 when exposure was added, 2 when the comparison cannot be trusted. */
export function diffExitCode({ outcome }: Pick<Diff, "outcome">): 0 | 1 | 2 {
  return exitCodes[outcome];
}

const exitCodes = { "exposure-added": 1, "no-exposure-added": 0, inconclusive: 2 } as const;
