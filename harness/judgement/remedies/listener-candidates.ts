/** A forward that listens on less than the policy wants. */

import { parseTarget } from "../../core/address.ts";
import { splitTarget } from "../../core/cells.ts";
import { listensOnServer } from "../../core/forward-outcome.ts";
import type { JudgedResult } from "../judge.ts";
import { asksForAll, asksForLoopback, bindOf } from "../listeners.ts";
import type { Candidate, RemedyInputs } from "./candidate.ts";
import { setEntryAddress, setListener } from "./policy-edits.ts";
import { placeOfSetting, setSetting } from "./sshd-edits.ts";
import type { JudgedForward, Violation } from "./violations.ts";
import { asCandidates, settingParams, type Way, waysFor } from "./widen.ts";

export function listenerCandidates({ forward, cells }: Violation, result: JudgedResult, inputs: RemedyInputs): Candidate[] {
  const { requested } = forward;
  const reason = cells[0]?.decidedBy;
  if (requested === null || !reason || forward.granted === false) return [];
  const bind = bindOf(requested);
  const bound = (first?: Way) =>
    bind === undefined ? [] : boundCandidates({ forward, cells, wants: "reach" }, bind, result, inputs, first);
  if (!listensOnServer(forward.kind ?? "remote")) return bind === undefined ? widerListener(forward, requested, inputs) : bound();
  if (reason.code === "family-left-out") {
    const edits = setSetting(inputs, "AddressFamily", "any", reason);
    return [{ code: "set-setting", params: settingParams("AddressFamily any", edits), edits }];
  }
  const gateway = forward.effective.gatewayports?.toLowerCase() ?? "no";
  const ways = gateway === "no" ? waysFor(forward, ["GatewayPorts clientspecified"], placeOfSetting(forward, "gatewayports"), inputs) : [];
  // A bind address that was asked for is meant: the server is made to honour it, and it is never widened.
  if (bind === undefined)
    return gateway === "no"
      ? ways.flatMap((way) => widerListener(forward, requested, inputs, way))
      : widerListener(forward, requested, inputs);
  if (asksForLoopback(bind)) return bound();
  const honoured = asCandidates(ways);
  return asksForAll(bind) ? honoured : [...honoured, ...(gateway === "no" ? ways.flatMap((way) => bound(way)) : bound())];
}

/** No bind address was given: a leading colon asks for every address. */
function widerListener(forward: JudgedForward, requested: string, inputs: RemedyInputs, first?: Way): Candidate[] {
  if (bindOf(requested) !== undefined || !/^\d+$/.test(requested)) return [];
  const colon = setListener(inputs, forward.name, requested, `:${requested}`);
  if (colon.length === 0) return [];
  const params = { listener: `:${requested}` };
  if (!first) return [{ code: "add-leading-colon", params, edits: colon }];
  return [{ code: "set-gateway-ports-and-colon", params: { ...first.params, ...params }, edits: [...first.edits, ...colon] }];
}

/** A forward for one address on purpose (a VPN's, a bridge's, 127.0.0.1): the policy means that address. */
function boundCandidates(
  { forward, cells }: Violation,
  bind: string,
  result: JudgedResult,
  inputs: RemedyInputs,
  first?: Way,
): Candidate[] {
  const there = new Set(
    result.cells
      .filter(({ forward: name, target }) => name === forward.name && parseTarget(splitTarget(target).listener)?.address === bind)
      .map(({ vantage }) => vantage),
  );
  const vantages = [...new Set(cells.map(({ vantage }) => vantage))];
  if (!vantages.every((vantage) => there.has(vantage))) return [];
  const edits = vantages.flatMap((vantage) => setEntryAddress(inputs, forward.name, vantage, bind));
  if (edits.length < vantages.length) return [];
  const params = { address: bind, vantages };
  if (!first) return [{ code: "name-address-in-policy", params, edits }];
  return [{ code: "set-setting-and-address", params: { ...first.params, ...params }, edits: [...first.edits, ...edits] }];
}
