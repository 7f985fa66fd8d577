/** The key line, or the certificate, that a forward logs in with. */

import { formatPlace, UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { Warning } from "../core/warning.ts";
import type { AccountKey, SshServer } from "./ssh-server.ts";

interface LoginChoice {
  account: string;
  keyIndex?: number;
  certificate?: string;
}

/** Default: the account's first. Throws UserError `ssh-account` or `ssh-login`. */
export function chooseKey(server: SshServer, { account, keyIndex = 0, certificate }: LoginChoice): AccountKey {
  const keys = server.keysFor(account);
  const copy = keys.find((each) => certificate !== undefined && each.certificate?.file === certificate);
  if (copy) return copy;
  const key = keys.filter((each) => each.certificate?.file === undefined)[keyIndex];
  if (key && certificate === undefined) return key;
  const wanted = certificate ?? `key ${keyIndex + 1}`;
  throw new UserError("ssh-login", `account ${account} has no ${wanted} that sshd accepts`, {
    fault: faultOf("no-usable-key", { account, key: certificate ?? String(keyIndex + 1), keys: keys.length }),
    found: `${keys.length} usable keys`,
    log: server.keyNotesFor(account).map(ignoredLine).join("\n"),
  });
}

/** `alice.keys:2: bad-option permitlisten="none"`. */
function ignoredLine({ file = "", line, params }: Warning): string {
  return `${formatPlace({ file, ...(line === undefined ? {} : { line }) })}: ${Object.values(params).join(" ")}`;
}
