/** The part of the policy about hosts: the server, and the machine at home. */
import { z } from "zod";
import {
  absolutePath,
  account,
  cgroupPath,
  homePath,
  hostName,
  keyword,
  namedAddress,
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
    name: serviceName.optional().describe("Name of the service. Default: `service`."),
    as: account.optional().describe("The account that owns the socket file and the folders created for it. Sockets only. Default: root."),
  }),
]);

const services = z
  .record(servicePlace, service)
  .describe(
    "Listeners: a port, address:port or the path of a Unix socket, and a service name, e.g. `8080: http`. A bare port listens on all addresses; any account may open a socket.",
  );

const accountSchema = z
  .strictObject({
    authorized_keys: path
      .optional()
      .describe(
        "The account's real authorized_keys file. Key options are kept, the keys themselves (a CA's, too) are replaced by the lab's. Default: the file that AuthorizedKeysFile names, if it is among the files given, otherwise one key without options, or one certificate if TrustedUserCAKeys applies.",
      ),
    authorized_principals: path
      .optional()
      .describe(
        "The account's real principals file, or the output of AuthorizedPrincipalsCommand, unchanged: each line is a login by certificate. Default: the file that AuthorizedPrincipalsFile names, if it is among the files given, otherwise the account's name without options.",
      ),
    certificate: path
      .optional()
      .describe(
        "A user's real certificate, e.g. ./id_ed25519-cert.pub: forwards of the account log in with a copy of it. Its principals, validity, critical options and extensions are kept. Default: a certificate that permits everything, where one is needed.",
      ),
    groups: z.array(account).optional().describe("Supplementary groups (for AllowGroups, Match Group)."),
    uid: z.int().min(0).max(65533).optional().describe("Numeric user id. Default: chosen by the lab (root: 0)."),
    shell: z.string().regex(/^\//).optional().describe("Login shell, e.g. /usr/sbin/nologin. Default: /bin/bash."),
  })
  .describe("One account on the server.");

/** Of a server behind NAT; under `server` or under `network.server`, which means the same. */
export const publishing = {
  behind: z
    .enum(["none", "nat"], { error: () => "`nat` or `none`" })
    .optional()
    .describe("`nat`: the server has a private address, and a router in front of it has the public one. Default: `none`."),
  public: publicAddress.optional().describe("The router's public IPv4 address, which clients use. Required with `behind: nat`."),
  ports: z
    .record(portKey, port)
    .optional()
    .describe(
      "Ports that the router publishes: port on the public address, port on the server, e.g. `{ 2222: 22, 43234: 43234 }`. Default: all ports, as cloud providers do.",
    ),
};

const firewall = z.union([path, z.tuple([path]), z.tuple([path, path])]);

const frontFirewall = z.union([
  path,
  z.strictObject({
    file: path.describe("The file, as under `front_firewall`."),
    groups: z.array(z.string().min(1)).min(1).describe("The security groups that the server is in: ids, names, or addresses in Terraform."),
  }),
]);

export const serverSchema = z
  .strictObject({
    sshd_config: path.describe("The server's sshd_config, unmodified: a file, or a folder laid out like /etc/ssh (Include works)."),
    firewall: firewall
      .optional()
      .describe(
        "An nft ruleset (includes work); iptables-save dumps: one file, or a list [IPv4, IPv6]; or a copy of /etc/ufw or /etc/firewalld. Default: no firewall.",
      ),
    front_firewall: frontFirewall
      .optional()
      .describe(
        "A cloud's firewall in front of the server: the output of `aws ec2 describe-security-groups` or of `terraform show -json`; with several groups in the file, `{ file, groups }`. Default: none.",
      ),
    ...publishing,
    openssh: z.enum(opensshVersions).optional().describe('OpenSSH version of the server, in quotes, e.g. "10.0". Default: 10.0.'),
    image: z.string().min(1).optional().describe("Your own image for the server, instead of `openssh`, e.g. registry/name:tag."),
    accounts: z
      .record(account, accountSchema)
      .optional()
      .describe(
        "Accounts of the server. Default: one ordinary account, `tunnel`. Where `files` has copies of /etc/passwd and /etc/group, an account has its uid, groups, shell and home from there; a contradiction is an error.",
      ),
    services: services
      .optional()
      .describe("Other listeners on the server: a port, address:port or the path of a Unix socket, and a service name."),
    sshd_options: z
      .union([path, z.array(z.string().min(1))])
      .optional()
      .describe(
        'Options on sshd\'s command line: a copy of /etc/default/ssh (SSHD_OPTS), of /etc/sysconfig/sshd (OPTIONS) or of sshd\'s service unit; or a list, e.g. ["AllowTcpForwarding=yes"] or ["-o", "AllowTcpForwarding=yes"].',
      ),
    files: z
      .record(absolutePath, path)
      .optional()
      .describe(
        "Files and folders outside /etc/ssh that the config includes, names or links to, and those that list the accounts (/etc/passwd, /etc/group, /etc/shadow): path on the server, path here. `none`: the path does not exist on the server.",
      ),
    ignore_unknown: z
      .array(keyword)
      .optional()
      .describe("Keywords that only the server's own sshd knows, e.g. [UseBlacklist]: their lines are commented out."),
    names: z
      .record(hostName, z.union([namedAddress, z.array(namedAddress).min(1)]))
      .optional()
      .describe("Host names and their addresses, for targets, bind addresses, firewall rules and `Match Host`."),
    sysctl: z
      .record(sysctlKey, z.union([z.int(), z.string().regex(/\S/)]))
      .optional()
      .describe("Kernel settings of the server's network namespace, e.g. `{ net.ipv6.conf.lo.disable_ipv6: 1 }`."),
    ipsets: path.optional().describe("The output of `ipset save`, for rules that match sets."),
    cgroups: z
      .strictObject({
        sshd: cgroupPath.describe(
          "The one in which sshd runs, and all logins that `logins` does not name: `/system.slice/ssh.service` on Debian.",
        ),
        logins: z
          .record(account, cgroupPath)
          .optional()
          .describe(
            "Where the logins of accounts run, with the listeners and connections of their forwards. systemd's PAM module gives each login one: `{ tunnel: /user.slice/user-1000.slice/session-1.scope }`.",
          ),
        others: z.array(cgroupPath).optional().describe("Further control groups that rules name. Nothing of the lab runs in them."),
      })
      .optional()
      .describe("Control groups (cgroup v2) that firewall rules match."),
  })
  .describe("The server under test, with its config and firewall.");

/** A server other than `server`. Names concern the whole lab, and stay with `server`. */
export const furtherServerSchema = serverSchema
  .omit({ names: true })
  .describe(
    "Another server, in the same form as `server`. `network.servers` or `network.vantages` places it; by default it is on `server`'s LAN.",
  );

export const homeSchema = z
  .strictObject({
    services: services.optional().describe("What listens on home. Default: whatever the forwards point at."),
    ssh_config: path.optional().describe("An ssh_config. A forward can use one of its hosts with `host:` instead of `ssh:`."),
    firewall: firewall.optional().describe("Home's own firewall, in the same form as under `server`. Default: none."),
    files: z
      .record(homePath, path)
      .optional()
      .describe(
        "Copies of files that a `unit` reads, or that the ssh_config includes: path on home, path here. `none`: the path does not exist on home.",
      ),
  })
  .describe("The host at home, which runs ssh by default.");

export type PolicyAccount = z.infer<typeof accountSchema>;
