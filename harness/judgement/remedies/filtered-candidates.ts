/** A rule of the server's firewall keeps out whom the policy lets in. */
import { parseAddress, parseTarget } from "../../core/address.ts";
import { splitTarget } from "../../core/cells.ts";
import { isLinkLocal } from "../../core/link-local.ts";
import { isSynProxy } from "../firewall-reasons.ts";
import { type Candidate, linesOf, placeOfEdits, type RemedyInputs } from "./candidate.ts";
import { insertRules, insertStatements } from "./firewall-edits.ts";
import { lateAccept } from "./iptables-edits.ts";
import type { DecidingRule, PortRule } from "./port-rule.ts";
import { withIpv6, withTuples } from "./ufw-edits.ts";
import type { JudgedCell, Violation } from "./violations.ts";

export function filteredCandidates({ cells }: Violation, inputs: RemedyInputs): Candidate[] {
  const [first] = cells;
  const reason = first?.decidedBy;
  const port = first && parseTarget(splitTarget(first.target).listener)?.port;
  const direction = String(reason?.params.direction ?? "");
  if (!reason?.rule || reason.file === undefined || reason.line === undefined || port === undefined) return [];
  const deciding = { rule: reason.rule, file: reason.file, line: reason.line };
  const ipv6 = withIpv6(inputs, deciding);
  if (ipv6.length > 0) return ipv6Candidates(deciding, cells, { direction: "request", port }, { inputs, edits: ipv6 });
  if (direction === "neighbour") return neighbourCandidates(deciding, cells, port, inputs);
  if (direction !== "request" && direction !== "reply") return [];
  // What it needs is no rule: to accept before it is to do without it.
  if (isSynProxy(reason.rule)) return [];
  return [...movedAccept(deciding, port, inputs), ...accepts(deciding, cells, { direction, port }, inputs).map(acceptBefore)];
}

/** ufw drops all IPv6: with `IPV6=yes`, its IPv6 rules apply instead, either the user's own or a new one for the visitors. */
function ipv6Candidates(
  deciding: DecidingRule,
  cells: readonly JudgedCell[],
  asked: Pick<PortRule, "direction" | "port">,
  { inputs, edits }: { inputs: RemedyInputs; edits: Candidate["edits"] },
): Candidate[] {
  return [[], ...accepts(deciding, cells, asked, inputs)].map((rules) => ({
    code: "set-ufw-ipv6",
    params: { at: `${deciding.file}:${deciding.line}`, ...insertionParams(rules) },
    edits: [...edits, ...rules],
  }));
}

/** Rules that let the visitors in: everybody, if one of them represents everybody, otherwise their addresses. */
function accepts(
  deciding: DecidingRule,
  cells: readonly JudgedCell[],
  asked: Pick<PortRule, "direction" | "port">,
  inputs: RemedyInputs,
): Candidate["edits"][] {
  const peers = peersOf(cells);
  const rules = byFamily(peers).map((ofFamily): PortRule => ({ peers: ofFamily, ...asked, action: "accept" }));
  // The one stranger that the lab has stands for all of them: no rule for that address alone lets them in.
  const everybody = cells.some(isStranger) ? [insertRules(inputs, deciding, [{ ...anybody(cells), ...asked, action: "accept" }])] : [];
  return [...everybody, insertRules(inputs, deciding, rules)];
}

/** Over IPv6 a host is found by ICMPv6: a firewall that drops its messages cuts it off, and may drop the visitor's packet as well. */
function neighbourCandidates(deciding: DecidingRule, cells: readonly JudgedCell[], port: number, inputs: RemedyInputs): Candidate[] {
  if (!cells.every(({ family }) => family === 6)) return [];
  const edits = insertStatements(inputs, deciding, {
    dump: (chain) => [135, 136].map((type) => `-A ${chain} -p ipv6-icmp -m icmp6 --icmpv6-type ${type} -j ACCEPT`),
    nft: ["icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept"],
  });
  const visitors = accepts(deciding, cells, { direction: "request", port }, inputs);
  return [edits, ...visitors.map((rules) => [...edits, ...rules])].map(acceptBefore);
}

function acceptBefore(edits: Candidate["edits"]): Candidate {
  return { code: "accept-before", params: insertionParams(edits), edits };
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

/** For words: what is inserted, and before which line. */
export function insertionParams(edits: Candidate["edits"]): Candidate["params"] {
  const rules = edits.flatMap(({ lines }) => lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#")));
  return { rules, place: placeOfEdits(edits) };
}

/** Addresses that the server saw the visitors come from. */
export function peersOf(cells: readonly JudgedCell[]): PortRule["peers"] {
  const addresses = cells.flatMap(({ evidence, target }) => {
    const address = parseAddress(evidence.seenAs ?? evidence.from ?? "");
    // Of neighbours' link-local addresses, only the lab's are known.
    return address ? [{ address: isLinkLocal(target) ? "fe80::/10" : address.text, family: address.family }] : [];
  });
  return [...new Map(addresses.map((peer) => [peer.address, peer])).values()];
}

export function byFamily(peers: PortRule["peers"]): PortRule["peers"][] {
  return ([4, 6] as const).map((family) => peers.filter((peer) => peer.family === family)).filter(({ length }) => length > 0);
}
