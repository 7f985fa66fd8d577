/** The server's ends of logins that `Match LocalAddress` and `Match LocalPort` distinguish. Pure. */
import { parseAddress, withoutPrefix } from "../../core/address.ts";
import type { LabSpec } from "../../core/lab-spec.ts";
import type { LoginEnd } from "../../core/review-facts.ts";
import { matchAddressList } from "../../openssh/patterns.ts";
import type { ConfigLine } from "../../openssh/sshd-config.ts";

/**
 * Each address of the server, and each port, is in one class of those that every Match line treats alike.
 * @param ports on which sshd may listen
 * @returns none where the config distinguishes none
 */
export function loginEnds(spec: LabSpec, lines: readonly ConfigLine[], ports: readonly number[]): LoginEnd[] {
  const matches = lines.filter(({ keyword }) => keyword === "match").map(({ args }) => args);
  const lists = matches.flatMap((args) => criterion(args, "localaddress"));
  const numbers = new Set(matches.flatMap((args) => criterion(args, "localport")).map(Number));
  if (lists.length + numbers.size === 0) return [];
  const own = (spec.hosts.server?.interfaces ?? []).flatMap(({ addresses }) =>
    addresses.flatMap((text) => parseAddress(withoutPrefix(text))?.text ?? []),
  );
  const addresses = Map.groupBy(own, (address) => lists.map((list) => matchAddressList(address, list)).join());
  const alike = Map.groupBy(new Set(ports), (port) => (numbers.has(port) ? port : undefined));
  return [...addresses.values()].flatMap((each) =>
    [...alike.values()].map(
      (some): LoginEnd => ({ addresses: each, ports: some, named: { address: addresses.size > 1, port: alike.size > 1 } }),
    ),
  );
}

/** Its value in one Match line, as `LocalPort 22` or `LocalPort=22`. */
function criterion(args: readonly string[], name: string): string[] {
  return args.flatMap((word, at) => {
    const [, key = "", value] = /^([a-z]+)(?:=(.*))?$/i.exec(word) ?? [];
    if (key.toLowerCase() !== name) return [];
    return [value ?? args[at + 1] ?? ""];
  });
}
