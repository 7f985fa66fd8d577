/** The result of a run: one versioned JSON document. Every report is a pure function of it. */
import { z } from "zod";
import { forwardKinds } from "./forward-outcome.ts";
import { type Layer, layers } from "./reason.ts";
import { expectations, verdicts } from "./verdict.ts";

/** Raised when a reader of older results would misread a new one. */
export const resultVersion = 1;

export const outcomes = ["pass", "fail", "inconclusive"] as const;
export type Outcome = (typeof outcomes)[number];

/** What became of one expectation. `optional`: nothing was expected; whatever was seen is fine. */
export const statuses = ["held", "violated", "waived", "inconclusive", "optional"] as const;
export type Status = (typeof statuses)[number];

const family = z.union([z.literal(4), z.literal(6)]);
const place = {
  file: z.string().optional().describe("Relative to the policy file."),
  line: z.int().min(1).optional().describe("1-based."),
};

export const paramsSchema = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string()).readonly()]))
  .describe("The values in the sentence: names, addresses, settings.");

const words = {
  code: z.string().describe("Stable code in kebab-case, for scripts."),
  params: paramsSchema,
  text: z.string().describe("The same as an English sentence."),
};
const rule = z.string().optional().describe("The firewall rule or config line, e.g. `inet filter input policy drop` or `GatewayPorts no`.");
export const decidedBySchema = z.object({ layer: z.enum(layers), ...words, rule, ...place }).describe("What decided.");
export const unprovenSchema = z.object({ ...words, rule, ...place }).describe("Why there is no verdict. Only with `inconclusive`.");
export const hintSchema = z.object(words);
export const affectedSchema = z.object({ forward: z.string(), vantage: z.string(), family: family.nullable() });
const remedy = z
  .object({
    summary: hintSchema.describe("What to change; code `no-single-change` if none of the changes tried fixes it, alone or together."),
    further: z
      .array(hintSchema)
      .min(1)
      .optional()
      .describe("What else to change: only together with `summary` does it fix this. The patch holds all of it."),
    patch: z.string().nullable().describe("Unified diff relative to the policy's folder, for `patch -p1`."),
    tried: z.literal(true),
    stillKeptOut: z
      .array(affectedSchema)
      .optional()
      .describe("The server grants the forward with this change, but these still do not get in: something else keeps them out."),
    nearest: z
      .object({
        change: hintSchema,
        opens: z.array(affectedSchema).describe("Who would get in and must not."),
        breaks: z.array(affectedSchema).describe("Whose expectation would be violated otherwise."),
      })
      .optional()
      .describe("With `no-single-change`: a change that fixes this violation, but does harm. It is no remedy."),
  })
  .describe(
    "A change to the user's files that was tried in the lab: it fixes this violation and opens nothing else. Absent: nothing was tried.",
  );

const traceStep = z.object({
  at: z.string(),
  what: z.string(),
  verdict: z.enum(["accept", "drop", "continue", "reject"]).optional(),
});

const evidence = z
  .object({
    from: z.string().optional(),
    seenAs: z.string().optional(),
    arrived: z.boolean().optional(),
    connect: z.string().optional(),
    peerSeenByService: z.string().optional(),
    nonce: z.enum(["match", "mismatch", "none"]).optional(),
    received: z.string().optional(),
    trace: z.array(traceStep).optional(),
    ms: z.number().optional(),
    note: z.string().optional(),
  })
  .describe("Proof of what was observed. Everything that differs from run to run is here.");

/** What tells a cell from every other one of the same run. */
export const cellNameSchema = z.object({
  forward: z.string(),
  vantage: z.string(),
  family: family.nullable().describe("null: a Unix socket has none."),
  target: z
    .string()
    .describe(
      "`address:port`, IPv6 in brackets, a link-local address with the interface of the vantage point (`[fe80::10%eth0]:2222`); for a Unix socket its path and the account that opens it, `/run/x.sock as bob`.",
    ),
  via: z.string().optional().describe("The listening host's address on the shared LAN that was used as next hop."),
  as: z.string().optional().describe("The account on the listening host that connected. Absent for a port: root."),
});

const cell = z
  .object({
    ...cellNameSchema.shape,
    expected: z.enum(expectations).nullable().describe("null: nothing is expected."),
    observed: z.enum(verdicts),
    ok: z.boolean().describe("False for a violation, waived or not, and for a required cell that is inconclusive."),
    status: z.enum(statuses),
    waiver: z.string().nullable().describe("Id of the waiver that covers a violation."),
    decidedBy: decidedBySchema.nullable(),
    unproven: unprovenSchema.optional(),
    next: hintSchema.optional().describe("Where to look next. Not a remedy: it suggests no change to a file."),
    remedy: remedy.optional(),
    evidence,
  })
  .describe("One forward, probed from one vantage point at one address.");

export const settingSchema = z.object({ keyword: z.string(), value: z.string(), ...place });

