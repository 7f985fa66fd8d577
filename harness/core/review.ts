/** The result of a review: everything that a server's accounts could expose, and to whom. One versioned JSON document; every report is a function of it. */
import { z } from "zod";
import { audiences } from "./audience.ts";
import { decidedBySchema, hintSchema, provenanceSchema, settingSchema, sourcesSchema, warningDetailsSchema } from "./result.ts";

/** Raised when a reader of older reviews would misread a new one. */
export const reviewVersion = 1;

export const reviewOutcomes = ["complete", "inconclusive"] as const;

/** What the server can be asked to dial. `listed`: a target that a list (PermitOpen, permitopen) names. */
export const targetKinds = ["loopback", "socket", "own", "lan", "metadata", "internet", "listed"] as const;
export type TargetKind = (typeof targetKinds)[number];

export const findingKinds = ["listener", "socket", "target", "tunnel", "x11", "agent", "settings"] as const;
export type FindingKind = (typeof findingKinds)[number];

const prefixes = z.array(z.string());
const place = { file: z.string().optional().describe("Relative to the reviewed folder or policy."), line: z.int().min(1).optional() };
const ports = z.string().describe("Ports and ranges, e.g. `1024-2999, 3001-65535`.");
const principalIds = z.array(z.string()).describe("Ids of `principals`.");

const principal = z
  .object({
    id: z.string().describe("Stable within the same files, e.g. `alice keys/alice:3 from 10.0.0.0/8`."),
    account: z.string(),
    login: z
      .object({
        options: z.string().describe('Options of the key line, "" for none.'),
        ...place,
        certificate: z.boolean(),
      })
      .describe("The line of the account's files that logs in."),
    from: prefixes.describe("Client addresses that sshd treats alike. All of them stand for this one principal."),
    to: z
      .object({ addresses: z.array(z.string()), ports: z.array(z.int()) })
      .optional()
      .describe("Where on the server it arrives, as `Match LocalAddress` and `LocalPort` distinguish. Left out: they distinguish none."),
    vantage: z.string().nullable().describe("The host that logged in for it; null: none could."),
    loggedIn: z.boolean(),
    refusedBy: decidedBySchema.nullable().describe("Why it cannot log in."),
    settings: z.array(settingSchema).describe("sshd's settings for it, with the line that sets each."),
  })
  .describe("Somebody whom the server lets in, or might: an account, one of its key lines, and where the login comes from.");

const request = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("listener"),
    bind: z.string().describe("Bind forms, as typed before the port: `` for none, `:`, `*:`, `[::]:`."),
    ports,
  }),
  z.object({ kind: z.literal("target"), target: z.string(), of: z.enum(targetKinds) }),
  z.object({ kind: z.enum(["socket", "tunnel", "x11", "agent"]) }),
]);

const answer = z
  .object({
    request,
    example: z.string().describe("Arguments of ssh."),
    principals: principalIds,
    granted: z.boolean(),
    listeners: z.array(z.string()).describe("Addresses that listened, IPv6 in brackets."),
    reached: z.boolean().optional().describe("Of a target: the service there answered."),
    refusedBy: decidedBySchema.nullable(),
  })
  .describe("What principals asked for, and what the server answered.");

const reach = z
  .object({
    listeners: z.array(z.string()).describe("Addresses that listen, IPv6 in brackets."),
    ports,
    example: z.string(),
    principal: z.string(),
    classes: z.array(
      z.object({
        family: z.union([z.literal(4), z.literal(6)]),
        vantage: z.string(),
        reached: z.boolean(),
        verdicts: z.array(z.string()).describe("What was seen at the server's addresses."),
      }),
    ),
    server: z.boolean().describe("Processes of the server reach it."),
    decidedBy: z.array(decidedBySchema).describe("What lets visitors in."),
  })
  .describe("Who reaches a listener of this kind: probed from one address of each class.");

const visitors = z.object({
  prefixes: prefixes.describe("Exactly these source addresses, as prefixes; neighbours on the server's LAN not among them."),
  families: z.array(
    z.object({
      family: z.union([z.literal(4), z.literal(6)]),
      rest: z.boolean().describe("Every address that no rule names is among them."),
      except: prefixes.describe("With `rest`: those that are not."),
      only: prefixes.describe("Without `rest`: all of them."),
    }),
  ),
});

const gets = {
  visitors: visitors.nullable().describe("null: nobody but the account, or processes of the server."),
  lan: z.boolean().describe("Neighbours on the server's LAN get it, too."),
  lans: z.array(z.string()).describe("On which of them, by the server's interface; empty where the server has but one."),
};

const destination = z
  .object({
    address: z.string().describe("An address of the server, or of the router before it, as visitors dial it."),
    all: z.boolean().describe("No visitor of the finding who can dial it was seen to be kept out."),
    ...gets,
  })
  .describe("Who of a finding's visitors reaches its listener at one of the server's addresses.");

const reviewRemedy = z
  .object({
    summary: hintSchema,
    further: z
      .array(hintSchema)
      .min(1)
      .optional()
      .describe("What else to change: only together with `summary` does it take the finding away."),
    patch: z.string().nullable(),
    tried: z.literal(true),
    also: z.array(z.string()).describe("Ids of other findings that go with it, or shrink."),
  })
  .describe("A change to the user's files that was tried in the lab: with it the finding is gone, and nothing else opens.");

