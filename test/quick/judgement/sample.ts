/** An article lab that was never started: what each stage would hand over. */
import { type Cell, cellsOf } from "../../../harness/core/cells.ts";
import type { ForwardOutcome } from "../../../harness/core/forward-outcome.ts";
import type { Observation } from "../../../harness/core/observation.ts";
import type { Provenance, Result, Unworded } from "../../../harness/core/result.ts";
import type { ProbeResult } from "../../../harness/core/verdict.ts";
import { type JudgeInput, judge } from "../../../harness/judgement/judge.ts";
import { labSpecOf } from "../../../harness/policy/network.ts";
import type { Policy } from "../../../harness/policy/policy.ts";
import { worded } from "../../../harness/report/worded.ts";

export function policyOf(forwards: Policy["forwards"], rest: Partial<Policy> = {}): Policy {
  return { server: { sshd_config: "./sshd_config", firewall: "./nftables.conf" }, forwards, ...rest };
}

export const articlePolicy: Policy = policyOf({
  rdp: { ssh: "-R :43234:localhost:3389", reachable_from: ["campus", "other-lan"] },
});

export const provenance: Unworded<Provenance> = {
  engine: { name: "Docker", version: "26.1.5" },
  kernel: "6.12.0",
  openssh: { server: "OpenSSH_10.0p2" },
  images: [],
  configs: [],
  adaptationDetails: [
    {
      every: "host",
      code: "kernel-settings",
      params: { settings: ["net.ipv4.ip_unprivileged_port_start = 1024"], why: "privileged-ports" },
    },
  ],
  nat: [],
  selfCheck: [{ name: "every vantage point reaches the server's ingress", ok: true }],
  durationMs: 4200,
};

export function outcomeOf(name: string, changes: Partial<ForwardOutcome> = {}): ForwardOutcome {
  return {
    name,
    from: "home",
    account: "tunnel",
    ssh: "-R :43234:localhost:3389",
    kind: "remote",
    requested: ":43234",
    granted: true,
    effective: [{ keyword: "gatewayports", value: "clientspecified", file: "sshd_config", line: 12 }],
    elsewhere: [],
    failedDials: [],
    keyOptions: "",
    listensOn: "server",
    listeners: ["0.0.0.0:43234", "[::]:43234"],
    clientLog: "",
    serverLog: "",
    ...changes,
  };
}

export const reached = (cell: Cell): ProbeResult =>
  probe(cell, { verdict: "reached", evidence: { nonce: "match", connect: "connected", arrived: true, ms: 3 } });
export const refused = (cell: Cell): ProbeResult =>
  probe(cell, { verdict: "refused", evidence: { arrived: true, connect: "ECONNREFUSED" } });
export const filtered = (cell: Cell): ProbeResult =>
  probe(cell, {
    verdict: "filtered",
    decision: {
      at: "server",
      kind: "host",
      action: "drop",
      direction: "request",
      rule: "inet filter input policy drop",
      file: "nftables.conf",
      line: 12,
    },
    evidence: { arrived: true, connect: "ETIMEDOUT" },
  });

export function probe(
  cell: Cell,
  seen: Pick<ProbeResult, "verdict" | "evidence" | "decision" | "admission" | "translation" | "unsettledBy">,
): ProbeResult {
  return { vantage: cell.vantage, family: cell.family, target: cell.target, ...seen };
}

export const listening = [{ forward: "rdp", host: "server", port: 43234 }];

/** What a test may change: everything that `judge` takes, and the cells to observe. */
export type JudgeChanges = Partial<JudgeInput> & { cells?: readonly Cell[] };

/** Judges a policy whose probes see what `see` says; undefined: that probe was not run. */
export function judged(see: (cell: Cell) => ProbeResult | undefined, { cells: given, ...changes }: JudgeChanges = {}): Result {
  const policy = changes.policy ?? articlePolicy;
  const spec = changes.spec ?? labSpecOf(policy);
  const outcomes = changes.outcomes ?? [outcomeOf("rdp")];
  const cells = given ?? cellsOf(spec, listening);
  const unobserved: Cell[] = [];
  const observations = cells.flatMap((cell): Observation[] => {
    const probe = see(cell);
    const forward = outcomes.find(({ name }) => name === cell.forward);
    if (probe && forward) return [{ cell, probe, forward, ended: false }];
    unobserved.push(cell);
    return [];
  });
  return worded(
    judge({
      policy,
      policyFile: "examples/article/policy.yaml",
      spec,
      observations,
      unobserved,
      outcomes,
      provenance,
      tool: { name: "forwardlab", version: "0.1.0" },
      today: "2026-11-22",
      ...changes,
    }),
  );
}

/** What a right firewall gives: campus and other-lan reach it, nobody else. */
export function asItShouldBe(cell: Cell): ProbeResult {
  return ["server", "campus", "other-lan"].includes(cell.vantage) ? reached(cell) : filtered(cell);
}
