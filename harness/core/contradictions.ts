/** What of a policy contradicts itself or points at nothing, by code: what the words of each need. */

export interface Contradictions {
  /** `owner`: as messages call it, e.g. `forwards.web`; `remove`: what to take out. */
  "keys-exclude": { owner: string; keys: readonly string[]; remove: readonly string[] };
  "forward-without-request": { forward: string };
  "host-without-config": { forward: string; host: string };
  "account-not-stated": { forward: string; accounts: readonly string[] };
  "entry-twice": { forward: string; vantage: string; family: 4 | 6; entries: readonly number[] };
  "link-local-is-ipv6": { owner: string };
  "family-contradicts": { key: "address" | "via"; family: 4 | 6 };
  "waiver-id-twice": { id: string };
  "as-only-on-server": { forward: string; vantage: string };
  "listener-not-on-server": { forward: string };
  "target-is-fixed": { forward: string };
  "line-contradicts": { forward: string; key: "server" | "as"; stated: string; typed: string };
  /** `place`: `file:line` of the unit. */
  "unit-account-differs": { forward: string; stated: string; account: string; place: string };
  "way-twice": { stop: string };
  "no-such-stop": { name: string; jump: boolean; known: readonly string[]; meant?: string | undefined };
  "hop-without-account": { hop: string; accounts: readonly string[] };
  "socket-out-of-reach": { forward: string; path: string; vantage: string; host: string };
  "socket-has-no-address": { forward: string; path: string; host: string };
  "server-name-taken": { name: string };
  "not-a-setting": { owner: string };
  "owner-of-port": { service: string };
  "key-without-firewall": { owner: string; key: "ipsets" | "cgroups" };
}
