/** The paths that a policy names, and whether something is there. */

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../core/errors.ts";
import { type Fault, type FaultParams, faultOf, type PolicyFile } from "../core/fault.ts";
import type { FoundFile } from "../core/found-file.ts";
import type { AllowedFolders } from "../files/allowed-folders.ts";
import { isMissing } from "../files/is-missing.ts";
import { isShellPipe, kindOf, kindText } from "../files/user-file.ts";
import { frontPath } from "./front-firewall.ts";
import type { GivenPath } from "./given-files.ts";
import type { PolicyPath } from "./input-files.ts";
import { accountsOf, type Policy, type PolicyAccount } from "./policy.ts";
import type { KeyPath, YamlSource } from "./yaml-source.ts";

export interface PolicyPaths {
  sshdConfig: PolicyPath;
  /** One ruleset or folder; or the IPv4 and the IPv6 dump; undefined: no firewall. */
  firewall: PolicyPath[] | undefined;
  homeFirewall: PolicyPath[] | undefined;
  frontFirewall: PolicyPath | undefined;
  sshConfig: PolicyPath | undefined;
  ipsets: PolicyPath | undefined;
  /** By account; an account without a file is missing. */
  authorizedKeys: Record<string, PolicyPath>;
  /** The same for principals. */
  authorizedPrincipals: Record<string, PolicyPath>;
  /** Certificates of accounts and of forwards, as the policy names them. */
  certificates: Record<string, PolicyPath>;
  /** By forward: its `unit`. */
  units: Record<string, PolicyPath>;
  /** The file that `server.sshd_options` names. */
  sshdOptions: PolicyPath | undefined;
  /** `server.files`. */
  serverFiles: GivenPath[];
  /** `home.files`. */
  homeFiles: GivenPath[];
}

/** Word for "the server has nothing there". */
const nothing = "none";

export function pathsOf(policy: Policy, located: (name: string) => PolicyPath): PolicyPaths {
  const list = (given: string | readonly string[] | undefined) => (given === undefined ? undefined : [given].flat().map(located));
  const one = (given: string | undefined) => (given === undefined ? undefined : located(given));
  const byAccount = (file: (account: PolicyAccount) => string | undefined): Record<string, PolicyPath> =>
    Object.fromEntries(
      Object.entries(accountsOf(policy)).flatMap(([name, account]) => {
        const given = file(account);
        return given === undefined ? [] : [[name, located(given)]];
      }),
    );
  return {
    sshdConfig: located(policy.server.sshd_config),
    firewall: list(policy.server.firewall),
    homeFirewall: list(policy.home?.firewall),
    frontFirewall: one(frontPath(policy)),
    sshConfig: one(policy.home?.ssh_config),
    ipsets: one(policy.server.ipsets),
    authorizedKeys: byAccount(({ authorized_keys }) => authorized_keys),
    authorizedPrincipals: byAccount(({ authorized_principals }) => authorized_principals),
    certificates: Object.fromEntries(
      [...Object.values(accountsOf(policy)), ...Object.values(policy.forwards)].flatMap(({ certificate }) =>
        certificate === undefined ? [] : [[certificate, located(certificate)]],
      ),
    ),
    units: Object.fromEntries(
      Object.entries(policy.forwards).flatMap(([name, { unit }]) => (unit === undefined ? [] : [[name, located(unit)]])),
    ),
    sshdOptions: typeof policy.server.sshd_options === "string" ? located(policy.server.sshd_options) : undefined,
    serverFiles: givenPaths(policy.server.files, located),
    homeFiles: givenPaths(policy.home?.files, located),
  };
}

function givenPaths(files: Readonly<Record<string, string>> = {}, located: (name: string) => PolicyPath): GivenPath[] {
  return Object.entries(files).map(([host, path]) => ({
    host: host.replace(/(.)\/+$/, "$1"),
    local: path === nothing ? undefined : located(path).absolute,
    display: path === nothing ? "" : located(path).display,
  }));
}

/** What to do about a path that may show a stranger what is none of the policy's business. */
export const outside = "copy the file there, or run forwardlab in a folder that holds both; `--allow-outside` for a policy that you trust";

/** What each of them has to be. */
const whatFiles: Record<Exclude<PolicyFile, "copy">, string> = {
  firewall: "an nft ruleset, an iptables-save dump, or a copy of /etc/ufw or /etc/firewalld",
  "dump-4": "an iptables-save dump for IPv4",
  "dump-6": "an iptables-save dump for IPv6",
  sshd_config: "an sshd_config, or a folder laid out like /etc/ssh",
  "cloud-firewall": "the output of `aws ec2 describe-security-groups` or `terraform show -json`",
  ssh_config: "an ssh_config",
  "sshd-options": "a copy of /etc/default/ssh or /etc/sysconfig/sshd, or sshd's service unit",
  ipsets: "the output of `ipset save`",
  authorized_keys: "an authorized_keys file",
  principals: "a principals file",
  certificate: "a user's certificate",
};

interface Named {
  path: KeyPath;
  at: PolicyPath;
  what: PolicyFile;
  /** Of a copy: what of. */
  told?: string;
  /** What may be there. Left out: a file. */
  folder?: "allowed" | "with-sshd_config";
}

