/** The part of the policy about forwards: what is asked for, and who may reach it. */
import { z } from "zod";
import { expectations } from "../core/verdict.ts";
import { account, date, family, hostAddress, hostName, name, target } from "./schema-values.ts";

const reachEntry = z.union([
  hostName,
  z.strictObject({
    vantage: hostName.describe("The vantage point, or `anyone`: every one."),
    is: z.enum(expectations).optional().describe("What must be seen from there: `reachable` (default), `blocked`, or one verdict."),
    family: family.optional(),
    address: hostAddress.optional().describe("Only this address of the listening host. Left out: each address the vantage can name."),
    as: account
      .optional()
      .describe("With `vantage: server`: the account whose process connects there. Left out: root; of a Unix socket every account."),
  }),
]);

const targetEntry = z.union([
  target,
  z.strictObject({
    target: target.describe("host:port that the SOCKS proxy is asked for."),
    is: z.enum(["reachable", "blocked"]).optional().describe("Whether the proxy must lead there. Left out: `reachable`."),
  }),
]);

export const forwardSchema = z
  .strictObject({
    from: hostName.optional().describe("The host that runs ssh. Left out: home."),
    as: account.optional().describe("The account on the server. Left out: the only account there is."),
    key: z
      .union([z.int().min(1), z.string().min(1)])
      .optional()
      .describe("Which key logs in: its line number in the account's authorized_keys, or its comment. Left out: the first."),
    ssh: z.string().regex(/\S/).optional().describe("ssh's arguments exactly as a person types them, e.g. -R :43234:localhost:3389"),
    host: z
      .string()
      .regex(/^[^\s*?!,]+$/)
      .optional()
      .describe("Instead of `ssh`: a host of `home.ssh_config`, whose forwards are opened."),
    reachable_from: z
      .array(reachEntry)
      .optional()
      .describe("Who may reach the forwarded port. EVERYTHING ELSE MUST BE BLOCKED, over IPv4 and IPv6."),
    refused_by_server: z
      .boolean()
      .optional()
      .describe("`true`: the server must refuse the forward, or the login itself; `false`: it must grant it."),
    login: z.literal("refused").optional().describe("`refused`: the account must not be able to log in at all."),
    targets: z
      .array(targetEntry)
      .min(1)
      .optional()
      .describe(
        "Of -D and SOCKS over -R: what the proxy is asked for. Left out: each target that PermitOpen lets through, and one that it does not.",
      ),
    together: z.boolean().optional().describe("`true`: open at the same time as the other forwards that say so, in the order of the file."),
  })
  .describe("One forward, opened on its own, and who may reach it.");

export const waiverSchema = z
  .strictObject({
    id: z.string().min(1).describe("Unique, shown in every report."),
    forward: name.describe("The forward."),
    vantage: hostName.describe("The vantage point."),
    family: family.optional(),
    reason: z.string().regex(/\S/).describe("Why this violation is accepted."),
    owner: z.string().regex(/\S/).describe("Who answers for it."),
    expires: date.describe("Last day on which it holds, YYYY-MM-DD."),
  })
  .describe("A violation accepted for a while. Expired: a violation itself. Unused: a warning.");
