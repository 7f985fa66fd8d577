/** The key line, or the certificate, that a forward logs in with. */

import { formatPlace, type Place, UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { Warning } from "../core/warning.ts";
import type { AccountKey, SshServer } from "./ssh-server.ts";

interface LoginChoice {
  account: string;
  keyIndex?: number;
  certificate?: string;
}

/** Default: the account's first. Throws UserError `ssh-account` or `ssh-login`. */
export function chooseKey(server: SshServer, { account, keyIndex, certificate }: LoginChoice): AccountKey {
  const keys = server.keysFor(account);
  const copy = keys.find((each) => certificate !== undefined && each.certificate?.file === certificate);
  if (copy) return copy;
  const key = keys.filter((each) => each.certificate?.file === undefined)[keyIndex ?? 0];
  if (key && certificate === undefined) return key;
  const chosen = certificate ?? (keyIndex === undefined ? undefined : String(keyIndex + 1));
  const wanted = certificate ?? (chosen === undefined ? "key" : `key ${chosen}`);
  const ignored = server.keyNotesFor(account).filter(({ code }) => code === "login-line-ignored");
  const places = ignored.map((each) => formatPlace(placeOf(each)));
  const place = keys.length === 0 && ignored[0] ? placeOf(ignored[0]) : undefined;
  const asked = { account, key: chosen, keys: keys.length };
  throw new UserError("ssh-login", `account ${account} has no ${wanted} that sshd accepts`, {
    fault: faultOf("no-usable-key", places.length > 0 ? { ...asked, ignored: places } : asked),
    ...(place ? { place } : {}),
    found: `${keys.length} usable keys${places.length > 0 ? `; sshd ignores ${places.join(", ")}` : ""}`,
    ...(places.length > 0 ? { todo: places.length > 1 ? "correct these lines" : "correct this line" } : {}),
    log: ignored.map(ignoredLine).join("\n"),
  });
}

function placeOf({ file = "", line }: Warning): Place {
  return { file, ...(line === undefined ? {} : { line }) };
}

/** `alice.keys:2: sshd ignores this line: bad option permitopen="none"`. */
function ignoredLine(ignored: Warning): string {
  const why = Object.values(ignored.params).map(String);
  return `${formatPlace(placeOf(ignored))}: sshd ignores this line: ${[why[0]?.replaceAll("-", " "), ...why.slice(1)].join(" ")}`;
}
