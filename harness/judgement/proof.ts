/** Whether a probe's verdict is proven by its own evidence. */
import type { ProbeResult } from "../core/verdict.ts";

/** Errors of connect() by which a kernel or an ICMP message says that there is no way. */
const noWay = new Set([
  "ENETUNREACH",
  "EHOSTUNREACH",
  "ENETDOWN",
  "EHOSTDOWN",
  "EACCES",
  "EPERM",
  "EADDRNOTAVAIL",
  "EPROTO",
  // A path that leads to no socket.
  "ENOENT",
  "ENOTDIR",
  // A path on another host.
  "impossible",
  "ENOPROTOOPT",
]);

/**
 * What is missing from a probe's proof; undefined when its verdict is proven.
 * A verdict without proof counts as `inconclusive`: silence proves nothing.
 */
export function missingProof(probe: ProbeResult): string | undefined {
  const { evidence, decision } = probe;
  switch (probe.verdict) {
    case "reached":
      return evidence.nonce === "match" ? undefined : "no nonce of the service came back";
    case "closed":
      if (evidence.connect !== "connected") return "no connection was seen to be accepted";
      return evidence.nonce === "match" ? "the service's nonce came back" : undefined;
    case "refused":
      return evidence.arrived === true ? undefined : "nothing shows that the packet arrived where it was refused";
    case "filtered":
      return decision ? undefined : "no rule was seen to drop or reject the packet";
    case "unreachable":
      return decision || noWay.has(evidence.connect ?? "") || evidence.trace?.some((step) => step.what.startsWith("ICMP unreachable"))
        ? undefined
        : "neither a route error nor an ICMP message was seen";
    case "wrong-service":
    case "inconclusive":
      return undefined;
  }
}
