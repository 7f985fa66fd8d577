/** A result of many cells, made as results are made, with evidence as long as that of a real run. */
import { type Cell, cellsOf } from "../../../harness/core/cells.ts";
import type { Result } from "../../../harness/core/result.ts";
import type { ProbeResult } from "../../../harness/core/verdict.ts";
import { labSpecOf } from "../../../harness/policy/network.ts";
import type { Policy } from "../../../harness/policy/policy.ts";
import { filtered, judged, outcomeOf, policyOf, reached } from "../../quick/judgement/sample.ts";

const vantages = Object.fromEntries(
  Array.from({ length: 90 }, (_, at) => [`site-${at + 1}`, { address: [`192.0.2.${at + 100}`, `2001:db8:77::${at + 100}`] }]),
);

export function largeResult(forwards: number): Result {
  const names = Array.from({ length: forwards }, (_, at) => `forward-${at + 1}`);
  const policy: Policy = policyOf(
    Object.fromEntries(
      names.map((name, at) => [name, { ssh: `-R :${43000 + at}:localhost:3389`, reachable_from: ["campus", "other-lan"] }]),
    ),
    { network: { vantages } } as Partial<Policy>,
  );
  const spec = labSpecOf(policy);
  const log = (name: string) =>
    Array.from({ length: 150 }, (_, at) => `debug1: ${name}: line ${at} of what ssh -v says about a connection`).join("\n");
  return judged(seen, {
    policy,
    spec,
    outcomes: names.map((name, at) =>
      outcomeOf(name, {
        ssh: `-R :${43000 + at}:localhost:3389`,
        requested: `:${43000 + at}`,
        listeners: [`0.0.0.0:${43000 + at}`, `[::]:${43000 + at}`],
        clientLog: log(name),
        serverLog: log(name),
      }),
    ),
    cells: cellsOf(
      spec,
      names.map((name, at) => ({ forward: name, host: "server", port: 43000 + at })),
    ),
  });
}

/** One site in thirty gets in that must not. */
function seen(cell: Cell): ProbeResult {
  const open = ["server", "campus", "other-lan", "site-7", "site-37", "site-67"].includes(cell.vantage);
  const probe = open ? reached(cell) : filtered(cell);
  const trace = [
    { at: cell.vantage, what: "SYN left on eth0" },
    { at: "core", what: "SYN arrived on to-internet" },
    { at: "core", what: "SYN left on server-lan" },
    { at: "server", what: "SYN arrived on eth0" },
    open
      ? { at: "server", what: `inet filter input tcp dport ${cell.target.split(":").at(-1)} accept`, verdict: "accept" as const }
      : { at: "server", what: "inet filter input policy drop", verdict: "drop" as const },
  ];
  return {
    ...probe,
    evidence: { ...probe.evidence, from: cell.vantage, seenAs: cell.vantage, ms: cell.forward.length + cell.vantage.length, trace },
  };
}
