/**
 * Rules by which a neighbour may get in from its link-local address, or at the host's own, where it does not by other addresses of IPv6. A route's answer
 * (`fib`, `addrtype`, `rpfilter`) is the same for both. Pure.
 */
import type { Family } from "../core/address.ts";
import { type AddressRange, everyAddress, parseRange } from "../core/address-range.ts";
import { holdsRange, rangeOf } from "./address-match.ts";
import { closes } from "./effect.ts";
import { entriesBelow, extensionsOf, field, type Json, statementsOf } from "./expressions.ts";
import { elementsOf } from "./named-sets.ts";
import { movesOf, portsUnder } from "./port-moves.ts";
import { arriving, reachableRules } from "./reachable-rules.ts";
import type { ListedRule, NftListing, WrittenRule } from "./rule-lines.ts";
import type { SetElements } from "./value-match.ts";
import { type Answer, not } from "./value-match.ts";

const linkLocal = parseRange("fe80::/64") as AddressRange;

/**
 * May a connection to this port meet one? A rule that accepts other addresses alone lets no more in, nor does one that drops link-local ones, too.
 */
export function tellsLinkLocal(listing: NftListing, port: number | undefined, written: WrittenRule): boolean {
  const ports = portsUnder(movesOf(listing, written), port);
  return reachableRules(listing, { ...(ports ? { ports } : {}), family: 6 }, written).some(({ rule }) => {
    const answers = answersOfRule(rule, listing, written(rule));
    if (answers.length === 0) return false;
    if (closes(rule)) return answers.some((answer) => answer !== "yes");
    return accepts(rule) ? !answers.includes("no") : true;
  });
}

/** May a connection to this port get in over IPv6 alone: is a rule that lets in for it, or one that keeps out for IPv4, or a policy that does? */
export function tellsFamilies(listing: NftListing, port: number | undefined, written: WrittenRule): boolean {
  const ports = portsUnder(movesOf(listing, written), port);
  const met = (family: Family) =>
    reachableRules(listing, { ...(ports ? { ports } : {}), family }, written, arriving).map(({ rule }) => rule);
  const [four, six] = [met(4), met(6)];
  return (
    listing.nftables.some(({ chain }) => chain?.family === "ip" && chain.policy === "drop" && arriving.includes(chain.hook ?? "")) ||
    four.some((rule) => !six.includes(rule) && !accepts(rule)) ||
    six.some((rule) => !four.includes(rule) && !closes(rule) && !answersOfRule(rule, listing, written(rule)).includes("no"))
  );
}

function answersOfRule(rule: ListedRule, { nftables }: NftListing, written: string | undefined): Answer[] {
  const sets = elementsOf(nftables, rule);
  const own = statementsOf(rule).flatMap((statement) => answersOf(statement, sets));
  return wordsNameAddresses(rule, written) ? [...own, "unknown"] : own;
}

/** Whether link-local addresses are what the statement asks for; nothing of one that asks for no address, or that only notes them in a set. */
function answersOf(statement: Json, sets: SetElements): Answer[] {
  if (typeof statement === "string") return /\b[sd]addr\b|@nh,/.test(statement) ? ["unknown"] : [];
  if (["set", "meter", "log"].some((key) => field(statement, key) !== undefined)) return [];
  const match = field(statement, "match");
  if (match === undefined) return looksAtAddress(statement) ? ["unknown"] : [];
  const left = field(match, "left");
  const right = field(match, "right");
  if (!looksAtAddress(left) || holdsEvery(right)) return [];
  if (!isAddress(left)) return ["unknown"];
  const found = holdsRange(linkLocal, right, sets);
  const op = field(match, "op");
  if (op === "==" || op === "in") return [found];
  return [op === "!=" ? not(found) : "unknown"];
}

function looksAtAddress(value: Json): boolean {
  return entriesBelow(value).some(([key, content]) => {
    if (key === "ct") return /\b[sd]addr$/.test(String(field(content, "key")));
    return key === "payload" && (isAddress({ payload: content }) || field(content, "base") === "nh");
  });
}

function isAddress(value: Json): boolean {
  const payload = field(value, "payload");
  return field(payload, "protocol") === "ip6" && ["saddr", "daddr"].includes(String(field(payload, "field")));
}

/** `::/0` distinguishes nobody. */
function holdsEvery(value: Json): boolean {
  const { first, last } = everyAddress(6);
  const range = rangeOf(value);
  return range !== undefined && range.first === first && range.last === last;
}

function accepts(rule: ListedRule): boolean {
  return statementsOf(rule).some((statement) => field(statement, "accept") !== undefined);
}

/** Extensions of iptables that look at addresses, and that nft cannot show. */
const ofAddresses = new Set(["match iprange", "match set", "match u32", "match bpf", "match cluster", "match geoip", "match string"]);

function wordsNameAddresses(rule: ListedRule, written = ""): boolean {
  const extensions = extensionsOf(rule);
  if (extensions.some((each) => ofAddresses.has(each))) return true;
  return extensions.includes("match conntrack") && /--ct(?:orig|repl)(?:src|dst)\b/.test(written);
}
