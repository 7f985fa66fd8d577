/** Why a granted forward does not listen where the probe went. */
import { type Family, parseAddress } from "../core/address.ts";
import type { Cell } from "../core/cells.ts";
import { type ForwardOutcome, listensOnServer, type SettingSource } from "../core/forward-outcome.ts";
import type { Params, Reason } from "../core/reason.ts";
import { asksForLoopback, bindOf, listenerParams } from "./listeners.ts";
import { ignoredParams, ruleOf, settingOf, settingParams } from "./settings.ts";

export function bindReason({ family }: Cell, forward: ForwardOutcome): Reason {
  const { requested, software } = forward;
  const reason = (code: string, more: Params = {}): Reason => ({
    layer: "bind-address",
    code,
    params: { requested, ...listenerParams(forward), ...more },
  });
  if (!listensOnServer(forward.kind)) return reason("client-bind");
  if (software !== undefined) return reason("other-server-bind", { software });
  const addressFamily = settingOf(forward, "addressfamily", "any");
  const gateway = settingOf(forward, "gatewayports");
  if (
    family !== null &&
    !isBoundToOther(family, gateway.value, requested) &&
    (addressFamily.value === "inet" || addressFamily.value === "inet6")
  ) {
    const only = addressFamily.value === "inet" ? 4 : 6;
    if (only !== family) return { ...reason("family-left-out", { family, ...decisiveParams(addressFamily) }), ...ruleOf(addressFamily) };
  }
  return { ...reason(codeFor(gateway.value, requested), { family: family ?? 0, ...decisiveParams(gateway) }), ...ruleOf(gateway) };
}

function decisiveParams(source: SettingSource): Params {
  return { ...settingParams(source), ...ignoredParams(source) };
}

/** sshd honours an address of the other family: nothing else need keep it from listening over this one. */
function isBoundToOther(family: Family, gatewayPorts: string, requested: string): boolean {
  const bind = bindOf(requested);
  const address = parseAddress(bind ?? "");
  const isHonoured = gatewayPorts === "clientspecified" || (gatewayPorts === "no" && asksForLoopback(bind));
  return isHonoured && address !== undefined && address.family !== family;
}

function codeFor(gatewayPorts: string, requested: string): string {
  const bind = bindOf(requested);
  if (gatewayPorts === "no") return asksForLoopback(bind) ? "asked-for-loopback" : "gateway-ports-ignores-bind";
  if (gatewayPorts === "clientspecified" && bind === undefined) return "no-leading-colon";
  if (gatewayPorts === "clientspecified" && bind !== "" && bind !== "*") return "asked-for-one-address";
  return "port-taken-in-family";
}
