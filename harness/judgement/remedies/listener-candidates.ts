/** A forward that listens on less than the policy wants. */

import { parseTarget } from "../../core/address.ts";
import { splitTarget } from "../../core/cells.ts";
import { listensOnServer } from "../../core/forward-outcome.ts";
import type { JudgedResult } from "../judge.ts";
import { asksForAll, asksForLoopback, bindOf } from "../listeners.ts";
import type { Candidate, Edit, RemedyInputs } from "./candidate.ts";
import { setEntryAddress, setListener } from "./policy-edits.ts";
import { setSetting } from "./sshd-edits.ts";
import type { JudgedForward, Violation } from "./violations.ts";

export function listenerCandidates({ forward, cells }: Violation, result: JudgedResult, inputs: RemedyInputs): Candidate[] {
  const { requested } = forward;
  const reason = cells[0]?.decidedBy;
  if (requested === null || !reason || forward.granted === false) return [];
  const bind = bindOf(requested);
  const bound = (first: readonly Edit[]) =>
    bind === undefined ? [] : boundCandidates({ forward, cells, wants: "reach" }, bind, result, inputs, first);
  if (!listensOnServer(forward.kind ?? "remote")) return bind === undefined ? widerListener(forward, requested, inputs, []) : bound([]);
  if (reason.code === "family-left-out") {
    const edits = setSetting(inputs, "AddressFamily", "any", reason);
    return [{ code: "set-setting", params: settingParams("AddressFamily any", edits), edits }];
  }
  const gateway = forward.effective.gatewayports?.toLowerCase() ?? "no";
  const place = forward.settings.find(({ keyword }) => keyword.toLowerCase() === "gatewayports") ?? {};
  const clientspecified = gateway === "no" ? setSetting(inputs, "GatewayPorts", "clientspecified", place) : [];
  // A bind address that was asked for is meant: the server is made to honour it, and it is never widened.
  if (bind === undefined) return widerListener(forward, requested, inputs, clientspecified);
  if (asksForLoopback(bind)) return bound([]);
  const honoured: Candidate[] = clientspecified.length > 0 ? [settingCandidate("GatewayPorts clientspecified", clientspecified)] : [];
  return asksForAll(bind) ? honoured : [...honoured, ...bound(clientspecified)];
}

/** No bind address was given: a leading colon asks for every address. */
function widerListener(forward: JudgedForward, requested: string, inputs: RemedyInputs, first: readonly Edit[]): Candidate[] {
  if (bindOf(requested) !== undefined || !/^\d+$/.test(requested)) return [];
  const colon = setListener(inputs, forward.name, requested, `:${requested}`);
  if (colon.length === 0) return [];
  const params = { listener: `:${requested}` };
  return first.length > 0
    ? [
        {
          code: "set-gateway-ports-and-colon",
          params: { ...params, ...settingParams("GatewayPorts clientspecified", first) },
          edits: [...first, ...colon],
        },
      ]
    : [{ code: "add-leading-colon", params, edits: colon }];
}

/** A forward for one address on purpose (a VPN's, a bridge's, 127.0.0.1): the policy means that address. */
function boundCandidates(
  { forward, cells }: Violation,
  bind: string,
  result: JudgedResult,
  inputs: RemedyInputs,
  first: readonly Edit[],
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
  return first.length > 0
    ? [
        {
          code: "set-setting-and-address",
          params: { ...params, ...settingParams("GatewayPorts clientspecified", first) },
          edits: [...first, ...edits],
        },
      ]
    : [{ code: "name-address-in-policy", params, edits }];
}

export function settingCandidate(setting: string, edits: readonly Edit[]): Candidate {
  return { code: "set-setting", params: settingParams(setting, edits), edits };
}

export function settingParams(setting: string, [edit]: readonly Edit[]): Record<string, string> {
  return { setting, place: edit ? `${edit.file}:${edit.line}` : "" };
}
