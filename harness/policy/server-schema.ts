/** The part of the policy about hosts: the server, and the machine at home. */
import { z } from "zod";
import {
  absolutePath,
  account,
  hostAddress,
  hostName,
  keyword,
  path,
  port,
  portKey,
  publicAddress,
  servicePlace,
  sysctlKey,
} from "./schema-values.ts";

/** OpenSSH versions for which the lab has an image. */
const opensshVersions = ["8.4", "9.2", "10.0", "10.6"] as const;

const serviceName = z.string().regex(/^[a-z][a-z0-9-]*$/);

const service = z.union([
  serviceName,
  z.strictObject({
    name: serviceName.optional().describe("Name of the service. Left out: `service`."),
    as: account.optional().describe("The account that owns the socket's file and the folders made for it. Sockets only. Left out: root."),
  }),
]);

const services = z
  .record(servicePlace, service)
  .describe(
    "What listens: a port, address:port or the path of a Unix socket, and the name of the service there, e.g. `8080: http`. A bare port listens on every address; a socket may be opened by every account.",
  );

const accountSchema = z
  .strictObject({
    authorized_keys: path
      .optional()
      .describe(
        "The account's real authorized_keys file. Options are kept, key material is replaced by the lab's. Left out: the file that the config's AuthorizedKeysFile names, if it is among the files given; else one plain key.",
      ),
    groups: z.array(account).optional().describe("Groups the account belongs to besides its own (for AllowGroups, Match Group)."),
    uid: z.int().min(0).max(65533).optional().describe("Numeric user id. Left out: chosen by the lab (root: 0)."),
    shell: z.string().regex(/^\//).optional().describe("Login shell, e.g. /usr/sbin/nologin. Left out: /bin/bash."),
  })
  .describe("One account on the server.");

/** Of a server behind NAT; under `server` or under `network.server`, which means the same. */
export const publishing = {
  behind: z
    .enum(["none", "nat"], { error: () => "`nat` or `none`" })
    .optional()
    .describe("`nat`: the server has a private address, and a router in front of it has the public one. Left out: `none`."),
  public: publicAddress.optional().describe("The router's public IPv4 address, which clients and visitors use. Needed with `behind: nat`."),
  ports: z
    .record(portKey, port)
    .optional()
    .describe(
      "Ports that the router publishes: port on the public address, port on the server, e.g. `{ 2222: 22, 43234: 43234 }`. Left out: every port, as cloud providers do.",
    ),
};

const firewall = z.union([path, z.tuple([path]), z.tuple([path, path])]);

export const serverSchema = z
  .strictObject({
    sshd_config: path.describe("The server's sshd_config, unchanged: a file, or a folder laid out like /etc/ssh (Include works)."),
    firewall: firewall
      .optional()
      .describe("An nft ruleset (includes work), or iptables-save dumps: one, or a list [IPv4, IPv6]. Left out: no firewall."),
    ...publishing,
    openssh: z.enum(opensshVersions).optional().describe('OpenSSH version of the server, in quotes, e.g. "10.0". Left out: 10.0.'),
    image: z.string().min(1).optional().describe("An image of your own for the server instead of `openssh`, e.g. registry/name:tag."),
    accounts: z
      .record(account, accountSchema)
      .optional()
      .describe("Accounts to create on the server. Left out: one plain account `tunnel`."),
    services: services
      .optional()
      .describe("Extra things that listen on the server: port, address:port or the path of a Unix socket, and the name of the service."),
    sshd_options: z
      .array(z.string().min(1))
      .optional()
      .describe('What the unit file or image passes to sshd, e.g. ["AllowTcpForwarding=yes"] or ["-o", "AllowTcpForwarding=yes"].'),
    files: z
      .record(absolutePath, path)
      .optional()
      .describe(
        "Files and folders outside of /etc/ssh that the config includes, names or links to: path on the server, path here. `none`: the server has nothing there.",
      ),
    ignore_unknown: z
      .array(keyword)
      .optional()
      .describe("Keywords that the server's own sshd knows and OpenSSH does not, e.g. [UseBlacklist]: their lines are commented out."),
    names: z
      .record(hostName, z.union([hostAddress, z.array(hostAddress).min(1)]))
      .optional()
      .describe("Names that resolve, and their addresses: for `Match Host`, for firewall rules and for targets."),
    sysctl: z
      .record(sysctlKey, z.union([z.int(), z.string().regex(/\S/)]))
      .optional()
      .describe("Kernel settings of the server's network, e.g. `{ net.ipv6.conf.lo.disable_ipv6: 1 }`."),
    ipsets: path.optional().describe("Output of `ipset save`, for rules that match sets."),
    cgroups: z
      .array(absolutePath)
      .min(1)
      .optional()
      .describe("Control groups that firewall rules name, e.g. [/system.slice/sshd.service]."),
  })
  .describe("The server whose config and firewall are put to the test.");

export const homeSchema = z
  .strictObject({
    services: services.optional().describe("What runs at home. Left out: whatever the forwards point at."),
    ssh_config: path.optional().describe("An ssh_config; forwards name one of its hosts with `host:` instead of `ssh:`."),
    firewall: firewall.optional().describe("Home's own firewall, as under `server`. Left out: none."),
  })
  .describe("The machine at home.");

export type PolicyAccount = z.infer<typeof accountSchema>;