const forward = z
  .object({
    name: z.string(),
    from: z.string(),
    server: z.string().optional().describe("The host whose sshd it was opened at. Absent: `server`."),
    jump: z.array(z.string()).readonly().optional().describe("The servers that ssh went through (-J), in order."),
    account: z.string(),
    ssh: z.string(),
    kind: z.enum(forwardKinds).nullable(),
    requested: z.string().nullable().describe("The listener as requested, e.g. `:43234`."),
    granted: z.boolean().nullable().describe("null: unknown."),
    expected: z.enum(["granted", "refused"]).nullable().describe("null: nothing is expected of the forward itself."),
    login: z.literal("refused").optional().describe("The policy wants the login itself to fail."),
    ok: z.boolean(),
    status: z.enum(statuses),
    decidedBy: decidedBySchema.nullable(),
    next: hintSchema.optional(),
    remedy: remedy.optional(),
    gone: z
      .object({
        within: z.number().describe("Seconds that the policy allows (`gone_within`)."),
        seconds: z.number().nullable().describe("After so many the port was gone, or is by calculation; null: it is not, or never."),
        how: z.enum(["measured", "calculated"]),
      })
      .optional()
      .describe("How long the server keeps the port after the client has gone silent."),
    effective: z.record(z.string(), z.string()).describe("sshd's effective settings for this login, lower-case keywords."),
    settings: z.array(settingSchema).describe("The same, with the line that sets each."),
    keyOptions: z.string(),
    listensOn: z.string().nullable(),
    listeners: z.array(z.string()).describe("`address:port`, IPv6 in brackets; a Unix socket as `/run/x.sock (srw------- owner:group)`."),
    place: z.object(place).optional().describe("Where it is in the policy."),
    clientLog: z.string(),
    serverLog: z.string(),
  })
  .describe("One requested forward and its outcome.");

const waiver = z.object({
  id: z.string(),
  forward: z.string(),
  vantage: z.string(),
  family: family.nullable(),
  address: z.string().optional().describe("Left out: every address. `link-local`: each link-local one."),
  via: z.string().optional().describe("Next hop. Left out: with and without one."),
  reason: z.string(),
  owner: z.string(),
  expires: z.string(),
  state: z.enum(["used", "unused", "expired"]),
  place: z.object(place).optional().describe("Where it is in the policy."),
});

export const provenanceSchema = z
  .object({
    startedAt: z.string().optional().describe("ISO 8601."),
    durationMs: z.number().optional(),
    engine: z.object({ name: z.string(), version: z.string().optional() }).optional(),
    kernel: z.string().optional(),
    openssh: z.object({ server: z.string(), client: z.string().optional() }).optional().describe("Versions as the programs print them."),
    images: z.array(z.object({ host: z.string(), name: z.string(), id: z.string() })).describe("Image of each container."),
    forwards: z.array(z.string()).optional().describe("All forwards of the policy, whether or not this run verified them."),
    only: z.array(z.string()).optional().describe("The forwards that `--only` named."),
    shard: z
      .object({ index: z.int().min(1), count: z.int().min(1) })
      .optional()
      .describe("The part that `--shard` selected."),
    configs: z.array(z.object({ file: z.string(), sha256: z.string() })).describe("The user's files that the lab used."),
    adaptations: z.array(z.string()).describe("What the lab added or changed beyond the user's files, as English sentences."),
    adaptationDetails: z
      .array(
        z.object({
          ...words,
          host: z.string().optional(),
          every: z.enum(["host", "container"]).optional().describe("In place of `host`."),
        }),
      )
      .optional()
      .describe("`adaptations` as codes with parameters, in the same order. Absent in documents of earlier versions."),
    nat: z
      .array(z.object({ router: z.string(), kind: z.string(), measured: z.string(), params: paramsSchema.optional() }))
      .describe("The measured behaviour of each NAT."),
    selfCheck: z
      .array(
        z.object({
          name: z.string(),
          ok: z.boolean(),
          detail: z.string().optional(),
          code: words.code.optional().describe("Stable code in kebab-case: with its `params`, the name for other languages."),
          params: paramsSchema.optional(),
        }),
      )
      .describe("The lab's self-check. Empty: it did not run."),
  })
  .describe("Where the verdicts come from.");

const link = z.union([z.object({ lan: z.string() }), z.object({ router: z.string() })]);
const topology = z
  .object({
    lans: z.record(z.string(), z.object({ ipv4: z.string().optional(), ipv6: z.string().optional() })),
    routers: z.record(
      z.string(),
      z.object({
        uplink: z.object({ router: z.string(), address: z.string().optional() }).optional(),
        lans: z.record(z.string(), z.array(z.string())),
        nat: z.enum(["none", "masquerade"]).optional(),
        portForwards: z.array(z.object({ port: z.int(), to: z.object({ address: z.string(), port: z.int() }) })).optional(),
        inbound: z.enum(["drop", "accept"]).optional(),
      }),
    ),
    hosts: z.record(z.string(), z.object({ interfaces: z.array(z.object({ name: z.string(), link, addresses: z.array(z.string()) })) })),
  })
  .describe("The lab's network.");

