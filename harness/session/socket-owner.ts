/** The owner of a service's socket: sshd removes a socket in its way (StreamLocalBindUnlink) only as the account, where the account may. */
import type { Host } from "../lab/host.ts";

const folders = `
folder=$(dirname "$2"); top=; up=$folder
while [ ! -d "$up" ]; do top=$up; up=$(dirname "$up"); done
[ -z "$top" ] || { mkdir -p "$folder" && chown -R "$1" "$top"; }
`;

/** Makes the missing folders of a socket for the account that owns it. */
export async function makeSocketFolders(host: Host, account: string, path: string): Promise<void> {
  await host.run(["sh", "-c", folders, "sh", account, path]);
}

/** Gives a socket's file to an account. */
export async function ownSocket(host: Host, account: string, path: string): Promise<void> {
  await host.run(["chown", account, path]);
}
