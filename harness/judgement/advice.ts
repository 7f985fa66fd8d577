/** What to do next when an expectation did not hold. */

import type { Cell } from "../core/cells.ts";
import type { ForwardOutcome, SettingSource } from "../core/forward-outcome.ts";
import type { DecidedBy } from "../core/result.ts";
import { type Expectation, type ProbeResult, type Verdict, wantsReach } from "../core/verdict.ts";
import { settingText } from "../openssh/sshd-keywords.ts";
import { bindOf, isRemote, settingOf } from "./attribution.ts";
import { adviseSocket } from "./socket-advice.ts";

export interface AdviceContext {
  cell: Cell;
  /** What was expected of it. */
  expected: Expectation;
  observed: Verdict;
  decidedBy: DecidedBy | null;
  probe: ProbeResult | undefined;
  forward: ForwardOutcome;
  /** Some vantage point other than the listening host is meant to reach the forward. */
  shared: boolean;
  /** The server's firewall as the policy names it; empty: it has none. */
  firewall: readonly string[];
}

/** One imperative sentence. */
export function advise(context: AdviceContext): string {
  const { cell, expected, observed } = context;
  if (observed === "inconclusive")
    return "read the evidence and the logs of this forward; run it again with `--keep` to look at the lab by hand";
  const own = cell.scope === "socket" ? adviseSocket(cell, expected, observed, context.forward) : undefined;
  if (own !== undefined) return own;
  return wantsReach(expected)
    ? letIn(context)
    : observed === "reached" || observed === "wrong-service"
      ? keepOut(context)
      : changeLayer(context);
}

function letIn({ cell, observed, decidedBy, forward, probe }: AdviceContext): string {
  if (observed === "wrong-service")
    return `find out what else answers on ${cell.target} (\`ss -ltnp\` on ${forward.listensOn}) and give the forward a port of its own`;
  switch (decidedBy?.layer) {
    case "bind-address":
      return bindWider(forward);
    case "sshd-policy":
      return `allow the forward${decidedBy.file === undefined ? " in sshd_config" : ` at ${at(decidedBy)}`}, then reload sshd`;
    case "key-options":
      return `allow the forward in the key's options${decidedBy.file === undefined ? "" : ` at ${at(decidedBy)}`}`;
    case "server-firewall": {
      const reply = probe?.decision?.direction === "reply";
      const from = probe?.evidence.seenAs ?? probe?.evidence.from;
      const peer = from === undefined ? "" : `${cell.family === 4 ? "ip" : "ip6"} ${reply ? "daddr" : "saddr"} ${from} `;
      return `add \`${peer}tcp ${reply ? "sport" : "dport"} ${cell.port} accept\`${decidedBy.file === undefined ? "" : ` before ${at(decidedBy)}`}`;
    }
    case "nat":
      return `forward port ${cell.port} on ${cell.nat ?? "the NAT's router"}, or use -R to a server that can be reached`;
    case "service":
      return `start the service that the forward leads to, and check its address as seen from ${forward.from}`;
    case "client":
      return `open port ${cell.port} in the firewall of ${forward.from}`;
    default:
      return `give ${cell.vantage} a route to ${cell.address}, or leave it out of \`reachable_from\``;
  }
}

function bindWider(forward: ForwardOutcome): string {
  if (!isRemote(forward)) return "write a leading colon (`:port`) or -g, so that ssh listens on every address";
  const gateway = settingOf(forward, "gatewayports");
  const colon = withColon(forward);
  if (gateway.value === "no") {
    const set =
      gateway.file === undefined
        ? "set `GatewayPorts clientspecified` in sshd_config"
        : `set \`GatewayPorts clientspecified\` at ${at(gateway)}`;
    return `${set} and reload sshd${colon ? `; then write \`${colon}\` (leading colon)` : ""}`;
  }
  if (colon) return `write \`${colon}\` (leading colon)`;
  const family = settingOf(forward, "addressfamily", "any");
  if (family.value !== "any") return `set \`AddressFamily any\`${family.file === undefined ? "" : ` at ${at(family)}`}`;
  return `free the port on ${forward.listensOn} (\`ss -tanp\` shows who holds it) and add \`-o ExitOnForwardFailure=yes\``;
}

/** The ssh arguments with a leading colon; undefined when they have one. */
function withColon(forward: ForwardOutcome): string | undefined {
  const bind = bindOf(forward.requested);
  if (bind === "" || bind === "*") return undefined;
  const port = /\d+$/.exec(forward.requested)?.[0];
  const index = forward.ssh.indexOf(forward.requested);
  return index < 0 ? `-R :${port}:…` : `${forward.ssh.slice(0, index)}:${port}${forward.ssh.slice(index + forward.requested.length)}`;
}

function keepOut({ cell, forward, shared, firewall, probe }: AdviceContext): string {
  if (!isRemote(forward)) {
    return cell.vantage === forward.listensOn
      ? `name ${cell.vantage} in \`reachable_from\`, if its own processes may use the forward`
      : "write `127.0.0.1:` before the port and leave out -g, so that ssh listens for this machine only";
  }
  if (cell.vantage === forward.listensOn)
    return "nothing but ownership of the port keeps local processes out: do not open this forward, or put authentication into the service";
  const gateway = settingOf(forward, "gatewayports");
  const family = cell.family === 4 ? "IPv4" : "IPv6";
  const wide = bindOf(forward.requested) === "" || bindOf(forward.requested) === "*";
  if (!shared && gateway.value === "yes")
    return `set \`GatewayPorts clientspecified\`${gateway.file === undefined ? "" : ` at ${at(gateway)}`}: \`yes\` overrules the address that the client asks for`;
  if (!shared && wide) return "leave out the leading colon, so that only the server itself can reach the port";
  const rule = `\`tcp dport ${cell.port} drop\``;
  if (firewall.length === 0)
    return `give the server a firewall (\`firewall:\` in the policy): ${rule} after what \`reachable_from\` allows, for IPv4 and IPv6`;
  if (probe?.admission?.file !== undefined) return `narrow ${at(probe.admission)}, or put ${rule} for ${family} before it`;
  return `add ${rule} for ${family} to ${firewall[cell.family === 6 && firewall.length > 1 ? 1 : 0]}, after the rules for those in \`reachable_from\``;
}

/** Blocked as it should be, but by another layer than the policy states. */
function changeLayer({ expected, observed, decidedBy }: AdviceContext): string {
  const by = decidedBy ? ` (${decidedBy.layer}${decidedBy.file === undefined ? "" : `, ${at(decidedBy)}`})` : "";
  return `decide which is right: the policy wants \`${expected}\`, the server gives \`${observed}\`${by}`;
}

/** What to do about a forward that was granted or refused against the policy. */
export function adviseForward(expected: "granted" | "refused", forward: ForwardOutcome): string {
  if (expected === "granted") {
    const source = forward.refusedBy?.source;
    if (forward.refusedBy?.layer === "client") return "read the client's log: ssh failed before the server could decide";
    return source
      ? `change \`${settingText(source)}\`${source.file === undefined ? "" : ` at ${at(source)}`}`
      : "read the server's log for the reason";
  }
  return isRemote(forward)
    ? "refuse it: `AllowTcpForwarding no` or a `PermitListen` list for this account, or `restrict` in the key's options"
    : "refuse it: `AllowTcpForwarding no` or a `PermitOpen` list for this account, or `restrict` in the key's options";
}

function at(place: Pick<SettingSource, "file" | "line">): string {
  return place.line === undefined ? (place.file ?? "") : `${place.file}:${place.line}`;
}