/** Paths of the policy that do not exist, or are of the wrong kind. */
export async function pathFaults(policy: Policy, paths: PolicyPaths, source: YamlSource, allowed: AllowedFolders): Promise<UserError[]> {
  const faults = await Promise.all(namedPaths(policy, paths).map((named) => pathFault(named, source, allowed)));
  return faults.filter((fault) => fault !== undefined);
}

function namedPaths(policy: Policy, paths: PolicyPaths): Named[] {
  const one = (path: KeyPath, at: PolicyPath | undefined, what: PolicyFile, folder?: Named["folder"], told?: string): Named[] =>
    at === undefined ? [] : [{ path, at, what, ...(folder === undefined ? {} : { folder }), ...(told === undefined ? {} : { told }) }];
  const firewall = (at: readonly PolicyPath[] | undefined, given: unknown, path: KeyPath): Named[] =>
    (at ?? []).flatMap((each, index, all) =>
      all.length === 1
        ? one(Array.isArray(given) ? [...path, 0] : path, each, "firewall", "allowed")
        : one([...path, index], each, index === 0 ? "dump-4" : "dump-6"),
    );
  const given = (host: "server" | "home", files: object | undefined, copies: readonly GivenPath[]): Named[] =>
    Object.keys(files ?? {}).flatMap((path, index) => {
      const { local: absolute, display } = copies[index] as GivenPath;
      return absolute === undefined
        ? []
        : one([host, "files", path], { absolute, display }, "copy", "allowed", `a copy of ${path} of ${host}`);
    });
  return [
    ...one(["server", "sshd_config"], paths.sshdConfig, "sshd_config", "with-sshd_config"),
    ...firewall(paths.firewall, policy.server.firewall, ["server", "firewall"]),
    ...firewall(paths.homeFirewall, policy.home?.firewall, ["home", "firewall"]),
    ...one(["server", "front_firewall"], paths.frontFirewall, "cloud-firewall"),
    ...one(["home", "ssh_config"], paths.sshConfig, "ssh_config"),
    ...(paths.sshdOptions?.absolute.endsWith(".service") ? [] : one(["server", "sshd_options"], paths.sshdOptions, "sshd-options")),
    ...one(["server", "ipsets"], paths.ipsets, "ipsets"),
    ...Object.entries(paths.authorizedKeys).flatMap(([account, at]) =>
      one(["server", "accounts", account, "authorized_keys"], at, "authorized_keys"),
    ),
    ...Object.entries(paths.authorizedPrincipals).flatMap(([account, at]) =>
      one(["server", "accounts", account, "authorized_principals"], at, "principals"),
    ),
    ...Object.entries(accountsOf(policy)).flatMap(([account, { certificate = "" }]) =>
      one(["server", "accounts", account, "certificate"], paths.certificates[certificate], "certificate"),
    ),
    ...Object.entries(policy.forwards).flatMap(([forward, { certificate = "" }]) =>
      one(["forwards", forward, "certificate"], paths.certificates[certificate], "certificate"),
    ),
    ...given("server", policy.server.files, paths.serverFiles),
    ...given("home", policy.home?.files, paths.homeFiles),
  ];
}

async function pathFault(
  { path, at, what, told, folder }: Named,
  source: YamlSource,
  allowed: AllowedFolders,
): Promise<UserError | undefined> {
  const fault = (message: string, todo: string, fault: Fault) =>
    new UserError("policy-path", message, {
      place: source.place(path),
      found: source.written(path) ?? at.display,
      expected: what === "copy" ? (told ?? "a copy") : whatFiles[what],
      todo,
      fault,
    });
  const wrong = (is: FaultParams<"policy-file">["is"], why: FoundFile = {}) =>
    faultOf("policy-file", { file: at.display, is, what, ...why });
  const found = await stat(at.absolute).catch((error: NodeJS.ErrnoException) => error.code ?? "unreadable");
  const relative = "paths are relative to the policy file";
  if (typeof found === "string")
    return found === "ENOENT"
      ? fault(`${at.display} does not exist`, relative, faultOf("policy-file-missing", { file: at.display, what }))
      : fault(`${at.display} cannot be read (${found})`, relative, wrong("unreadable", { said: found }));
  if (!allowed.hold(at.absolute)) return fault(`${at.display} leads out of the policy's folder`, outside, wrong("outside"));
  if (!found.isDirectory()) {
    if (found.isFile() || isShellPipe(at.absolute)) return undefined;
    return fault(
      `${at.display} is ${kindText[kindOf(found)]}, not a file`,
      "copy its content into a regular file",
      wrong("no-file", { strange: kindOf(found) }),
    );
  }
  if (folder === undefined) return fault(`${at.display} is a folder`, relative, wrong("folder"));
  if (folder === "allowed") return undefined;
  const inside = await stat(join(at.absolute, "sshd_config")).catch((error: NodeJS.ErrnoException) => error);
  if (!(inside instanceof Error)) return undefined;
  const { code: said = "unreadable" } = inside;
  if (!isMissing(inside)) return fault(`${at.display} cannot be read (${said})`, relative, wrong("unreadable", { said }));
  return fault(
    `the folder ${at.display} contains no sshd_config`,
    "name the copy of /etc/ssh itself, or copy sshd_config into it",
    wrong("no-sshd_config"),
  );
}
