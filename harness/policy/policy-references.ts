/** What the schema cannot see: names that point at nothing, and statements that contradict each other. */

import { type Family, parseAddress } from "../core/address.ts";
import { UserError } from "../core/errors.ts";
import { type Fault, faultOf, type PolicyName } from "../core/fault.ts";
import { serverOf } from "../core/forward-outcome.ts";
import { anyLinkLocal } from "../core/link-local.ts";
import { didYouMean, suggestionText } from "../core/suggestion.ts";
import { vantagesOf } from "./network-plan.ts";
import { accountOf, accountsOf, anyone, defaultFrom, type Policy, type PolicyForward, type ReachEntry, reachEntries } from "./policy.ts";
import { serversOf } from "./servers.ts";
import type { KeyPath, YamlSource } from "./yaml-source.ts";

/**
 * Every such fault of a policy that follows the schema.
 * @param unread forwards whose ssh line is itself faulty, so that its account and server are unknown
 */
export function referenceFaults(policy: Policy, source: YamlSource, unread: readonly string[] = []): UserError[] {
  const check = new ReferenceCheck(policy, source, unread);
  check.server();
  for (const [name, forward] of Object.entries(policy.forwards)) check.forward(name, forward);
  check.waivers();
  return check.faults;
}

const whereToAdd: Partial<Record<PolicyName, (name: string) => string>> = {
  account: (name) => `add \`${name}: {}\` under \`accounts\` of the server`,
  "vantage point": (name) => `describe ${name} under \`network.vantages\`, or correct the name`,
};

class ReferenceCheck {
  readonly faults: UserError[] = [];
  readonly #policy: Policy;
  readonly #source: YamlSource;
  readonly #vantages: readonly string[];
  readonly #unread: readonly string[];

  constructor(policy: Policy, source: YamlSource, unread: readonly string[]) {
    this.#unread = unread;
    this.#policy = policy;
    this.#source = source;
    this.#vantages = vantagesOf(policy);
  }

