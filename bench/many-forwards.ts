/** (c) again, with a policy of many forwards: the whole of `verify`, with and without a rule that remembers who came before. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verifyPolicy } from "../harness/pipelines/verify.ts";
import * as scenario from "./scenario.ts";

/** Milliseconds, but for the number of cells. */
export interface ManyForwards {
  /** A policy with `forwardCounts.many` forwards. */
  many: number;
  /** A policy with `forwardCounts.few` forwards, and the same with a rule that has state. */
  few: number;
  fewWithState: number;
  /** How many cells the smaller policy has. */
  fewCells: number;
}

const ports = "43234-43299";
const manyPorts = "43234-43499";
const firewall = scenario.firewall.replaceAll(ports, manyPorts);
const withState = firewall.replace("    ip saddr {", `    tcp dport ${manyPorts} limit rate over 1000/second drop\n    ip saddr {`);

export async function measureManyForwards(): Promise<ManyForwards> {
  const { many, few } = scenario.forwardCounts;
  const { ms: manyMs } = await timed(many, firewall);
  const { ms: fewMs, cells } = await timed(few, firewall);
  const { ms: stateMs } = await timed(few, withState);
  return { many: manyMs, few: fewMs, fewWithState: stateMs, fewCells: cells };
}

async function timed(count: number, rules: string): Promise<{ ms: number; cells: number }> {
  const folder = mkdtempSync(join(tmpdir(), "forwardlab-bench-"));
  try {
    const forwards = Array.from({ length: count }, (_each, at) => {
      const ssh = scenario.forward(":", scenario.firstPort + at);
      return `  f${at}: { ssh: "${ssh}", reachable_from: [campus, other-lan] }\n`;
    });
    writeFileSync(join(folder, "sshd_config"), scenario.sshdConfig(scenario.gatewayPorts));
    writeFileSync(join(folder, "nftables.conf"), rules);
    const policy = join(folder, "policy.yaml");
    writeFileSync(policy, `server: { sshd_config: sshd_config, firewall: nftables.conf }\nforwards:\n${forwards.join("")}`);
    const began = performance.now();
    const { outcome, cells } = await verifyPolicy(policy, { remedies: false });
    if (outcome !== "pass") throw new Error(`forwardlab says ${outcome} of a policy with ${count} forwards that holds`);
    if (cells.length < 12 * count) throw new Error(`only ${cells.length} cells for ${count} forwards`);
    return { ms: performance.now() - began, cells: cells.length };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
