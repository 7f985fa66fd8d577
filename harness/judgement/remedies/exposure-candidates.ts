/** Somebody gets in who must not. */

import { parseTarget } from "../../core/address.ts";
import { splitTarget } from "../../core/cells.ts";
import { listensOnServer } from "../../core/forward-outcome.ts";
import { isLinkLocal } from "../../core/link-local.ts";
import { wantsReach } from "../../core/verdict.ts";
import type { JudgedResult } from "../judge.ts";
import { asksForAll, bindOf } from "../listeners.ts";
import { admittingRule } from "../open-reasons.ts";
import type { Candidate, RemedyInputs } from "./candidate.ts";
import { insertionParams, isStranger } from "./filtered-candidates.ts";
import { insertRules, narrowRule, removeLine, removeRule } from "./firewall-edits.ts";
import { type Arrival, mayLandIn } from "./firewalld-zones.ts";
import { byFamily, type Named, peersOf, statedOf } from "./peers.ts";
import { dropGatewayOption, setListener } from "./policy-edits.ts";
import { type DecidingRule, type Peer, type PortRule, partsOf } from "./port-rule.ts";
import { type SettingPlace, setSetting } from "./sshd-edits.ts";
import type { JudgedCell, JudgedForward, Violation } from "./violations.ts";
import { asCandidates, namesAccounts, settingCandidate, waysFor } from "./widen.ts";

export function exposureCandidates({ forward, cells }: Violation, result: JudgedResult, inputs: RemedyInputs): Candidate[] {
  // Nothing keeps the listening host's own processes out of a port.
  if (cells.some(({ vantage }) => vantage === forward.listensOn)) return [];
  const wanted = result.cells.filter(
    ({ forward: name, expected, vantage }) =>
      name === forward.name && expected !== null && wantsReach(expected) && vantage !== forward.listensOn,
  );
  const honoured = honouredBind(forward, inputs);
  const narrower = wanted.length === 0 ? narrowerListener(forward, inputs) : [];
  const closed = [...honoured, ...narrower];
  const deciding = cells[0]?.decidedBy ? admittingRule(cells[0].decidedBy) : undefined;
  const port = parseTarget(splitTarget(cells[0]?.target ?? "").listener)?.port;
  if (!deciding || port === undefined) return closed;
  if (cells[0]?.decidedBy?.code === "port-moved") return [unmoved(deciding, inputs), ...closed];
  const lands = (cell: JudgedCell) => mayLandIn(inputs, deciding.file, arrivalOf(cell, result.topology.hosts[forward.listensOn ?? ""]));
  const named = (others: Named["others"]): Named => ({
    stated: statedOf(inputs),
    host: result.topology.hosts[forward.listensOn ?? ""],
    others,
  });
  const meeting = wanted.filter((cell) => !isLinkLocal(cell.target) && lands(cell));
  const peers = peersOf(meeting, named(cells)).filter(mayMeet(deciding));
  const kept = isForStrangers(cells, wanted) ? peersOf(cells, named(wanted)) : [];
  const ofRule = [
    ...removedAccept(deciding, port, inputs),
    ...narrowedRule(deciding, port, { wanted: peers, kept, elsewhere: wanted.length > 0 }, inputs),
  ];
  // A rule for this port alone stays open to whatever else listens there, however the client asks: it comes first.
  return [...honoured, ...ofRule, ...narrower, insertedRules(deciding, port, peers, kept, inputs)];
}

/** How a visitor's packets arrive at the listening host: on the interface with the destination address, or with the next hop's. */
function arrivalOf({ evidence, target, via }: JudgedCell, host: JudgedResult["topology"]["hosts"][string] | undefined): Arrival {
  const address = via ?? parseTarget(splitTarget(target).listener)?.address;
  const has = (own: string) => own.replace(/\/\d+$/, "") === address;
  return { address: evidence.seenAs ?? evidence.from ?? "", by: host?.interfaces.find(({ addresses }) => addresses.some(has))?.name };
}

/** A rule leads another port to the listener: the firewall's verdict on that port came after it. */
function unmoved(deciding: DecidingRule, inputs: RemedyInputs): Candidate {
  return { code: "remove-redirect", params: { place: `${deciding.file}:${deciding.line}` }, edits: removeLine(inputs, deciding) };
}

