/** The policy file: its schema, and the TypeScript type of the same shape. */
import { z } from "zod";
import { isUnicast, parseAddress, parseInterface, parseTarget } from "../core/address.ts";
import { type Expectation, expectations } from "../core/verdict.ts";

/** OpenSSH versions for which the lab has an image. */
export const opensshVersions = ["8.4", "9.2", "10.0", "10.6"] as const;

/** A check that says what is wrong in the parts of an error message. */
function text(pattern: RegExp | undefined, check: (value: string) => { expected: string; todo?: string } | undefined) {
  const base = pattern ? z.string().regex(pattern) : z.string();
  return base.superRefine((value, context) => {
    const wrong = check(value);
    if (wrong) context.addIssue({ code: "custom", message: `not ${wrong.expected}`, params: wrong });
  });
}

const name = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/);
const account = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/);
const path = z.string().min(1);
const port = z.int().min(1).max(65535);

const cidr = text(undefined, (value) => {
  const parsed = parseInterface(value);
  if (!parsed) {
    const bare = parseAddress(value);
    return {
      expected: "an address with its prefix length, e.g. 133.1.17.5/24 or 2001:db8:17::5/64",
      todo: bare ? `write ${value}/${bare.family === 4 ? 24 : 64} (with the length that the network really has)` : undefined,
    };
  }
  return isUnicast(parsed) ? undefined : { expected: "an address that a host can have (unicast, not link-local)" };
});

const hostAddress = text(undefined, (value) => {
  const parsed = parseAddress(value);
  if (!parsed) {
    return {
      expected: "an IPv4 or IPv6 address without prefix length, e.g. 192.0.2.66",
      todo: parseInterface(value) ? `write ${value.split("/")[0]}` : undefined,
    };
  }
  return isUnicast(parsed) ? undefined : { expected: "an address that a host can have (unicast, not link-local)" };
});

const publicAddress = text(undefined, (value) => {
  const parsed = parseAddress(value);
  return parsed?.family === 4 && isUnicast(parsed) ? undefined : { expected: "an IPv4 address without prefix length, e.g. 203.0.113.50" };
});

const date = text(undefined, (value) => {
  const parsed = new Date(`${value}T00:00:00Z`);
  const valid = /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(value);
  return valid ? undefined : { expected: "a date YYYY-MM-DD, e.g. 2027-03-31" };
});

const servicePlace = text(undefined, (value) => {
  if (value.startsWith("/")) return undefined;
  const target = /^\d+$/.test(value) ? { address: "127.0.0.1", port: Number(value) } : parseTarget(value);
  const valid = target && target.port >= 1 && target.port <= 65535 && parseAddress(target.address);
  return valid
    ? undefined
    : { expected: "a port (1-65535), address:port or the path of a socket, e.g. 8080, 127.0.0.1:5432, [::1]:5432, /run/app.sock" };
});

const portKey = text(undefined, (value) =>
  /^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= 65535 ? undefined : { expected: "a port, 1-65535" },
);

const family = z.union([z.literal(4), z.literal(6)]).describe("4 or 6: only this address family. Left out: both.");

const services = z
  .record(servicePlace, z.string().regex(/^[a-z][a-z0-9-]*$/))
  .describe(
    "What listens: a port, address:port or the path of a Unix socket, and the name of the service there, e.g. `8080: http`. A bare port listens on every address; a socket may be opened by every account.",
  );

