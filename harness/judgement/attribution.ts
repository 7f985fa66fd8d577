/** Which layer decided what a probe saw, and why, in one sentence. */

import { parseTarget } from "../core/address.ts";
import type { Cell } from "../core/cells.ts";
import type { ForwardOutcome, SettingSource } from "../core/forward-outcome.ts";
import { type LabSpec, leadsTo } from "../core/lab-spec.ts";
import type { DecidedBy, Layer } from "../core/result.ts";
import type { PacketDecision, ProbeResult } from "../core/verdict.ts";
import { attributeSocket } from "./socket-attribution.ts";

export interface Attribution {
  decidedBy: DecidedBy | null;
  /** Set when what was seen contradicts the listeners: then nothing is proven. */
  contradiction?: string;
}

/** Attribution of one proven verdict. */
export function attribute(cell: Cell, probe: ProbeResult, forward: ForwardOutcome, spec: LabSpec): Attribution {
  if (cell.scope === "socket" && probe.verdict !== "closed")
    return { decidedBy: probe.verdict === "inconclusive" ? null : attributeSocket(cell, probe, forward) };
  switch (probe.verdict) {
    case "filtered":
      return { decidedBy: probe.decision ? filteredBy(probe.decision, cell, forward, spec) : null };
    case "unreachable":
      return { decidedBy: probe.decision ? filteredBy(probe.decision, cell, forward, spec) : noRoute(cell, forward) };
    case "refused":
      return refusedBy(cell, forward, spec);
    case "closed":
      return { decidedBy: closedBy(forward, cell) };
    case "reached":
    case "wrong-service":
      return { decidedBy: openBecause(cell, probe, forward) };
    case "inconclusive":
      return { decidedBy: null };
  }
}

/** The forward's own refusal. */
export function refusalOf(forward: ForwardOutcome): DecidedBy | null {
  if (!forward.refusedBy) return null;
  const { layer, text, source } = forward.refusedBy;
  return { layer, ...ruleOf(source), text: sentence(text) };
}

function filteredBy(decision: PacketDecision, cell: Cell, forward: ForwardOutcome, spec: LabSpec): DecidedBy {
  const router = spec.routers[decision.at];
  const layer: Layer =
    decision.kind === "router"
      ? router?.nat === "masquerade" && cell.family === 4
        ? "nat"
        : "router"
      : decision.at === "server"
        ? "server-firewall"
        : decision.at === forward.from
          ? "client"
          : "router";
  const verb = decision.action === "drop" ? "drops" : "rejects";
  const who = layer === "server-firewall" ? "the server's firewall" : layer === "nat" ? `the NAT on ${decision.at}` : decision.at;
  const what = decision.direction === "reply" ? "the answer" : "the packet";
  return { layer, rule: decision.rule, ...placeOf(decision), text: sentence(`${who} ${verb} ${what}: ${decision.rule}`) };
}

function noRoute(cell: Cell, forward: ForwardOutcome): DecidedBy {
  if (cell.scope === "nat")
    return { layer: "nat", text: `${cell.address} is the public address of ${cell.nat}, which leads nobody to ${forward.listensOn}.` };
  return { layer: "router", text: `No route leads from ${cell.vantage} to ${cell.address}.` };
}

function refusedBy(cell: Cell, forward: ForwardOutcome, spec: LabSpec): Attribution {
  const inward = cell.nat === undefined ? undefined : leadsTo(spec.routers[cell.nat], cell.port);
  if (inward && !listensAt(forward.listeners, inward.address, inward.port)) {
    return {
      decidedBy: {
        layer: "bind-address",
        text: `${cell.nat} forwards port ${cell.port} to ${inward.address}:${inward.port}, but ${listening(forward)}.`,
      },
    };
  }
  if (inward) return { decidedBy: null, contradiction: `refused, although ${forward.listeners.join(" and ")} was seen listening` };
  if (cell.scope === "nat") {
    return {
      decidedBy: {
        layer: "nat",
        text: `${cell.nat} forwards no port ${cell.port} to ${forward.listensOn}: it answers for itself and refuses.`,
      },
    };
  }
  if (listensAt(forward.listeners, cell.address, cell.port)) {
    return { decidedBy: null, contradiction: `refused, although ${forward.listeners.join(" and ")} was seen listening` };
  }
  if (!forward.granted)
    return {
      decidedBy: refusalOf(forward) ?? { layer: "sshd-policy", text: "The forward was not granted, so nothing listens; why is not known." },
    };
  return { decidedBy: bindAddress(cell, forward) };
}

