/** The part of the policy about forwards: what is asked for, and who may reach it. */
import { z } from "zod";
import { expectations } from "../core/verdict.ts";
import { account, date, duration, family, hostAddress, hostName, listenerAddress, name, path, target } from "./schema-values.ts";

/** Which of the ways to a listener. */
const way = {
  family: family.optional(),
  address: listenerAddress
    .optional()
    .describe(
      "Only this address of the listening host; `link-local`: its link-local IPv6 addresses, which only its neighbours can use. Default: each address the vantage point can use.",
    ),
  via: hostAddress
    .optional()
    .describe("Only with this address of the listening host, on a LAN that both share, as next hop. Default: with or without it."),
};

const reachEntry = z.union([
  hostName,
  z.strictObject({
    vantage: hostName.describe("A vantage point, or `anyone` for all of them."),
    is: z.enum(expectations).optional().describe("What is expected from there: `reachable` (default), `blocked`, or one verdict."),
    ...way,
    as: account
      .optional()
      .describe("With `vantage: server`: the account whose process connects. Default: root; for a Unix socket, every account."),
  }),
]);

const key = z.union([z.int().min(1), z.string().min(1)]);

const targetEntry = z.union([
  target,
  z.strictObject({
    target: target.describe("The host:port to request from the SOCKS proxy."),
    is: z.enum(["reachable", "blocked"]).optional().describe("Whether it must be reachable through the proxy. Default: `reachable`."),
  }),
]);

export const forwardSchema = z
  .strictObject({
    from: hostName.optional().describe("The host that runs ssh. Default: home."),
    server: hostName
      .optional()
      .describe(
        "The server on which it is opened: `server`, or one of `servers`. Default: the destination of `ssh` with -J, otherwise `server`.",
      ),
    as: account.optional().describe("The account on the server. Default: the only account."),
    key: key
      .optional()
      .describe(
        "The login to use: the line number of a key in the account's authorized_keys, or its comment; or the line number of a principal in its principals file, or the principal. Default: the first that sshd accepts.",
      ),
    jump_keys: z
      .record(hostName, key)
      .optional()
      .describe("By jump host of `ssh` (a name under `servers`, or `server`): the login to use there, as under `key`. Default: the first."),
    certificate: path
      .optional()
      .describe(
        "A user's real certificate to log in with, e.g. ./id_ed25519-cert.pub. Default: the account's `certificate`, if it has one.",
      ),
    ssh: z.string().regex(/\S/).optional().describe("ssh's arguments exactly as you would type them, e.g. -R :43234:localhost:3389"),
    host: z
      .string()
      .regex(/^[^\s*?!,]+$/)
      .optional()
      .describe("Instead of `ssh`: a host of `home.ssh_config`, whose forwards are opened."),
    unit: path
      .optional()
      .describe(
        "Instead of `ssh`: a systemd service unit that runs ssh or autossh, e.g. ./etc/systemd/system/tunnel@office.service. Its drop-ins lie beside it.",
      ),
    reachable_from: z
      .array(reachEntry)
      .optional()
      .describe("Who may reach the forwarded port. EVERYONE ELSE MUST BE BLOCKED, over IPv4 and IPv6."),
    refused_by_server: z
      .boolean()
      .optional()
      .describe(
        "`true`: the server must refuse the forward, or the login; `false`: it must grant the forward. Of -L and -D, which ssh itself opens, it is the connections through them that the server refuses or grants.",
      ),
    gone_within: duration
      .optional()
      .describe(
        "For -R: how soon the server must close the port when the client has gone silent (its link is cut, its NAT forgets the connection), e.g. 90s or 5m. Up to 120 s it is measured, beyond that calculated.",
      ),
    login: z.literal("refused").optional().describe("`refused`: the server must not let the account log in."),
    targets: z
      .array(targetEntry)
      .min(1)
      .optional()
      .describe(
        "For -D and SOCKS over -R: the destinations to request from the proxy. Default: one per PermitOpen entry, and one that PermitOpen rejects.",
      ),
    together: z
      .boolean()
      .optional()
      .describe("`true`: keep this forward open at the same time as all others that set it, in the order of the file."),
  })
  .describe("A forward, and who may reach it.");

export const waiverSchema = z
  .strictObject({
    id: z.string().min(1).describe("A unique id, shown in every report."),
    forward: name.describe("The forward."),
    vantage: hostName.describe("The vantage point."),
    ...way,
    reason: z.string().regex(/\S/).describe("Why this violation is accepted."),
    owner: z.string().regex(/\S/).describe("Who is responsible for it."),
    expires: date.describe("The last day on which it applies, YYYY-MM-DD."),
  })
  .describe("Accepts a violation until a given date. An expired waiver is itself a violation; an unused one is a warning.");
