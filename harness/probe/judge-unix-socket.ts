/** From what one account of a host saw of a Unix socket to a verdict, with the proof. Pure. */

import { type PacketDecision, type ProbeResult, socketTarget, type Verdict } from "../core/verdict.ts";
import { forwardDecision } from "./deciding-rule.ts";
import { printable, serviceAnswer } from "./judge-probe.ts";
import type { ProbeContext } from "./probe-context.ts";
import { traceOf } from "./probe-trace.ts";
import type { RawUnixSocketProbe } from "./raw-probe.ts";

export interface UnixSocketProbeContext extends Pick<ProbeContext, "describe" | "decisive" | "kindOf"> {
  host: string;
  path: string;
  /** Account that tried. */
  as: string;
  identity: string;
  nonce: string;
  /** What stood at the path, as `ls -l` shows it; "" when it is not known. */
  file: string;
}

/** `filtered`: the file's mode, or that of a folder above it, keeps the account out. `unreachable`: there is no such file. `refused`: there is, and nobody listens on it. */
export function judgeUnixSocketProbe(raw: RawUnixSocketProbe, context: UnixSocketProbeContext): ProbeResult {
  const { host, path, as, file } = context;
  const result = (verdict: Verdict, more: Partial<ProbeResult["evidence"]> = {}, decision?: PacketDecision): ProbeResult => ({
    vantage: host,
    family: null,
    target: socketTarget(path, as),
    verdict,
    ...(decision ? { decision } : {}),
    ...(raw.connect === "connected" && raw.end === "silent" ? { unanswered: true } : {}),
    evidence: { connect: raw.connect, ms: raw.ms, ...more },
  });
  if (raw.connect === "connected") {
    const received = Buffer.from(raw.received, "base64").toString("utf8");
    const answer = serviceAnswer(received, context.identity, context.nonce);
    if (answer) return result("reached", { nonce: "match", ...answer });
    if (received !== "") return result("wrong-service", { nonce: "mismatch", received: printable(received) });
    const stopped = forwardDecision(raw, raw.end, context);
    if (stopped) return result("filtered", { nonce: "none", trace: traceOf(raw, context.describe) }, stopped);
    if (raw.end === "silent") return result("inconclusive", { nonce: "none", note: "accepted, then neither answered nor closed" });
    const note = raw.socksReply
      ? `the SOCKS proxy answered with reply code ${raw.socksReply} (RFC 1928)`
      : "accepted, then closed without data";
    return result("closed", { nonce: "none", note });
  }
  if (raw.connect === "EACCES") {
    const rule = file === "" ? `permissions of ${path}` : `${file} ${path}`;
    return result("filtered", {}, { at: host, kind: "host", action: "reject", direction: "request", rule });
  }
  // Without a listener connect(2) on a socket's file is refused; the file itself was seen, or the error would be another.
  if (raw.connect === "ECONNREFUSED")
    return result("refused", { arrived: true, note: "the socket file exists, but nothing listens on it" });
  if (raw.connect === "ENOENT" || raw.connect === "ENOTDIR") return result("unreachable", { note: "there is no such file" });
  return result("inconclusive", { note: raw.connect === "pending" ? "the listener's queue is full" : `connect: ${raw.connect}` });
}

/** What a host sees of a path on another one: no packet can be addressed to it, so there is nothing to probe. */
export function unnamed({ vantage, target }: Pick<ProbeResult, "vantage" | "target">): ProbeResult {
  return {
    vantage,
    family: null,
    target,
    verdict: "unreachable",
    evidence: { connect: "impossible", note: "a path on another host cannot be opened" },
  };
}