/** Anybody may connect but these: only they are kept out, instead of whoever is not wanted. */
function isForStrangers(cells: Violation["cells"], wanted: Violation["cells"]): boolean {
  return wanted.some((one) => isStranger(one) && cells.some(({ family }) => family === one.family)) && !cells.some(isStranger);
}

/** `GatewayPorts yes` opens more than ssh has asked for. */
function honouredBind(forward: JudgedForward, inputs: RemedyInputs): Candidate[] {
  const { requested, kind } = forward;
  const gateway = forward.settings.find(({ keyword }) => keyword.toLowerCase() === "gatewayports");
  if (requested === null || kind === null || !listensOnServer(kind) || gateway?.value.toLowerCase() !== "yes") return [];
  return ["", "*"].includes(bindOf(requested) ?? "localhost") ? [] : honouringCandidates(forward, gateway, inputs);
}

/** Nobody but the listening host is meant: it need not listen for others. */
function narrowerListener(forward: JudgedForward, inputs: RemedyInputs): Candidate[] {
  const { requested, kind } = forward;
  if (requested === null || kind === null) return [];
  const bind = bindOf(requested);
  if (!listensOnServer(kind) && bind === undefined) {
    const edits = dropGatewayOption(inputs, forward.name);
    return [{ code: "drop-gateway-option", params: {}, edits }];
  }
  if (!asksForAll(bind)) return [];
  const port = /\d+$/.exec(requested)?.[0] ?? "";
  const listener = listensOnServer(kind) ? port : `localhost:${port}`;
  return [{ code: "drop-bind-address", params: { listener }, edits: setListener(inputs, forward.name, requested, listener) }];
}

/** sshd listens where it is asked to: for all, or where others need more than they ask for, for this account. */
function honouringCandidates(forward: JudgedForward, gateway: SettingPlace, inputs: RemedyInputs): Candidate[] {
  const setting = "GatewayPorts clientspecified";
  const forAll = settingCandidate(setting, setSetting(inputs, "GatewayPorts", "clientspecified", gateway));
  return [forAll, ...(namesAccounts(forward, inputs) ? asCandidates(waysFor(forward, [setting], gateway, inputs)) : [])];
}

/** Packets of one family alone meet the rules of a table of that family. */
function mayMeet(deciding: DecidingRule): (peer: Peer) => boolean {
  const { family: only } = partsOf(deciding);
  return ({ family }) => (only !== "ip" || family === 4) && (only !== "ip6" || family === 6);
}

/** The rule that lets them in names who they are: without it the others may keep theirs. */
function removedAccept(deciding: DecidingRule, port: number, inputs: RemedyInputs): Candidate[] {
  if (!/ -s | saddr /.test(deciding.rule)) return [];
  const edits = removeRule(inputs, deciding, port);
  return [{ code: "remove-rule", params: { place: `${deciding.file}:${deciding.line}` }, edits }];
}

interface Peers {
  wanted: readonly Peer[];
  /** Some client may connect, possibly through other rules. */
  elsewhere: boolean;
  /** Not empty: only these are to be kept out. */
  kept: readonly Peer[];
}

/** The rule that let everybody in, for those who may connect; nothing where it is about more than this port. */
function narrowedRule(deciding: DecidingRule, port: number, { wanted: peers, kept, elsewhere }: Peers, inputs: RemedyInputs): Candidate[] {
  if (kept.length > 0) return [];
  const edits = narrowRule(inputs, deciding, port, peers);
  const removing = elsewhere ? "remove-rule" : "remove-accept";
  const params = { ...insertionParams(edits, peers), place: `${deciding.file}:${deciding.line}` };
  return [{ code: peers.length > 0 ? "narrow-accept" : removing, params, edits }];
}

/** Before it, a rule for those who are kept out; or one for everybody, after those for whoever may connect. */
function insertedRules(
  deciding: DecidingRule,
  port: number,
  peers: readonly Peer[],
  kept: readonly Peer[],
  inputs: RemedyInputs,
): Candidate {
  const rule = (of: readonly Peer[], action: PortRule["action"]): PortRule => ({ peers: of, direction: "request", port, action });
  const rules =
    kept.length > 0
      ? byFamily(kept).map((ofFamily) => rule(ofFamily, "drop"))
      : [...byFamily(peers).map((ofFamily) => rule(ofFamily, "accept")), rule([], "drop")];
  const edits = insertRules(inputs, deciding, rules);
  return { code: "drop-before", params: insertionParams(edits, kept.length > 0 ? kept : peers), edits };
}
