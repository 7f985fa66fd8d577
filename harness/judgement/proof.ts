/** Whether a probe's verdict is proven by its own evidence. */
import type { Cause } from "../core/reason.ts";
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
export function missingProof(probe: ProbeResult): Cause | undefined {
  const { evidence, decision, verdict } = probe;
  const lacks = (missing: string, proven = false) => (proven ? undefined : { code: "not-proven", params: { verdict, missing } });
  switch (verdict) {
    case "reached":
      return lacks("nonce", evidence.nonce === "match");
    case "closed":
      return lacks("connection", evidence.connect === "connected") ?? lacks("closing", evidence.nonce !== "match");
    case "refused":
      return lacks("arrival", evidence.arrived === true);
    case "filtered":
      return lacks("rule", decision !== undefined);
    case "unreachable":
      return lacks(
        "route-error",
        decision !== undefined ||
          noWay.has(evidence.connect ?? "") ||
          evidence.trace?.some((step) => step.what.startsWith("ICMP unreachable")),
      );
    case "wrong-service":
      return undefined;
    case "inconclusive":
      return { code: "probe-inconclusive", params: { said: evidence.note ?? "" } };
  }
}
