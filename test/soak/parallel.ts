/** Four equal labs at once on a machine that has other work as well: every verdict is the one that a quiet run has. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Result } from "../../harness/core/result.ts";
import { parseResult } from "../../harness/pipelines/read-result.ts";
import { forwardlab, Place, Run } from "./command.ts";
import { OwnEngine } from "./own-engine.ts";
import { type Options, type Row, Tally } from "./trial.ts";

const labs = 4;
/** Forwards of each kind in the policy. */
const each = 12;

type Cell = Result["cells"][number];

/** Of everything that differs between verdicts: reached, refused, filtered by a rule, rejected by one, without a service. */
function writeBusyServer(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const ports = (from: number) => Array.from({ length: each }, (_, at) => from + at);
  const forwards = [
    ...ports(42_000).map((port) => `open-${port}: { ssh: "-R :${port}:localhost:3389", reachable_from: [anyone] }`),
    ...ports(42_100).map((port) => `loopback-${port}: { ssh: "-R localhost:${port}:localhost:3389", reachable_from: [] }`),
    ...ports(42_200).map((port) => `campus-${port}: { ssh: "-R :${port}:localhost:3389", reachable_from: [campus] }`),
    ...ports(42_300).map((port) => `dropped-${port}: { ssh: "-R :${port}:localhost:3389", reachable_from: [] }`),
    ...ports(42_400).map((port) => `rejected-${port}: { ssh: "-R :${port}:localhost:3389", reachable_from: [] }`),
  ];
  const policy = `server: { sshd_config: sshd_config, firewall: rules }\nforwards:\n${forwards.map((line) => `  ${line}\n`).join("")}`;
  const campus = { v4: "198.51.100.20", v6: "2001:db8:100::20" };
  const rules = `table inet filter {
  chain input {
    type filter hook input priority 0; policy accept;
    tcp dport 42200-42299 ip saddr != ${campus.v4} drop
    tcp dport 42200-42299 ip6 saddr != ${campus.v6} drop
    tcp dport 42300-42399 drop
    tcp dport 42400-42499 reject with tcp reset
  }
}
`;
  writeFileSync(join(folder, "policy.yaml"), policy);
  writeFileSync(join(folder, "sshd_config"), "GatewayPorts clientspecified\nMaxSessions 100\n");
  writeFileSync(join(folder, "rules"), rules);
  return folder;
}

export async function soakParallel({ seed, count, cache }: Options): Promise<Row[]> {
  const folder = join(cache, "trials");
  rmSync(folder, { recursive: true, force: true });
  const server = writeBusyServer(join(cache, "servers/busy"));
  await using engine = await OwnEngine.start(join(cache, "engine"));
  await engine.loadImages(cache);
  const verify = async (name: string) => {
    const place = new Place(folder, name);
    const ended = await new Run(forwardlab, ["verify", server, "--quiet", "--no-remedies", "--report", `json=${place.json}`], {
      ...engine.env,
      ...place.env,
    }).ended;
    return {
      ended,
      result: ended.code === null || !place.hasReport ? undefined : parseResult(readFileSync(place.json, "utf8"), place.json),
    };
  };
  const quiet = await verify("quiet");
  if (!quiet.result) throw new Error(`the quiet run has no result: ${quiet.ended.stderr}`);
  const known = new Map(quiet.result.cells.map((cell) => [nameOf(cell), cell]));
  const control = new Tally("parallel: a quiet run");
  control.add(
    "alone",
    quiet.result.outcome,
    quiet.result.outcome === "pass" ? [] : [`the policy does not hold: ${JSON.stringify(quiet.result.counts)}`],
  );
  const runs = new Tally(`parallel: runs, ${labs} at once`);
  const verdicts = new Map<string, number>();
  const faults: string[] = [];
  let probes = 0;
  using _load = otherWork();
  for (let round = 0; probes < count; round++) {
    const all = await Promise.all(Array.from({ length: labs }, (_, lab) => verify(`${round}-${lab}`)));
    for (const [lab, { ended, result }] of all.entries()) {
      const wrong = result ? compared(known, result.cells, verdicts) : [`no result: exit code ${ended.code}: ${ended.stderr.slice(-600)}`];
      probes += result?.cells.length ?? 0;
      runs.add(`seed ${seed}, round ${round}, lab ${lab}`, `${result?.outcome ?? "no result"} (exit code ${ended.code})`, wrong);
      faults.push(...wrong);
    }
    process.stderr.write(`    ${probes} probes; load ${readFileSync("/proc/loadavg", "utf8").trim()}\n`);
  }
  return [control.row, runs.row, { what: "parallel: probes", trials: probes, ends: Object.fromEntries([...verdicts].sort()), faults: [] }];
}

function nameOf({ forward, vantage, target, via, as }: Cell): string {
  return [forward, vantage, target, via ?? "", as ?? ""].join(" ");
}

/** One that is inconclusive is no wrong verdict: it is counted by its reason. */
function compared(known: ReadonlyMap<string, Cell>, cells: readonly Cell[], verdicts: Map<string, number>): string[] {
  const missing = known.size === cells.length ? [] : [`${cells.length} cells instead of ${known.size}`];
  return [
    ...missing,
    ...cells.flatMap((cell) => {
      const before = known.get(nameOf(cell));
      const told = cell.observed === "inconclusive" ? `inconclusive (${cell.unproven?.code})` : cell.observed;
      verdicts.set(told, (verdicts.get(told) ?? 0) + 1);
      if (cell.observed === "inconclusive") return [];
      const same = before?.observed === cell.observed && before.decidedBy?.code === cell.decidedBy?.code;
      return same ? [] : [`${nameOf(cell)}: ${told} (${cell.decidedBy?.code}) instead of ${before?.observed} (${before?.decidedBy?.code})`];
    }),
  ];
}

/** As many busy processes as there are processors. */
function otherWork(): Disposable {
  const busy: ChildProcess[] = Array.from({ length: availableParallelism() }, () =>
    spawn("setpriv", ["--pdeathsig", "KILL", "sh", "-c", "while :; do :; done"], { stdio: "ignore" }),
  );
  return { [Symbol.dispose]: () => busy.forEach((child) => void child.kill("SIGKILL")) };
}
