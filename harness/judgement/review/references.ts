/** Items of published baselines that ask for the same, with their edition. Facts about documents, no text of theirs. */
import type { FindingKind } from "../../core/review.ts";

export interface Reference {
  standard: string;
  item: string;
}

const cisDebian: Reference = { standard: "CIS Debian Linux 12 Benchmark v1.0.1", item: "5.1.8 (DisableForwarding)" };
const cisAny: Reference = { standard: "CIS Distribution Independent Linux Benchmark v2.0.0", item: "5.2.21 (AllowTcpForwarding)" };
const nistKeys: Reference = { standard: "NIST IR 7966 (October 2015)", item: "port forwarding" };
const stigX11: Reference = { standard: "DISA RHEL 9 STIG", item: "V-258007 (X11Forwarding)" };
const stigX11Bind: Reference = { standard: "DISA RHEL 9 STIG", item: "V-258011 (X11UseLocalhost)" };

const byKind: Readonly<Record<FindingKind, readonly Reference[]>> = {
  listener: [cisDebian, cisAny, nistKeys],
  target: [cisDebian, cisAny, nistKeys],
  socket: [cisDebian],
  tunnel: [nistKeys],
  x11: [cisDebian, stigX11, stigX11Bind],
  agent: [cisDebian],
  settings: [],
};

export function referencesFor(kind: FindingKind): Reference[] {
  return [...byKind[kind]];
}
