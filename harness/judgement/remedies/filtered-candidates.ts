/** A rule of the server's firewall keeps out whom the policy lets in. */
import { isLoopback, networkOf, parseAddress, parseInterface, parseTarget } from "../../core/address.ts";
import { splitTarget } from "../../core/cells.ts";
import { serverOf } from "../../core/forward-outcome.ts";
import type { Params } from "../../core/reason.ts";
import { wantsReach } from "../../core/verdict.ts";
import { isSynProxy } from "../firewall-reasons.ts";
import type { JudgedResult } from "../judge.ts";
import { type Candidate, linesOf, placeOfEdits, type RemedyInputs } from "./candidate.ts";
import { insertRules, insertStatements } from "./firewall-edits.ts";
import { lateAccept } from "./iptables-edits.ts";
import { byFamily, chosenParams, peersOf, statedOf } from "./peers.ts";
import type { DecidingRule, Peer, PortRule } from "./port-rule.ts";
import { withIpv6, withTuples } from "./ufw-edits.ts";
import type { JudgedCell, Violation } from "./violations.ts";
import { namesAccounts } from "./widen.ts";

export function filteredCandidates(violation: Violation, result: JudgedResult, inputs: RemedyInputs): Candidate[] {
  const { cells, forward } = violation;
  const [first] = cells;
  const reason = first?.decidedBy;
  const port = first && parseTarget(splitTarget(first.target).listener)?.port;
  const direction = String(reason?.params.direction ?? "");
  if (!reason?.rule || reason.file === undefined || reason.line === undefined || port === undefined) return [];
  const deciding = { rule: reason.rule, file: reason.file, line: reason.line };
  const keptOut = result.cells.filter(({ forward: name, expected }) => name === forward.name && expected !== null && !wantsReach(expected));
  const peers = peersOf(cells, { stated: statedOf(inputs), host: result.topology.hosts[forward.listensOn ?? ""], others: keptOut });
  const visitors = { cells, peers };
  const ipv6 = withIpv6(inputs, deciding);
  if (ipv6.length > 0) return ipv6Candidates(deciding, visitors, { direction: "request", port }, { inputs, edits: ipv6 });
  if (direction === "neighbour") return neighbourCandidates(deciding, visitors, port, inputs);
  if (direction === "dial") return dialCandidates(deciding, violation, reason.params, inputs);
  if (direction !== "request" && direction !== "reply") return [];
  // What it needs is no rule: to accept before it is to do without it.
  if (isSynProxy(reason.rule)) return [];
  return [...movedAccept(deciding, port, inputs), ...accepts(deciding, visitors, { direction, port }, inputs).map(acceptBefore)];
}

/** What sshd dials as the account is let out: for that account alone, if the policy lists the accounts. */
function dialCandidates(
  deciding: DecidingRule,
  { forward }: Violation,
  { at, dialledAddress, dialledPort }: Params,
  inputs: RemedyInputs,
): Candidate[] {
  const address = parseAddress(String(dialledAddress ?? ""));
  const server = serverOf(forward.server === undefined ? {} : { server: forward.server });
  // ufw's own files hold no rules of this kind that ufw itself could list.
  if (at !== server || !address || isOfUfw(deciding)) return [];
  const { text, family } = address;
  const chosen = statedOf(inputs).has(text) || isLoopback(text) ? {} : { chosenFor: text };
  const peers: Peer[] = [{ address: text, family, ...chosen }];
  const account = namesAccounts(forward, inputs) ? { account: forward.account } : {};
  const rule: PortRule = { peers, direction: "dial", port: Number(dialledPort), action: "accept", ...account };
  return [acceptBefore({ edits: insertRules(inputs, deciding, [rule]), peers })];
}

function isOfUfw({ file }: DecidingRule): boolean {
  return /(^|\/)ufw(\/|$)/.test(file);
}

interface Visitors {
  cells: readonly JudgedCell[];
  peers: readonly Peer[];
}

interface Asked {
  direction: "request" | "reply";
  port: number;
}

/** Rules, and whom they name. */
interface Accepts {
  edits: Candidate["edits"];
  peers: readonly Peer[];
}

/** ufw drops all IPv6: with `IPV6=yes`, its IPv6 rules apply instead, either the user's own or a new one for the visitors. */
function ipv6Candidates(
  deciding: DecidingRule,
  visitors: Visitors,
  asked: Asked,
  { inputs, edits }: { inputs: RemedyInputs; edits: Candidate["edits"] },
): Candidate[] {
  const alone: Accepts = { edits: [], peers: [] };
  return [alone, ...accepts(deciding, visitors, asked, inputs)].map((rules) => ({
    code: "set-ufw-ipv6",
    params: { at: `${deciding.file}:${deciding.line}`, ...insertionParams(rules.edits, rules.peers) },
    edits: [...edits, ...rules.edits],
  }));
}

