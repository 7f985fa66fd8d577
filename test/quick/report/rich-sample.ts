/** One result with everything that a report has to tell. */

import { type Cell, cellsOf } from "../../../harness/core/cells.ts";
import type { ForwardOutcome } from "../../../harness/core/forward-outcome.ts";
import type { Observation } from "../../../harness/core/observation.ts";
import type { ProbeResult } from "../../../harness/core/verdict.ts";
import { warning } from "../../../harness/core/warning.ts";
import { judge } from "../../../harness/judgement/judge.ts";
import { withRemedies } from "../../../harness/judgement/remedies/attach.ts";
import { violationsOf } from "../../../harness/judgement/remedies/violations.ts";
import { labSpecOf } from "../../../harness/policy/network.ts";
import { worded } from "../../../harness/report/worded.ts";
import { filtered, outcomeOf, policyOf, provenance, reached, refused } from "../judgement/sample.ts";

const names = ["f1", "f2", "f10", "lottery", "denied"];
const portOf = (name: string) => 43200 + names.indexOf(name);
const policy = policyOf(
  {
    ...Object.fromEntries(
      names.slice(0, 4).map((name) => [name, { ssh: `-R :${portOf(name)}:localhost:3389`, reachable_from: ["campus", "other-lan"] }]),
    ),
    denied: { ssh: "-R :43204:localhost:3389", reachable_from: ["campus"] },
  },
  {
    network: {
      server: [{ address: ["198.51.100.10/24", "2001:db8:100::10/64"] }, { interface: "docker0", address: ["10.20.0.10/24"], ipv6: false }],
    },
    waivers: [
      { id: "W1", forward: "f1", vantage: "home-lan", family: 4, reason: "until the move", owner: "ops", expires: "2027-01-01" },
      { id: "W2", forward: "f2", vantage: "home", reason: "left over", owner: "ops", expires: "2027-01-01" },
    ],
  },
);
const spec = labSpecOf(policy);

const outcomes: ForwardOutcome[] = names.map((name) => {
  const port = portOf(name);
  const own = { ssh: `-R :${port}:localhost:3389`, requested: `:${port}`, listeners: [`0.0.0.0:${port}`, `[::]:${port}`] };
  if (name !== "denied") return outcomeOf(name, own);
  const source = { keyword: "allowtcpforwarding", value: "no", file: "sshd_config", line: 30 };
  const refusedBy = {
    layer: "sshd-policy" as const,
    code: "allow-tcp-forwarding" as const,
    params: { direction: "remote" },
    text: "",
    source,
  };
  const log = { clientLog: "Warning: remote port forwarding failed for listen port 43204", serverLog: "refused: \u001b[31m<port>" };
  return outcomeOf(name, { ...own, ...log, granted: false, listeners: [], refusedBy, serverAnswer: "refused" });
});

const admission = { rule: "inet filter input tcp dport { 43200-43210 } accept", file: "nftables.conf", line: 9 };
const open = (cell: Cell): ProbeResult => {
  const seen = reached(cell);
  return {
    ...seen,
    admission,
    evidence: { ...seen.evidence, from: "192.168.1.10", seenAs: cell.family === 4 ? "203.0.113.50" : "2001:db8:50::10" },
  };
};

function see(cell: Cell): ProbeResult {
  if (cell.forward === "denied") return refused(cell);
  if (cell.forward === "lottery" && cell.vantage === "other-lan")
    return {
      ...open(cell),
      unsettledBy: [{ rule: "inet filter input numgen random mod 2 0 accept", file: "nftables.conf", line: 7, why: "chance" }],
    };
  if (cell.vantage === "server") return reached(cell);
  if (cell.as !== undefined || cell.via !== undefined) return open(cell);
  if (["campus", "other-lan"].includes(cell.vantage)) return cell.vantage === "campus" && cell.family === 6 ? filtered(cell) : open(cell);
  if (cell.vantage === "internet" && cell.family === 4) return open(cell);
  return cell.forward === "f1" && cell.vantage === "home-lan" && cell.family === 4 ? open(cell) : filtered(cell);
}

const planned = cellsOf(
  spec,
  names.map((name) => ({ forward: name, host: "server", port: portOf(name) })),
);
/** A port that the firewall leads to the forward, and a local account. */
const more: Cell[] = planned.flatMap((cell) => {
  if (cell.forward !== "f1" || cell.family !== 4 || cell.via !== undefined || cell.address !== "198.51.100.10") return [];
  if (cell.vantage === "internet") return [{ ...cell, port: 443, target: "198.51.100.10:443" }];
  return [];
});
const local = planned.find(({ forward, address }) => forward === "f1" && address === "127.0.0.1") as Cell;

const observations = [...planned, ...more, { ...local, as: "bob" }].map(
  (cell): Observation => ({
    cell,
    probe: see(cell),
    forward: outcomes.find(({ name }) => name === cell.forward) as ForwardOutcome,
    ended: false,
  }),
);

const judged = judge({
  policy,
  policyFile: "site/policy.yaml",
  spec,
  observations,
  unobserved: [],
  outcomes,
  provenance: { ...provenance, configs: [{ file: "sshd_config", sha256: "00" }] },
  tool: { name: "forwardlab", version: "0.1.0" },
  today: "2026-11-22",
  warnings: [
    warning(
      "foreign-interface",
      { rule: 'iifname "wlan0" accept | <b>', names: ["wlan0"], matches: "never" },
      { file: "nftables.conf", line: 4 },
    ),
  ],
  lines: Object.fromEntries(names.map((name, index) => [name, 10 + index])),
});

const [mended, ...others] = violationsOf(judged);
const candidate = { code: "set-setting", params: { setting: "AllowTcpForwarding remote", place: "sshd_config:30" }, edits: [] };
const behind = { code: "accept-before", params: { rules: ["tcp dport 43204 accept"], place: "nftables.conf:12" }, edits: [] };
const patch = "--- a/sshd_config\n+++ b/sshd_config\n@@ -30,1 +30,1 @@\n-AllowTcpForwarding no\n+AllowTcpForwarding remote\n";
export const rich = worded(
  withRemedies(judged, [
    ...(mended ? [{ violation: mended, found: { changes: [candidate, behind], patch }, tried: 1 }] : []),
    ...others.slice(0, 3).map((violation) => ({ violation, tried: 2 })),
  ]),
);
