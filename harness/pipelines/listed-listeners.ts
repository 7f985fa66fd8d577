/** The listeners that PermitListen and permitlisten let an account ask for: what the server grants it is one of them. Pure. */

import { distinctValues } from "../core/distinct.ts";
import { keyOptionValues } from "../openssh/authorized-keys.ts";
import { settingsForLogin } from "../openssh/model/login-settings.ts";
import { hostAndPort, permitsListening } from "../openssh/permit-list.ts";
import { portOf } from "../openssh/services.ts";
import { groupsOfLogin } from "../openssh/user-database.ts";
import type { LoadedPolicy } from "../policy/load-policy.ts";
import { labSpecOf } from "../policy/network.ts";
import { usableLogins } from "../policy/run-inputs.ts";

export interface ListedListener {
  /** As ssh asks for it: "" for the empty address, which a list of all addresses has; `localhost` where none is typed. */
  bind: string;
  port: number;
}

/** More are not asked for. */
const mostListed = 8;

/** By account, with its first key; none where no list limits it. */
export function listedListeners({ policy, inputs }: LoadedPolicy): Record<string, ListedListener[]> {
  const spec = labSpecOf(policy);
  return Object.fromEntries(
    inputs.accounts.map((account) => {
      const { name } = account;
      const groups = groupsOfLogin(name, account.groups, inputs.users);
      const { settings } = settingsForLogin(inputs.sshdConfig.lines, { account: name, groups }, spec);
      const [login] = usableLogins(account);
      const lists = [settings("permitlisten").value.split(" "), keyOptionValues(login?.options ?? "", "permitlisten")]
        .map((list) => list.filter((entry) => entry !== ""))
        .filter((list) => list.length > 0);
      const asked = lists.flat().flatMap(listenersOf);
      const allowed = asked.filter(({ bind, port }) => lists.every((list) => permitsListening(list, bind, port)));
      return [name, distinctValues(allowed).slice(0, mostListed)];
    }),
  );
}

/** None for a list of all or of nothing, or for any port. */
function listenersOf(entry: string): ListedListener[] {
  if (/^(any|none)$/i.test(entry)) return [];
  const { host, port: text } = hostAndPort(entry, "*");
  const port = portOf(text);
  if (port <= 0) return [];
  return [{ bind: /^\*+$/.test(host) ? "" : host.replaceAll(/[*?]/g, "x"), port }];
}
