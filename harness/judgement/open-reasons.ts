/** Why somebody gets in. */
import type { Cell } from "../core/cells.ts";
import { type ForwardOutcome, listensOnServer, type SettingSource, serverOf } from "../core/forward-outcome.ts";
import { isLinkLocal } from "../core/link-local.ts";
import { layerOfServerRule, type Params, type Reason } from "../core/reason.ts";
import type { Admission, ProbeResult } from "../core/verdict.ts";
import { asksForLoopback, bindOf, listenerParams, listensAt } from "./listeners.ts";
import { ignoredParams, placeOf, ruleOf, settingOf, settingParams } from "./settings.ts";

/**
 * The firewall's accept is what let a visitor in, where the listener stands where it was asked to stand. Where sshd opened more than ssh had
 * asked for, that did; without a firewall, the listener is all there is.
 */
export function openBecause(cell: Cell, probe: ProbeResult, forward: ForwardOutcome): Reason {
  const { port, target, nat = "" } = cell;
  const params: Params = {
    ...listenerParams(forward),
    target,
    wrongService: probe.verdict === "wrong-service",
    ...(isLinkLocal(target) ? { linkLocal: true } : {}),
  };
  if (cell.scope === "nat" && !listensAt(forward.listeners, cell.address, port))
    return { layer: "nat", code: "nat-port-forwarded", params: { ...params, nat, port } };
  if (cell.scope === "neighbour" && cell.address.startsWith("127."))
    return { layer: "bind-address", code: "loopback-let-in", params: { ...params, via: cell.via ?? "" } };
  const { admission } = probe;
  const asked = { ...params, ...askedParams(forward) };
  if (!listensAt(forward.listeners, cell.address, port)) return elsewhere(probe, cell, forward, params);
  const admitting = cell.vantage === forward.listensOn ? undefined : admission;
  if (admitting && !widened(forward)) return admittedBy(admitting, forward, asked);
  return {
    layer: "bind-address",
    code: "listens-there",
    params: { ...asked, ...admissionParams(admitting, forward), ...ignoredParams(decidingSetting(forward)) },
    ...ruleOf(decidingSetting(forward)),
  };
}

function admissionParams(admission: Admission | undefined, forward: ForwardOutcome): Params {
  if (!admission) return {};
  const { file, line } = placeOf(admission);
  const { rule } = admission;
  return {
    admittedBy: rule,
    ...frontParams(rule, forward),
    ...(file === undefined || line === undefined ? {} : { admittedFile: file, admittedLine: line }),
  };
}

/** The firewall's accept that a visitor came in by, whatever else decided; undefined without one that has a line. */
export function admittingRule({ layer, rule, file, line, params }: Reason): { rule: string; file: string; line: number } | undefined {
  if (layer === "server-firewall") return rule && file !== undefined && line !== undefined ? { rule, file, line } : undefined;
  const { admittedBy: accept, admittedFile, admittedLine } = params;
  return typeof accept === "string" &&
    layerOfServerRule(accept) === "server-firewall" &&
    typeof admittedFile === "string" &&
    typeof admittedLine === "number"
    ? { rule: accept, file: admittedFile, line: admittedLine }
    : undefined;
}

/** Nothing listens on that port, and yet it answers: a rule leads it to one where something does. */
function elsewhere({ decision, translation, admission }: ProbeResult, { target }: Cell, forward: ForwardOutcome, params: Params): Reason {
  const rule = decision?.action === "redirect" ? decision : (translation ?? admission);
  return rule && forward.listensOn === serverOf(forward)
    ? { layer: "server-firewall", code: "port-moved", params: { ...params, target, rule: rule.rule }, rule: rule.rule, ...placeOf(rule) }
    : { layer: "bind-address", code: "answers-unexpectedly", params };
}

function admittedBy(admission: Admission, forward: ForwardOutcome, params: Params): Reason {
  const { rule } = admission;
  return {
    layer: admittingLayer(forward, rule),
    code: "packet-admitted",
    params: { ...params, rule, ...frontParams(rule, forward) },
    rule,
    ...placeOf(admission),
  };
}

function frontParams(rule: string, forward: ForwardOutcome): Params {
  return forward.listensOn === serverOf(forward) && layerOfServerRule(rule) === "cloud-firewall" ? { front: true } : {};
}

function admittingLayer(forward: ForwardOutcome, rule: string): Reason["layer"] {
  const { listensOn, from } = forward;
  if (listensOn === serverOf(forward)) return layerOfServerRule(rule);
  return listensOn === from ? "client" : "router";
}

/** sshd listens on more than ssh asked for: `GatewayPorts yes` overrides a bind address. */
function widened(forward: ForwardOutcome): boolean {
  if (!listensOnServer(forward.kind) || forward.software !== undefined) return false;
  return settingOf(forward, "gatewayports").value === "yes" && asksForLoopback(bindOf(forward.requested));
}

function askedParams(forward: ForwardOutcome): Params {
  if (!listensOnServer(forward.kind)) return { asked: forward.ssh };
  const asked = `-R ${forward.requested}`;
  return forward.software === undefined
    ? { asked, ...settingParams(settingOf(forward, "gatewayports")) }
    : { asked, software: forward.software };
}

function decidingSetting(forward: ForwardOutcome): SettingSource | undefined {
  return listensOnServer(forward.kind) && forward.software === undefined ? settingOf(forward, "gatewayports") : undefined;
}