export const findingSchema = z
  .object({
    id: z.string().describe("Stable for the same finding of the same files."),
    kind: z.enum(findingKinds),
    audience: z.enum(audiences),
    ...hintSchema.shape,
    principals: principalIds,
    accounts: z.array(z.string()),
    ports: ports.optional(),
    listeners: z.array(z.string()),
    targets: z.array(z.string()),
    example: z.string(),
    ...gets,
    destinations: z.array(destination).describe("Of a listener: the server's addresses that its visitors can dial."),
    server: z.boolean().describe("Other accounts of the server get it, too."),
    decidedBy: z.array(decidedBySchema).describe("Config lines and firewall rules that let it."),
    passed: z.array(z.string()).describe("Layers of defence that it passes, in order."),
    remedy: reviewRemedy.optional(),
    references: z.array(z.object({ standard: z.string(), item: z.string() })),
  })
  .describe("Something that somebody could expose, merged over principals and ports that are alike.");

const newlyOpen = z.object({
  ...hintSchema.shape,
  audience: z.enum(audiences),
  accounts: z.array(z.string()),
  ports: ports.optional(),
  listeners: z.array(z.string()),
  ...gets,
  destinations: z.array(destination),
});

export const effects = ["opens", "moves", "closes", "backed-up", "none", "refused"] as const;

const mutation = z
  .object({
    change: z.enum(["removed", "changed"]),
    file: z.string(),
    line: z.int().min(1),
    rule: z.string().describe("The rule, setting, option or element as it stands there."),
    instead: z.string().describe("What stood there for the trial; empty: nothing."),
    effect: z
      .enum(effects)
      .describe(
        "`opens`: something is exposed that was not, so the line alone holds it back; `moves`: something opens, something else closes; `closes`: the line is what exposes it; `backed-up`: it decides, and without it another layer does the same; `none`: no effect; `refused`: sshd or the firewall's tool refuses the changed files.",
      ),
    audience: z.enum(audiences).nullable().describe("The widest who would get something new."),
    opens: z.array(newlyOpen).describe("What would be exposed, the widest first; at most three."),
    closes: z.int().describe("How many exposures would go."),
    noticed: z.boolean().nullable().describe("Would the policy fail? null: there is no policy, or nothing opens."),
  })
  .describe("One change at one place of the user's files, tried in the lab.");

const reachedFrom = z
  .union([
    z.string(),
    z.object({
      vantage: z.string(),
      family: z.union([z.literal(4), z.literal(6)]).optional(),
      address: z.string().optional(),
      via: z.string().optional(),
      is: z.enum(["wrong-service", "blocked"]).optional(),
    }),
  ])
  .describe("An entry of `reachable_from` in a policy.");

const proposal = z
  .object({ as: z.string(), ssh: z.string(), refused: z.boolean(), reachableFrom: z.array(reachedFrom) })
  .describe(
    "A forward for the policy that would notice such a change. `refused`: the server refuses it today; otherwise who reaches it today.",
  );

const sensitivity = z
  .object({
    mutations: z.array(mutation),
    score: z
      .object({ noticed: z.int(), of: z.int() })
      .nullable()
      .describe("Of the changes that open something, how many the policy notices."),
    proposals: z.array(proposal),
    notTried: z
      .array(z.object({ file: z.string(), line: z.int().min(1), rule: z.string(), ...hintSchema.shape }))
      .describe("What may decide, too, and was not changed, with the reason."),
  })
  .describe("What each line of defence is worth (`--what-if`).");

const covered = z.object({
  file: z.string(),
  line: z.int().min(1),
  rule: z.string().describe("The rule, or the setting, as written."),
  state: z
    .enum(["decided", "met", "unmet", "unrelated"])
    .describe(
      "`decided`: it let somebody through or stopped them; `met`: it was passed on the way; `unmet`: no probe and no login ever met it; `unrelated`: not about forwards.",
    ),
});

export const reviewSchema = z
  .object({
    schemaVersion: z.literal(reviewVersion),
    kind: z.literal("review"),
    tool: z.object({ name: z.string(), version: z.string() }),
    subject: z.string().describe("What was reviewed, as the user named it."),
    server: z
      .string()
      .optional()
      .describe(
        "Of a policy with several servers: the one that was reviewed, `server` or its name under `servers`. Left out: there is but one.",
      ),
    outcome: z.enum(reviewOutcomes),
    reasons: z.array(hintSchema).describe("Why it is not complete."),
    counts: z.record(z.enum(audiences), z.int()).describe("Findings by audience."),
    provenance: provenanceSchema,
    sources: sourcesSchema,
    ports: z
      .array(
        z.object({
          ports,
          asked: z.array(z.int()).describe("Ports that stood for all of them; empty: the server's own services have them."),
        }),
      )
      .describe("Ports that no rule and no list distinguishes."),
    principals: z.array(principal),
    answers: z.array(answer),
    reach: z.array(reach),
    findings: z.array(findingSchema).describe("Widest audience first."),
    coverage: z.array(covered).describe("Firewall rules and sshd_config lines, in the order of the files."),
    sensitivity: sensitivity.optional(),
    agreement: z
      .object({ asked: z.int(), differing: z.array(z.string()) })
      .describe("Requests that were repeated with a separate ssh, and those that came out differently."),
    warnings: z.array(z.string()).describe("What else to know, as English sentences."),
    warningDetails: warningDetailsSchema,
  })
  .meta({ title: "forwardlab review", description: "What `forwardlab review` found that accounts of a server could expose." });

export type Review = z.infer<typeof reviewSchema>;
export type ReviewFinding = Review["findings"][number];
export type ReviewPrincipal = Review["principals"][number];
export type ReviewAnswer = Review["answers"][number];
export type ReviewReach = Review["reach"][number];
export type Sensitivity = NonNullable<Review["sensitivity"]>;
export type ReviewMutation = Sensitivity["mutations"][number];
export type ReviewProposal = Sensitivity["proposals"][number];
export type CoveredLine = Review["coverage"][number];