function closedBy(forward: ForwardOutcome, cell: Cell): DecidedBy {
  if (forward.refusedBy && forward.refusedBy.layer !== "bind-address") return refusalOf(forward) as DecidedBy;
  if (forward.closedBy) {
    const { layer, text, source } = forward.closedBy;
    return { layer, ...ruleOf(source), text: sentence(`The forward accepts the connection, then the server refuses the channel: ${text}`) };
  }
  const failed = /connect_to .*|channel \d+: open failed: .*/.exec(forward.clientLog)?.[0]?.trim();
  if (failed && /administratively prohibited/.test(failed)) {
    return { layer: "sshd-policy", text: sentence(`The forward accepts the connection, then the server refuses the channel: ${failed}`) };
  }
  const onPath = /connect to (\/.*) port -2 failed: (.*)/.exec(forward.serverLog);
  if (onPath)
    return { layer: "service", text: `${cell.target} accepts, but sshd, as ${forward.account}, cannot open ${onPath[1]}: ${onPath[2]}.` };
  return {
    layer: "service",
    text: sentence(`${cell.target} accepts, but the service behind the forward gives no answer${failed ? `: ${failed}` : ""}`),
  };
}

function openBecause(cell: Cell, probe: ProbeResult, forward: ForwardOutcome): DecidedBy {
  const listener = forward.listeners.find((one) => covers(one, cell.address, cell.port));
  const gateway = forward.software === undefined ? settingOf(forward, "gatewayports") : undefined;
  const other = probe.verdict === "wrong-service" ? "; something else than the intended service answers" : "";
  if (!listener) {
    return cell.scope === "nat"
      ? { layer: "nat", text: `${cell.nat} forwards port ${cell.port} to ${forward.listensOn}${other}.` }
      : { layer: "bind-address", text: `${cell.target} answers, although ${listening(forward)}${other}.` };
  }
  const asked = isRemote(forward)
    ? `\`-R ${forward.requested}\` with ${gateway ? settingText(gateway) : forward.software}`
    : `\`${forward.ssh}\``;
  return {
    layer: "bind-address",
    ...ruleOf(isRemote(forward) ? gateway : undefined),
    text: `${asked} listens on ${forward.listeners.join(" and ")} of ${forward.listensOn}, and ${admitted(probe)}${other}.`,
  };
}

function admitted({ admission }: ProbeResult): string {
  if (!admission) return "no rule on the way stops it";
  const { rule, file, line } = admission;
  return `the firewall lets it in: \`${rule}\`${file === undefined ? "" : ` (${line === undefined ? file : `${file}:${line}`})`}`;
}

/** Why a granted forward does not listen where the probe went. */
function bindAddress(cell: Cell, forward: ForwardOutcome): DecidedBy {
  const listens = listening(forward);
  if (!isRemote(forward)) {
    return { layer: "bind-address", text: `ssh on ${forward.listensOn} was asked for \`${forward.requested}\`, so ${listens}.` };
  }
  if (forward.software !== undefined)
    return { layer: "bind-address", text: `${forward.software} was asked for \`-R ${forward.requested}\`, and ${listens}.` };
  const gateway = settingOf(forward, "gatewayports");
  const family = settingOf(forward, "addressfamily", "any");
  const rule = ruleOf(gateway);
  const bind = bindOf(forward.requested);
  const wanted = family.value === "inet" ? 4 : family.value === "inet6" ? 6 : undefined;
  if (wanted !== undefined && wanted !== cell.family) {
    return {
      layer: "bind-address",
      ...ruleOf(family),
      text: `${settingText(family)} keeps sshd from listening over IPv${cell.family}, so ${listens}.`,
    };
  }
  if (gateway.value === "no") {
    if (bind === undefined || isLoopback(bind)) {
      return {
        layer: "bind-address",
        ...rule,
        text: `\`-R ${forward.requested}\` asks for the server itself only (and ${settingText(gateway)} allows no more), so ${listens}.`,
      };
    }
    const asked = bind === "" ? "the leading colon of" : bind === "*" ? "the `*` of" : `the address ${bind} of`;
    return {
      layer: "bind-address",
      ...rule,
      text: `${settingText(gateway)} ignores ${asked} \`${forward.requested}\` without a word, so ${listens}.`,
    };
  }
  if (gateway.value === "clientspecified" && bind === undefined) {
    return {
      layer: "bind-address",
      ...rule,
      text: `\`-R ${forward.requested}\` has no leading colon: ssh asks for \`localhost\`, and with ${settingText(gateway)} the server does as asked, so ${listens}.`,
    };
  }
  if (gateway.value === "clientspecified" && bind !== "" && bind !== "*") {
    return {
      layer: "bind-address",
      ...rule,
      text: `\`-R ${forward.requested}\` asks for ${bind} only, and with ${settingText(gateway)} the server does as asked, so ${listens}.`,
    };
  }
  return {
    layer: "bind-address",
    ...rule,
    text: `With ${settingText(gateway)} \`-R ${forward.requested}\` should listen over both families, yet ${listens}: the port was already taken over IPv${cell.family}.`,
  };
}

