/** Finds sshd in an image that may hold anything. */
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { FabricError } from "../lab/fabric-error.ts";
import type { Host } from "../lab/host.ts";
import { type OpenSshVersion, parseOpenSshVersion } from "../openssh/version.ts";

export interface SshdProgram {
  /** sshd re-executes itself and insists on an absolute path. */
  path: string;
  version: OpenSshVersion;
  /** Are there PAM rules that sshd's service name can use? */
  hasPam: boolean;
}

const search = `
PATH="$PATH:/usr/sbin:/sbin:/usr/local/sbin:/usr/local/bin:/usr/lib/ssh:/opt/sbin"
program=$(command -v sshd) || exit 72
echo "$program"
if [ -e /etc/pam.d/sshd ] || [ -e /etc/pam.d/other ] || [ -e /usr/lib/pam.d/sshd ] || [ -e /etc/pam.conf ]; then echo pam; else echo no-pam; fi
mkdir -p /run/sshd /run/forwardlab 2>/dev/null
chmod 0755 /run/sshd /run/forwardlab 2>/dev/null
"$program" -V 2>&1 </dev/null
command -v ssh >/dev/null && ssh -V 2>&1 </dev/null
exit 0
`;

/**
 * Finds sshd and makes its privilege separation folder (on a real host systemd makes /run/sshd).
 * Throws UserError `no-sshd` when the image holds no OpenSSH server.
 */
export async function findSshd(host: Host): Promise<SshdProgram> {
  const result = await host.run(["sh", "-c", search]).catch((cause: unknown) => {
    // Anything else is a fault of the lab's, not of the image.
    throw cause instanceof FabricError && cause.kind === "no-such-program" ? noSshd(host, String(cause)) : cause;
  });
  const [path = "", pam = ""] = result.stdout.split("\n");
  const version = parseOpenSshVersion(result.stdout.split("\n").slice(2).join("\n"));
  if (result.code !== 0 || !path.startsWith("/") || !version) throw noSshd(host, result.stdout + result.stderr);
  return { path, version, hasPam: pam === "pam" };
}

function noSshd(host: Host, log: string): UserError {
  return new UserError("no-sshd", `the image of host ${host.name} has no OpenSSH server`, {
    fault: faultOf("image-without-sshd", { host: host.name }),
    expected: "an image with sh and sshd (in PATH, /usr/sbin, /sbin, /usr/local/sbin or /usr/lib/ssh)",
    todo: "use an image with openssh-server, or remove `image:`",
    log,
  });
}