/** Rules that let the visitors in: everybody, if one of them represents everybody, otherwise their addresses. */
function accepts(deciding: DecidingRule, { cells, peers }: Visitors, asked: Asked, inputs: RemedyInputs): Accepts[] {
  const rules = byFamily(peers).map((ofFamily): PortRule => ({ peers: ofFamily, ...asked, action: "accept" }));
  const insert = (own: PortRule[], named: readonly Peer[] = []): Accepts => ({ edits: insertRules(inputs, deciding, own), peers: named });
  const byAddress = insert(rules, peers);
  if (!cells.some(isStranger)) return [byAddress];
  // The one stranger that the lab has stands for all of them: no rule for that address alone lets them in. A rule about a network keeps out nobody else.
  const network = networkKeptOut(deciding, asked.direction);
  const ofNetwork = network ? [insert([{ peers: [network], ...asked, action: "accept" }])] : [];
  return [...ofNetwork, insert([{ ...anybody(cells), ...asked, action: "accept" }]), byAddress];
}

/** The one that the rule itself is about: an address or a prefix. */
function networkKeptOut({ rule }: DecidingRule, direction: "request" | "reply"): Peer | undefined {
  const [nft, dump] = direction === "request" ? ["saddr", "-s"] : ["daddr", "-d"];
  const address = new RegExp(`(?:\\bip6? ${nft}|(?<!! )(?<= )${dump}) ([\\da-f.:]+(?:/\\d+)?)(?= |$)`).exec(rule)?.[1];
  const network = address === undefined ? undefined : parseInterface(address);
  return network && network.prefix > 0 ? { address: networkOf(network), family: network.family } : undefined;
}

/** Over IPv6 a host is found by ICMPv6: a firewall that drops its messages cuts it off, and may drop the visitor's packet as well. */
function neighbourCandidates(deciding: DecidingRule, visitors: Visitors, port: number, inputs: RemedyInputs): Candidate[] {
  if (!visitors.cells.every(({ family }) => family === 6)) return [];
  const edits = insertStatements(inputs, deciding, {
    dump: (chain) => [135, 136].map((type) => `-A ${chain} -p ipv6-icmp -m icmp6 --icmpv6-type ${type} -j ACCEPT`),
    nft: ["icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept"],
  });
  const alone: Accepts = { edits, peers: [] };
  const more = accepts(deciding, visitors, { direction: "request", port }, inputs);
  return [alone, ...more.map((rules): Accepts => ({ edits: [...edits, ...rules.edits], peers: rules.peers }))].map(acceptBefore);
}

function acceptBefore({ edits, peers }: Accepts): Candidate {
  return { code: "accept-before", params: insertionParams(edits, peers), edits };
}

/** The vantage point that is anybody on the internet. */
export function isStranger({ vantage }: JudgedCell): boolean {
  return vantage === "internet";
}

/** Every visitor over the families of these cells. */
function anybody(cells: readonly JudgedCell[]): Pick<PortRule, "peers" | "family"> {
  const families = new Set(cells.map(({ family }) => family));
  const [family] = families;
  return { peers: [], ...(families.size === 1 && family ? { family } : {}) };
}

/** The user's own accept stands after the rule that decides: it comes too late. */
function movedAccept(deciding: DecidingRule, port: number, inputs: RemedyInputs): Candidate[] {
  const { file, line } = deciding;
  const lines = linesOf(inputs.files[file] ?? "");
  const late = lateAccept(deciding, lines, port);
  if (late === undefined) return [];
  const edits = withTuples(inputs, [
    { file, line, action: "before", lines: [(lines[late - 1] as string).replace(/\r$/, "")] },
    { file, line: late, action: "replace", lines: [] },
  ]);
  return [{ code: "move-accept", params: { late: `${file}:${late}`, place: `${file}:${line}` }, edits }];
}

/** For words: what is inserted, before which line, and what of it the user must replace. */
export function insertionParams(edits: Candidate["edits"], peers: readonly Peer[]): Candidate["params"] {
  const rules = edits.flatMap(({ lines }) => lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#")));
  return { rules, place: placeOfEdits(edits), ...(rules.length > 0 ? chosenParams(peers) : {}) };
}
