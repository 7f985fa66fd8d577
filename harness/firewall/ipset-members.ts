/** ipsets that get members from elsewhere than the file. Pure. */
import { extensionsOf } from "./expressions.ts";
import { iptablesWords } from "./iptables-words.ts";
import type { NftListing, WrittenRule } from "./rule-lines.ts";

type Filled = (name: string) => boolean;

const known = new WeakMap<NftListing["nftables"], Filled>();

/**
 * Those that rules add to, and those without a member, which are of no use unless another program adds some.
 * @param ipsets output of `ipset save`, the same for one listing
 */
export function ipsetsFilled(ipsets: string, { nftables }: NftListing, written: WrittenRule): Filled {
  const filled = known.get(nftables) ?? findFilled(ipsets, nftables, written);
  known.set(nftables, filled);
  return filled;
}

function findFilled(ipsets: string, nftables: NftListing["nftables"], written: WrittenRule): Filled {
  const words = nftables.map(({ rule }) => (rule && extensionsOf(rule).includes("target SET") ? iptablesWords(written(rule) ?? "") : []));
  const byPackets = new Set(words.flatMap((all) => all.filter((_, at) => all[at - 1] === "--add-set")));
  const lines = ipsets.split("\n").map((line) => line.trim().split(/\s+/, 2));
  const named = (...commands: string[]) =>
    new Set(lines.flatMap(([command = "", name]) => (name && commands.includes(command) ? [name] : [])));
  const [created, filled] = [named("create", "-N"), named("add", "-A")];
  return (name) => byPackets.has(name) || (created.has(name) && !filled.has(name));
}
