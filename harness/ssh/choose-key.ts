/** The key line that a forward logs in with. */
import { UserError } from "../core/errors.ts";
import type { AccountKey, SshServer } from "./ssh-server.ts";

/** Default: the account's first. Throws UserError `ssh-account` or `ssh-login`. */
export function chooseKey(server: SshServer, { account, keyIndex = 0 }: { account: string; keyIndex?: number }): AccountKey {
  const keys = server.keysFor(account);
  const key = keys[keyIndex];
  if (key) return key;
  throw new UserError("ssh-login", `account ${account} has no key ${keyIndex + 1} that sshd accepts`, {
    found: `${keys.length} usable keys`,
    log: server.keyNotesFor(account).join("\n"),
  });
}
