/** The key that a forward logs in with at its own server, and at each jump host on the way. */
import { UserError } from "../core/errors.ts";
import { type Fault, faultOf } from "../core/fault.ts";
import { serverOf } from "../core/forward-outcome.ts";
import { didYouMean, suggestionText } from "../core/suggestion.ts";
import { type Warning, warning } from "../core/warning.ts";
import type { PolicyJump } from "./jumps.ts";
import { accountOf, type Policy } from "./policy.ts";
import { type AccountInput, keyIndexOf, type RunInputs, usableLogins } from "./run-inputs.ts";
import type { KeyPath, YamlSource } from "./yaml-source.ts";

type Through = Readonly<Record<string, readonly PolicyJump[]>>;
type InputsOf = (server: string) => RunInputs;

export interface ChosenKeys {
  /** By forward: the login that `key:` names. */
  keyIndex: Record<string, number | undefined>;
  /** By forward: its jump hosts, with the logins that `jump_keys:` names. */
  through: Record<string, readonly PolicyJump[]>;
  /** One for each name that matches no key. */
  errors: UserError[];
}

export function chooseKeys(policy: Policy, through: Through, inputsOf: InputsOf, source: YamlSource): ChosenKeys {
  const chosen: ChosenKeys = { keyIndex: {}, through: {}, errors: [] };
  const choose = (path: KeyPath, key: string | number | undefined, account: AccountInput | undefined): number | undefined => {
    if (key === undefined || !account) return undefined;
    const index = keyIndexOf(account, key);
    if (index === undefined)
      chosen.errors.push(
        new UserError("policy-value", `${path.join(".")} matches no key`, {
          place: source.place(path),
          found: String(key),
          ...expectedKey(account, path.join(".")),
        }),
      );
    return index;
  };
  for (const [name, forward] of Object.entries(policy.forwards)) {
    const path: KeyPath = ["forwards", name];
    const index = choose([...path, "key"], forward.key, accountAt(inputsOf, serverOf(forward), accountOf(policy, forward)));
    if (index !== undefined) chosen.keyIndex[name] = index;
    const hops = through[name] ?? [];
    for (const server of Object.keys(forward.jump_keys ?? {}))
      if (!hops.some((hop) => hop.server === server)) chosen.errors.push(noJump(source, [...path, "jump_keys", server], hops));
    if (hops.length === 0) continue;
    chosen.through[name] = hops.map((hop) => {
      const keyIndex = choose(
        [...path, "jump_keys", hop.server],
        forward.jump_keys?.[hop.server],
        accountAt(inputsOf, hop.server, hop.account),
      );
      return keyIndex === undefined ? hop : { ...hop, keyIndex };
    });
  }
  return chosen;
}

/** Without `jump_keys`, the first key of a jump host's account is used; another may be allowed further. */
export function jumpWarnings(through: Through, inputsOf: InputsOf): Warning[] {
  return Object.entries(through).flatMap(([name, hops]) =>
    hops.flatMap(({ server, account, keyIndex }) => {
      const input = accountAt(inputsOf, server, account);
      const logins = input && keyIndex === undefined ? usableLogins(input) : [];
      const first = logins[0]?.place;
      if (logins.length < 2 || !first) return [];
      const params = { server, account, keys: logins.length, first: `${first.file}:${first.line}` };
      return [{ ...warning("jump-by-first-key", params), forwards: [name] }];
    }),
  );
}

function accountAt(inputsOf: InputsOf, server: string, account: string | undefined): AccountInput | undefined {
  return inputsOf(server).accounts.find(({ name }) => name === account);
}

function noJump(source: YamlSource, path: KeyPath, hops: readonly PolicyJump[]): UserError {
  const server = String(path.at(-1));
  const known = hops.map((hop) => hop.server);
  const meant = didYouMean(server, known);
  return new UserError("policy-value", `${path.join(".")}: ssh does not go through ${server}`, {
    fault: faultOf("key-not-on-the-way", { path: path.join("."), server, known, meant }),
    place: source.keyPlace(path),
    found: server,
    expected: known.join(", ") || "an ssh line with -J",
    todo: suggestionText(meant) ?? "remove it; `key` is for the server that the forward is opened on",
  });
}

function expectedKey(account: AccountInput, path: string): { expected: string; todo: string; fault: Fault } {
  const all = [...account.keyFiles, ...account.principalFiles];
  const numbers = usableLogins(account).map(({ place }) => place.line);
  const principals = account.principalFiles.length > 0;
  const names = all.map(({ display }) => display);
  const fault = faultOf("key-unmatched", { path, account: account.name, files: names, lines: numbers, principals });
  if (all.length === 0)
    return {
      fault,
      expected: `an account with authorized_keys or authorized_principals (${account.name} has none)`,
      todo: "remove the key",
    };
  const files = names.join(" or ");
  const principal = principals ? "; or a principal" : "";
  return {
    fault,
    expected: `the line number in ${files} of a key that sshd accepts (${numbers.join(", ") || "there is none"}), or its comment${principal}`,
    todo: "correct it, or remove it: forwardlab then uses the first key that sshd accepts",
  };
}