const prefixes = z.array(z.string()).describe("The fewest prefixes that together are exactly these addresses.");
/** The same warnings for other languages, and for programs. */
export const warningDetailsSchema = z
  .array(
    z.object({
      ...words,
      server: z.string().optional().describe("The server that it is about, where the policy has several."),
      ...place,
      column: z.int().min(1).optional().describe("1-based."),
    }),
  )
  .optional()
  .describe("`warnings` as codes with parameters, in the same order. Absent in documents of earlier versions.");

export const sourcesSchema = z
  .object({
    classes: z
      .array(
        z.object({
          family,
          prefixes,
          vantage: z
            .string()
            .describe("The vantage point whose cells stand for all of them; one made for the class is named by its address."),
          address: z.string().describe("The one of them that the server sees its packets come from."),
          rest: z.literal(true).optional().describe("No rule and no list names any of them."),
        }),
      )
      .describe("Source addresses that no rule of the server's firewall distinguishes."),
    uncovered: z
      .array(z.object({ family, prefixes, because: z.enum(["private", "taken", "link-local"]) }))
      .describe(
        "Addresses that nothing stands for: `private`: no network of the server's leads there; `taken`: the lab's own machines have them; `link-local`: they belong to neighbours that the lab does not have.",
      ),
    inexact: z
      .array(z.object({ file: z.string(), line: z.int().min(1).optional(), rule: z.string() }))
      .describe("Rules that distinguish sources by more than written addresses: the classes may be too coarse."),
  })
  .describe("The server's whole source address space (`--world`).");

export const resultSchema = z
  .object({
    schemaVersion: z.literal(resultVersion),
    tool: z.object({ name: z.string(), version: z.string() }),
    policy: z.object({ file: z.string() }).describe("The policy's path as given by the user."),
    outcome: z.enum(outcomes),
    reasons: z
      .array(z.object({ status: z.enum(["violated", "inconclusive"]), ...words }))
      .describe("Why the outcome is not `pass`, apart from cells and forwards: expired waivers, a failed self-check, nothing selected."),
    counts: z.record(z.enum(statuses), z.int()).describe("Expectations (cells and forwards) by status."),
    provenance: provenanceSchema,
    topology,
    sources: sourcesSchema.optional(),
    forwards: z.array(forward),
    cells: z.array(cell),
    waivers: z.array(waiver),
    warnings: z.array(z.string()).describe("What else to know, as English sentences."),
    warningDetails: warningDetailsSchema,
  })
  .meta({ title: "forwardlab result", description: "What `forwardlab verify` observed, and its verdicts." });

export type Result = z.infer<typeof resultSchema>;
export type ResultCell = Result["cells"][number];
export type ResultForward = Result["forwards"][number];
export type Provenance = Result["provenance"];
export type DecidedBy = z.infer<typeof decidedBySchema>;
export type Sources = z.infer<typeof sourcesSchema>;
export type Remedy = z.infer<typeof remedy>;
export type ToldWarning = NonNullable<z.infer<typeof warningDetailsSchema>>[number];

/** The same before `report/` has put it into words: no `text` anywhere, and of warnings and adaptations only the codes. */
export type Unworded<T> = T extends readonly (infer Each)[]
  ? [Extract<Each, object>] extends [never]
    ? T
    : Unworded<Each>[]
  : T extends object
    ? { [Key in keyof T as Key extends "text" | "warnings" | "adaptations" ? never : Key]: Unworded<T[Key]> }
    : T;

/** What `diff` compares: no times, no logs, no evidence, nothing that differs between two runs of the same policy. */
export interface Comparable {
  forwards: { name: string; ssh: string; granted: boolean | null; listeners: string[] }[];
  cells: {
    forward: string;
    vantage: string;
    family: 4 | 6 | null;
    target: string;
    via?: string;
    as?: string;
    observed: ResultCell["observed"];
    layer: Layer | null;
  }[];
}

/** The part of a result that `diff` compares. A port that the server chose (`-R 0`) is shown as 0. */
export function comparable(result: Result): Comparable {
  const chosen = new Set(result.forwards.filter((one) => /(^|:)0$/.test(one.requested ?? "")).map((one) => one.name));
  const stable = (forwardName: string, target: string) => (chosen.has(forwardName) ? target.replace(/:\d+(?= → |$)/, ":0") : target);
  return {
    forwards: result.forwards.map((one) => ({
      name: one.name,
      ssh: one.ssh,
      granted: one.granted,
      listeners: one.listeners.map((listener) => stable(one.name, listener)),
    })),
    cells: result.cells.map((one) => ({
      forward: one.forward,
      vantage: one.vantage,
      family: one.family,
      target: stable(one.forward, one.target),
      ...(one.via === undefined ? {} : { via: one.via }),
      ...(one.as === undefined ? {} : { as: one.as }),
      observed: one.observed,
      layer: one.decidedBy?.layer ?? null,
    })),
  };
}

/** Exit code of a run with this outcome: 0, 1 (confirmed violation), 2 (no trustworthy verdict). */
export function exitCode({ outcome }: Pick<Result, "outcome">): 0 | 1 | 2 {
  return exitCodes[outcome];
}

const exitCodes = { pass: 0, fail: 1, inconclusive: 2 } as const;
