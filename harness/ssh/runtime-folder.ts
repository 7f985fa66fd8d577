/** /run/user/UID, which a login makes where systemd runs (pam_systemd(8)): in the lab's hosts nothing would. */
import type { Host } from "../lab/host.ts";

/** Exit status that says that nothing had to be made. */
const nothing = 3;
const script = `
uid=$(id -u "$1") || exit ${nothing}
folder=$(dirname "$2")
case "$folder/" in "/run/user/$uid/"*) ;; *) exit ${nothing} ;; esac
[ -d "$folder" ] && exit ${nothing}
mkdir -p "$folder" && chmod 755 /run/user && chown -R "$1" "/run/user/$uid" && chmod 700 "/run/user/$uid"
`;

/** Makes the folder of a socket below /run/user/UID of the account, if it is missing; the folder that was made, undefined where none was. */
export async function makeRuntimeFolder(host: Host, account: string, path: string): Promise<string | undefined> {
  if (!path.startsWith("/run/user/")) return undefined;
  const { code } = await host.run(["sh", "-c", script, "sh", account, path]);
  return code === 0 ? path.slice(0, path.lastIndexOf("/")) : undefined;
}
