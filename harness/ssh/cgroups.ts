/** Runs sshd and its logins in the control groups where the server's own run, so that rules that match groups decide as on the server. */
import { distinct } from "../core/distinct.ts";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { FabricError } from "../lab/fabric-error.ts";
import type { Host } from "../lab/host.ts";

/** Absolute paths of control groups, as the server's rules name them. */
export interface ServerCgroups {
  /** Where sshd runs, and each login that PAM moves nowhere else. */
  sshd: string;
  /** Where systemd's PAM module moves the logins of accounts, by account. */
  logins?: Readonly<Record<string, string>>;
  /** More that rules name. */
  others?: readonly string[];
}

/** Of everything else on the server: where systemd runs, each process is in a slice. */
const elsewhere = "/system.slice/forwardlab.service";
/** All that a policy names, each once. */
export function namedGroups({ sshd, logins = {}, others = [] }: ServerCgroups): string[] {
  return distinct([sshd, ...Object.values(logins), ...others]);
}

const mover = "/run/forwardlab/join-cgroup";
const shown = "/run/forwardlab-cgroup";
/** As pam_systemd(8) does: the process that opens the session is moved, and whatever it starts stays with it. */
const rule = `session required pam_exec.so quiet ${mover}`;

/**
 * Makes the groups, and lets PAM move logins into theirs.
 * @param accounts all that can log in
 * @param service sshd's name for PAM
 * @returns where PAM's rule was added; undefined where no login is to be moved, or the image has no PAM rules for the service
 * @throws UserError `firewall-needs` where the engine has no control groups for a lab
 */
export async function makeCgroups(
  host: Host,
  cgroups: ServerCgroups,
  { accounts, service }: { accounts: readonly string[]; service: string },
): Promise<string | undefined> {
  const { sshd, logins = {} } = cgroups;
  const groupOf = Object.fromEntries(accounts.map((account) => [account, logins[account] ?? sshd]));
  const moved = Object.keys(logins).length > 0;
  const groups = [...namedGroups(cgroups), elsewhere];
  await host.makeCgroups({ groups, accounts: groupOf, rest: elsewhere, shown: moved }).catch((cause: unknown) => {
    throw cause instanceof FabricError && cause.kind === "cgroup" ? unsupported(cause) : cause;
  });
  if (!moved) return undefined;
  const path = `/etc/pam.d/${service}`;
  const rules = await host.readFile(path);
  if (rules === undefined) return undefined;
  await host.writeFiles({
    [mover]: { content: script(logins), mode: 0o755 },
    ...(rules.includes(rule) ? {} : { [path]: { content: `${rules}\n${rule}\n` } }),
  });
  return path;
}

/** PAM says who logs in; the parent is the session's sshd. */
function script(logins: Readonly<Record<string, string>>): string {
  const cases = Object.entries(logins).map(([account, group]) => `  '${account}') echo "$PPID" >'${shown}${group}/cgroup.procs' ;;`);
  return ["#!/bin/sh", '[ "$PAM_TYPE" = open_session ] || exit 0', 'case "$PAM_USER" in', ...cases, "esac", ""].join("\n");
}

function unsupported(cause: FabricError): UserError {
  return new UserError("firewall-needs", `The firewall cannot be tested here: ${cause.message}`, {
    expected: "cgroup v2 within containers, and a kernel of 6.11 or later, or one with that fix",
    todo: "use an engine on such a machine; the file may be correct",
    fault: faultOf("firewall-needs", { said: cause.message, lacks: "cgroup-support", name: undefined }),
    cause,
  });
}