  server(): void {
    for (const [name, { openssh, image }] of [["server", this.#policy.server] as const, ...Object.entries(this.#policy.servers ?? {})]) {
      if (openssh === undefined || image === undefined) continue;
      const fault = faultOf("keys-exclude", { owner: name, keys: ["openssh", "image"], remove: ["openssh"] });
      const details = { found: "both", expected: "only one of them", todo: "remove `openssh`", fault };
      this.#report(
        name === "server" ? ["server", "image"] : ["servers", name, "image"],
        `${name} has both \`openssh\` and \`image\``,
        details,
        true,
      );
    }
  }

  forward(name: string, forward: PolicyForward): void {
    const path: KeyPath = ["forwards", name];
    const server = serverOf(forward);
    this.#known("server", server, serversOf(this.#policy), [...path, "server"]);
    const clients = this.#vantages.filter((vantage) => vantage !== server);
    this.#known("host", forward.from ?? defaultFrom, clients, [...path, "from"]);
    if (!this.#unread.includes(name)) this.#account(name, forward, path);
    this.#entries(name, forward, [...path, "reachable_from"]);
    if (forward.refused_by_server && reachEntries(forward).some((entry) => entry.is === "reachable" || entry.is === "reached")) {
      const details = {
        found: "`refused_by_server: true` with `reachable_from`",
        expected: "only one of them",
        todo: "remove `refused_by_server`, or the entries of `reachable_from`",
        fault: exclusive(`forwards.${name}`, ["refused_by_server", "reachable_from"]),
      };
      this.#report([...path, "refused_by_server"], `forwards.${name} cannot be both refused and reachable`, details, true);
    }
  }

  #account(name: string, forward: PolicyForward, path: KeyPath): void {
    const accounts = Object.keys(accountsOf(this.#policy, forward.server));
    if (forward.as !== undefined) this.#known("account", forward.as, accounts, [...path, "as"]);
    // Of a unit that could not be read the account is not known.
    else if (forward.unit === undefined && accountOf(this.#policy, forward) === undefined) {
      const fault = faultOf("account-not-stated", { forward: name, accounts });
      const details = { found: "no `as`", expected: `\`as\`, one of: ${accounts.join(", ")}`, todo: "add `as`", fault };
      this.#report(path, `forwards.${name} needs \`as\`, because there are several accounts`, details, true);
    }
  }

  #entries(name: string, forward: PolicyForward, path: KeyPath): void {
    const seen = new Map<string, number>();
    for (const [index, entry] of reachEntries(forward).entries()) {
      const entryPath: KeyPath = [...path, index];
      const short = typeof forward.reachable_from?.[index] === "string";
      this.#known("vantage point", entry.vantage, [...this.#vantages, anyone], short ? entryPath : [...entryPath, "vantage"]);
      const stated = this.#statedFamily(`forwards.${name}`, entry, entryPath);
      for (const family of stated === undefined ? ([4, 6] as const) : [stated]) {
        const key = [entry.vantage, family, canonical(entry.address), canonical(entry.via), entry.as].join("/");
        const first = seen.get(key);
        if (first !== undefined) {
          this.#report(entryPath, `${entry.vantage} appears twice in reachable_from of ${name} for IPv${family}`, {
            found: `entries ${first + 1} and ${index + 1}`,
            expected: "each vantage point once per family",
            todo: "remove one of them",
            fault: faultOf("entry-twice", { forward: name, vantage: entry.vantage, family, entries: [first + 1, index + 1] }),
          });
          break;
        }
        seen.set(key, index);
      }
    }
  }

  /** The address family that the keys imply; undefined: both. */
  #statedFamily(
    owner: string,
    { family, address, via }: Pick<ReachEntry, "family" | "address" | "via">,
    path: KeyPath,
  ): Family | undefined {
    const [named, hop] = [parseAddress(address ?? ""), parseAddress(via ?? "")];
    const contradict = (key: "address" | "via", message: string, found: string, expected: string, fault: Fault) =>
      this.#report([...path, key], message, { found, expected, todo: "keep one of them", fault });
    const other = (key: "address" | "via", against: Family) => faultOf("family-contradicts", { key, family: against });
    if (address === anyLinkLocal && (family === 4 || hop)) {
      const found = `link-local with ${hop ? "`via`" : "family 4"}`;
      const fault = faultOf("link-local-is-ipv6", { owner });
      contradict("address", `${owner}: a link-local address is always IPv6, and takes no next hop`, found, "only one of them", fault);
    }
    if (family && named && named.family !== family)
      contradict(
        "address",
        `address and family contradict each other`,
        `${address} with family ${family}`,
        `an IPv${family} address`,
        other("address", family),
      );
    const stated = family ?? named?.family;
    if (stated && hop && hop.family !== stated)
      contradict(
        "via",
        `via and the rest of the entry have different address families`,
        via as string,
        `an IPv${stated} address`,
        other("via", stated),
      );
    return stated ?? hop?.family ?? (address === anyLinkLocal ? 6 : undefined);
  }

  waivers(): void {
    const ids = new Set<string>();
    for (const [index, waiver] of (this.#policy.waivers ?? []).entries()) {
      const { id, forward, vantage } = waiver;
      const path: KeyPath = ["waivers", index];
      this.#known("forward", forward, Object.keys(this.#policy.forwards), [...path, "forward"]);
      this.#known("vantage point", vantage, this.#vantages, [...path, "vantage"]);
      if (ids.has(id))
        this.#report([...path, "id"], `waiver id \`${id}\` is used twice`, {
          found: id,
          expected: "a different id for each waiver",
          todo: "rename one of them",
          fault: faultOf("waiver-id-twice", { id }),
        });
      ids.add(id);
      this.#statedFamily(`waiver ${id}`, waiver, path);
    }
  }

  #known(kind: PolicyName, name: string, names: readonly string[], path: KeyPath): void {
    if (names.includes(name)) return;
    const meant = didYouMean(name, names);
    const missing = whereToAdd[kind]?.(name);
    this.#report(path, `unknown ${kind} \`${name}\``, {
      found: name,
      expected: names.join(", ") || `no ${kind} is defined`,
      todo: suggestionText(meant) ?? missing,
      fault: faultOf("policy-name-unknown", { kind, name, known: names, meant }),
    });
  }

  #report(
    path: KeyPath,
    message: string,
    details: { found?: string; expected?: string; todo?: string | undefined; fault: Fault },
    onKey = false,
  ): void {
    const place = onKey ? this.#source.keyPlace(path) : this.#source.place(path);
    this.faults.push(new UserError("policy-value", message, { place, ...details }));
  }
}

/** Two keys of which either may go. */
function exclusive(owner: string, keys: readonly string[]): Fault {
  return faultOf("keys-exclude", { owner, keys, remove: keys });
}

/** The usual spelling of an address. */
function canonical(address: string | undefined): string {
  return parseAddress(address ?? "")?.text ?? address ?? "";
}