function listening(forward: ForwardOutcome): string {
  return forward.listeners.length === 0
    ? "nothing listens"
    : `${isRemote(forward) ? (forward.software ?? "sshd") : "ssh"} listens only on ${forward.listeners.join(" and ")}`;
}

/** The bind address of a listener as asked for: undefined when none was given, "" for a leading colon. Brackets stripped. */
export function bindOf(requested: string): string | undefined {
  const match = /^(.*):\d+$/.exec(requested);
  return match?.[1]?.replace(/^\[(.*)\]$/, "$1");
}

function isLoopback(bind: string): boolean {
  return bind === "localhost" || bind === "127.0.0.1" || bind === "::1";
}

export function isRemote(forward: Pick<ForwardOutcome, "kind">): boolean {
  return forward.kind === "remote" || forward.kind === "remote-dynamic";
}

/** Does any of the listeners take a connection to this address? */
export function listensAt(listeners: readonly string[], address: string, port: number): boolean {
  return listeners.some((listener) => covers(listener, address, port));
}

function covers(listener: string, address: string, port: number): boolean {
  const parsed = parseTarget(listener);
  if (!parsed || parsed.port !== port) return false;
  return parsed.address === address || parsed.address === "*" || parsed.address === (address.includes(":") ? "::" : "0.0.0.0");
}

/** An effective setting of sshd; where it was not reported, sshd's default. Value in lower case. */
export function settingOf(forward: ForwardOutcome, keyword: string, byDefault = "no"): SettingSource {
  const found = forward.effective.find((one) => one.keyword.toLowerCase() === keyword);
  return found ? { ...found, value: found.value.toLowerCase() } : { keyword, value: byDefault };
}

const spelling: Record<string, string> = {
  gatewayports: "GatewayPorts",
  addressfamily: "AddressFamily",
  allowtcpforwarding: "AllowTcpForwarding",
  permitlisten: "PermitListen",
  permitopen: "PermitOpen",
  disableforwarding: "DisableForwarding",
  allowstreamlocalforwarding: "AllowStreamLocalForwarding",
  streamlocalbindmask: "StreamLocalBindMask",
  streamlocalbindunlink: "StreamLocalBindUnlink",
};

/** A keyword as the manual spells it. */
export function spell(keyword: string): string {
  return spelling[keyword.toLowerCase()] ?? keyword;
}

function settingText(source: SettingSource): string {
  return `\`${spell(source.keyword)} ${source.value}\`${source.file === undefined ? " (the default)" : ""}`;
}

export function ruleOf(source: SettingSource | undefined): Partial<DecidedBy> {
  return source ? { rule: `${spell(source.keyword)} ${source.value}`, ...placeOf(source) } : {};
}

function placeOf(source: { file?: string; line?: number }): { file?: string; line?: number } {
  return source.file === undefined ? {} : { file: source.file, ...(source.line === undefined ? {} : { line: source.line }) };
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return `${trimmed[0]?.toUpperCase() ?? ""}${trimmed.slice(1)}${/[.!?]$/.test(trimmed) ? "" : "."}`;
}
