/** The results of several policies in one run: one versioned JSON document. Every report of a fleet is a pure function of it. */
import { z } from "zod";
import { outcomes, resultSchema, statuses } from "./result.ts";

/** Raised when a reader of older fleets would misread a new one. */
export const fleetVersion = 1;

const oneErrorSchema = z
  .object({
    code: z.string().describe("Stable code, as in docs/errors.md."),
    message: z.string(),
    place: z.object({ file: z.string(), line: z.int().min(1).optional(), column: z.int().min(1).optional() }).optional(),
    found: z.string().optional(),
    expected: z.string().optional(),
    todo: z.string().optional(),
    log: z.string().optional(),
    fault: z
      .object({ code: z.string(), params: z.record(z.string(), z.unknown()) })
      .optional()
      .describe("The same as a code with parameters, for other languages."),
  })
  .describe("Why this server has no result.");

export const serverErrorSchema = oneErrorSchema.extend({
  errors: z.array(oneErrorSchema).optional().describe("Of several errors in one policy, each; `log` has them as English text."),
});

const server = z
  .object({
    name: z.string().describe("The policy's folder, or its file; unique."),
    policy: z.string().describe("The policy's path as given by the user."),
    result: resultSchema.nullable().describe("As `verify` gives it for this policy alone; null: there is an error instead."),
    error: serverErrorSchema.nullable(),
  })
  .describe("One policy.");

export const fleetSchema = z
  .object({
    schemaVersion: z.literal(fleetVersion),
    kind: z.literal("fleet"),
    tool: z.object({ name: z.string(), version: z.string() }),
    outcome: z
      .enum(outcomes)
      .describe("`fail`: a violation was proven on one of them; else `inconclusive` if one of them has no trustworthy verdict."),
    counts: z.record(z.enum(statuses), z.int()).describe("Expectations of all servers by status."),
    startedAt: z.string().describe("ISO 8601."),
    durationMs: z.number(),
    labs: z.int().describe("Labs that were started."),
    policies: z.array(z.string()).describe("Names of all servers, whether or not this run verified them."),
    shard: z
      .object({ index: z.int().min(1), count: z.int().min(1) })
      .optional()
      .describe("The part that `--shard` selected."),
    servers: z.array(server),
  })
  .meta({ title: "forwardlab fleet", description: "What `forwardlab verify` observed of several policies, and its verdicts." });

export type Fleet = z.infer<typeof fleetSchema>;
export type FleetServer = Fleet["servers"][number];
export type ServerError = z.infer<typeof serverErrorSchema>;