const accountSchema = z
  .strictObject({
    authorized_keys: path
      .optional()
      .describe(
        "The account's real authorized_keys file. Options are kept, key material is replaced by the lab's. Left out: one plain key.",
      ),
    groups: z.array(account).optional().describe("Groups the account belongs to besides its own (for AllowGroups, Match Group)."),
    uid: z.int().min(0).max(65533).optional().describe("Numeric user id. Left out: chosen by the lab (root: 0)."),
    shell: z.string().regex(/^\//).optional().describe("Login shell, e.g. /usr/sbin/nologin. Left out: /bin/bash."),
  })
  .describe("One account on the server.");

const serverSchema = z
  .strictObject({
    sshd_config: path.describe("The server's sshd_config, unchanged: a file, or a folder laid out like /etc/ssh (Include works)."),
    firewall: z
      .union([path, z.tuple([path, path])])
      .optional()
      .describe("An nft ruleset (includes work), or iptables-save dumps [IPv4, IPv6]. Left out: no firewall."),
    openssh: z.enum(opensshVersions).optional().describe('OpenSSH version of the server, in quotes, e.g. "10.0". Left out: 10.0.'),
    image: z.string().min(1).optional().describe("An image of your own for the server instead of `openssh`, e.g. registry/name:tag."),
    accounts: z
      .record(account, accountSchema)
      .optional()
      .describe("Accounts to create on the server. Left out: one plain account `tunnel`."),
    services: services
      .optional()
      .describe("Extra things that listen on the server: port, address:port or the path of a Unix socket, and the name of the service."),
  })
  .describe("The server whose config and firewall are put to the test.");

const serverInterface = z.strictObject({
  interface: z
    .string()
    .regex(/^[^\s/]{1,15}$/)
    .optional()
    .describe("Interface name as firewall rules know it (iifname). Left out: eth0, eth1, …"),
  address: z.array(cidr).min(1).describe("The server's addresses on it, with prefix length, of both families unless `ipv6: false`."),
  ipv6: z.literal(false).optional().describe("`false`: this interface has no IPv6. Needed when `address` lists no IPv6 address."),
});

const behind = z
  .union([z.enum(["none", "nat"]), z.tuple([z.literal("nat")]), z.tuple([z.literal("nat"), z.literal("cgnat")])], {
    error: () => "`none`, `nat` or `[nat, cgnat]`",
  })
  .describe(
    "`nat`: a home router with NAT; `[nat, cgnat]`: and the provider's NAT in front of it; `none`: a router that neither translates nor filters.",
  );

const onLan = z
  .strictObject({
    lan: name
      .or(serverInterface.shape.interface.unwrap())
      .describe("Whose LAN: `server`, the name of one of the server's interfaces, `home`, or a vantage that is `behind` a router."),
    address: z.array(cidr).min(1).optional().describe("Its addresses on that LAN, with prefix length. Left out: free ones are chosen."),
  })
  .describe("A machine on somebody's LAN.");

const behindRouter = z
  .strictObject({
    behind,
    public: publicAddress.describe("The IPv4 address that others see."),
    address: z
      .array(cidr)
      .min(1)
      .optional()
      .describe("Its own addresses: private IPv4 and routed IPv6, with prefix length. Left out: chosen."),
  })
  .describe("A machine behind a router of its own.");

const onInternet = z
  .strictObject({ address: z.array(hostAddress).min(1).describe("Its addresses, without prefix length.") })
  .describe("A machine straight on the internet.");

const vantageSchema = z.union([onLan, behindRouter, onInternet]).describe("Where a vantage point stands.");

const homeNetwork = z
  .strictObject({
    behind: behind.optional(),
    public: publicAddress.optional().describe("The IPv4 address that the server sees as home's. Left out: 203.0.113.7."),
    address: z
      .array(cidr)
      .min(1)
      .optional()
      .describe("Home's own addresses: private IPv4 and routed IPv6, with prefix length. Left out: chosen."),
    port_forward: z
      .record(portKey, port)
      .optional()
      .describe("Ports that home's router forwards to home: port on the router, port on home."),
  })
  .describe("How home is connected. Left out: NAT behind CG-NAT, seen as 203.0.113.7.");

const networkSchema = z
  .strictObject({
    server: z
      .union([serverInterface, z.array(serverInterface).min(1)])
      .optional()
      .describe("The server's interface, or a list of them."),
    vantages: z
      .record(name, vantageSchema)
      .optional()
      .describe(
        "Vantage points: the ones that always exist (campus, other-lan, internet, home-lan) with addresses of your own, and further ones.",
      ),
    home: homeNetwork.optional(),
  })
  .describe("Addresses and interfaces. Left out: the article's lab.");

const reachEntry = z.union([
  name,
  z.strictObject({
    vantage: name.describe("The vantage point."),
    is: z.enum(expectations).optional().describe("What must be seen from there: `reachable` (default), `blocked`, or one verdict."),
    family: family.optional(),
    address: hostAddress.optional().describe("Only this address of the listening host. Left out: each address the vantage can name."),
  }),
]);

const forwardSchema = z
  .strictObject({
    from: name.optional().describe("The host that runs ssh. Left out: home."),
    as: account.optional().describe("The account on the server. Left out: the only account there is."),
    key: z
      .union([z.int().min(1), z.string().min(1)])
      .optional()
      .describe("Which key logs in: its line number in the account's authorized_keys, or its comment. Left out: the first."),
    ssh: z.string().regex(/\S/).describe("ssh's arguments exactly as a person types them, e.g. -R :43234:localhost:3389"),
    reachable_from: z
      .array(reachEntry)
      .optional()
      .describe("Who may reach the forwarded port. EVERYTHING ELSE MUST BE BLOCKED, over IPv4 and IPv6."),
    refused_by_server: z.boolean().optional().describe("`true`: the server must refuse the forward itself; `false`: it must grant it."),
  })
  .describe("One forward, opened on its own, and who may reach it.");

const waiverSchema = z
  .strictObject({
    id: z.string().min(1).describe("Unique, shown in every report."),
    forward: name.describe("The forward."),
    vantage: name.describe("The vantage point."),
    family: family.optional(),
    reason: z.string().regex(/\S/).describe("Why this violation is accepted."),
    owner: z.string().regex(/\S/).describe("Who answers for it."),
    expires: date.describe("Last day on which it holds, YYYY-MM-DD."),
  })
  .describe("A violation accepted for a while. Expired: a violation itself. Unused: a warning.");

/** The policy file, as YAML gives it. Adds no defaults, changes nothing: type and file have the same shape. */
export const policySchema = z
  .strictObject({
    server: serverSchema,
    network: networkSchema.optional(),
    home: z
      .strictObject({ services: services.optional().describe("What runs at home. Left out: whatever the forwards point at.") })
      .optional()
      .describe("The machine at home."),
    forwards: z.record(name, forwardSchema).describe("The forwards to put to the test, by name."),
    waivers: z.array(waiverSchema).optional().describe("Violations accepted for a while."),
  })
  .meta({ title: "forwardlab policy", description: "Which SSH forwards a server grants, and who may reach them." });

export type Policy = z.infer<typeof policySchema>;
export type PolicyForward = Policy["forwards"][string];
export type PolicyWaiver = NonNullable<Policy["waivers"]>[number];
export type PolicyVantage = z.infer<typeof vantageSchema>;
export type PolicyServerInterface = z.infer<typeof serverInterface>;
export type PolicyAccount = z.infer<typeof accountSchema>;

/** The account that exists when the policy names none. */
export const defaultAccount = "tunnel";
/** Host that runs ssh when a forward does not say. */
export const defaultFrom = "home";
/** Vantage points of every lab. */
export const standardVantages = ["server", "campus", "other-lan", "internet", "home", "home-lan"] as const;

/** Accounts of the policy by name, with the default one when none is given. */
export function accountsOf(policy: Policy): Record<string, PolicyAccount> {
  const accounts = policy.server.accounts ?? {};
  return Object.keys(accounts).length > 0 ? accounts : { [defaultAccount]: {} };
}

/** The account a forward logs in to; undefined when the policy names several and the forward none. */
export function accountOf(policy: Policy, forward: PolicyForward): string | undefined {
  const names = Object.keys(accountsOf(policy));
  return forward.as ?? (names.length === 1 ? names[0] : undefined);
}

/** An entry of `reachable_from` in its long form. */
export interface ReachEntry {
  vantage: string;
  is: Expectation;
  family?: 4 | 6;
  address?: string;
}

/** The entries of `reachable_from`, all in the long form. */
export function reachEntries(forward: PolicyForward): ReachEntry[] {
  return (forward.reachable_from ?? []).map((entry) =>
    typeof entry === "string" ? { vantage: entry, is: "reachable" } : { ...entry, is: entry.is ?? "reachable" },
  );
}

/** Every vantage point of the policy's lab: the standard ones, then its own. */
export function vantagesOf(policy: Policy): string[] {
  return [...new Set([...standardVantages, ...Object.keys(policy.network?.vantages ?? {})])];
}
