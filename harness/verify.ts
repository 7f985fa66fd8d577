/** `verify`: a policy's lab is built, each forward opened and probed, and what was seen is judged. The data flows one way. */
import { formatAdaptation } from "./core/adaptation.ts";
import { cellsOf } from "./core/cells.ts";
import { UserError } from "./core/errors.ts";
import type { ForwardOutcome } from "./core/forward-outcome.ts";
import type { LabSpec } from "./core/lab-spec.ts";
import type { Observation } from "./core/observation.ts";
import type { Provenance, Result } from "./core/result.ts";
import type { ProbeResult } from "./core/verdict.ts";
import { judge } from "./judgement/judge.ts";
import type { ForwardArguments } from "./openssh/forward-arguments.ts";
import { type LoadedPolicy, loadPolicy } from "./policy/load-policy.ts";
import { accountOf, defaultFrom, type PolicyForward } from "./policy/policy.ts";
import { worded } from "./report/worded.ts";
import { failureOf } from "./session/failure.ts";
import type { ForwardHandle, ForwardLab } from "./session/forward-lab.ts";
import { policySpec, requestedListeners, startPolicyLab } from "./session/policy-lab.ts";
import { refusedLogin } from "./session/refused-login.ts";
import { toolVersion } from "./tool-version.ts";

export interface VerifyOptions {
  /** Names of forwards; left out: all. */
  only?: readonly string[];
  /** 1-based part of so many. */
  shard?: { index: number; count: number };
  /** Instead of the policy's own. */
  openssh?: string;
  /** The lab outlives the run under this name; the forwards stay open. */
  keep?: string;
  strictWaivers?: boolean;
  /** YYYY-MM-DD; default: today, local time. */
  today?: string;
  progress?: (message: string) => void;
  /** Ends the run; everything is removed before the promise rejects. */
  signal?: AbortSignal;
}

/**
 * @throws UserError (`PolicyErrors` for the policy's own faults) for everything that keeps the run from a verdict
 */
export async function verifyPolicy(path: string, options: VerifyOptions = {}): Promise<Result> {
  try {
    return await verify(path, options);
  } catch (error) {
    throw failureOf(error);
  }
}

async function verify(path: string, options: VerifyOptions): Promise<Result> {
  const startedAt = new Date();
  const { progress = () => undefined } = options;
  const loaded = await loadPolicy(path);
  const selected = select(Object.keys(loaded.policy.forwards), options);
  const spec = policySpec(loaded, selected);
  await using lab = await startPolicyLab(loaded, spec, { ...options, name: options.keep });
  const outcomes: ForwardOutcome[] = [];
  const observations: Observation[] = [];
  for (const name of lab.checks.every(({ ok }) => ok) ? selected : []) {
    options.signal?.throwIfAborted();
    progress(`forward ${name}: ${loaded.arguments[name]?.text}`);
    const seen = await lookAtForward(lab, loaded, name, spec);
    outcomes.push(seen.outcome);
    observations.push(...seen.observations);
  }
  const measured = new Set(outcomes.map(({ name }) => name));
  const unmeasured = requestedListeners(
    loaded,
    selected.filter((name) => !measured.has(name)),
  );
  if (options.keep !== undefined) {
    await lab.removeSocketFiles();
    // For the person who works on in the lab; of forwards that want the same port, the first has it.
    for (const { name, granted } of outcomes) if (granted) await openStated(lab, loaded, name);
    await lab.lab.keep();
  }
  const judged = judge({
    policy: loaded.policy,
    policyFile: loaded.display,
    spec,
    observations,
    unobserved: cellsOf(spec, unmeasured),
    outcomes,
    selected,
    provenance: await provenanceOf(lab, loaded, startedAt),
    tool: { name: "forwardlab", version: toolVersion },
    today: options.today ?? new Date().toLocaleDateString("sv-SE"),
    strictWaivers: options.strictWaivers,
    warnings: [...loaded.inputs.warnings, ...lab.warnings],
    lines: Object.fromEntries(selected.map((name) => [name, loaded.place(["forwards", name]).line])),
  });
  return worded(judged);
}

/** Forwards that `--only` and `--shard` leave. */
function select(all: readonly string[], { only, shard }: VerifyOptions): string[] {
  for (const name of only ?? []) {
    if (!all.includes(name))
      throw new UserError("unknown-forward", `the policy has no forward ${name}`, { found: name, expected: all.join(", ") });
  }
  const named = all.filter((name) => !only || only.includes(name));
  const selected = named.filter((_, at) => !shard || at % shard.count === shard.index - 1);
  if (selected.length === 0) {
    throw new UserError("nothing-selected", "no forward is selected, so nothing would be verified", {
      found: shard ? `part ${shard.index} of ${shard.count}, of ${named.length} forwards` : "a policy without forwards",
      expected: "at least one forward",
      todo: shard ? `use at most ${named.length} parts` : "state a forward under `forwards:`",
    });
  }
  return selected;
}

/** Opens one forward as the policy states it. */
async function openStated(lab: ForwardLab, loaded: LoadedPolicy, name: string): Promise<ForwardHandle> {
  const forward = loaded.policy.forwards[name];
  const ssh = loaded.arguments[name];
  if (!forward || !ssh) throw new Error(`forward ${name} is not in the policy`);
  const account = accountOf(loaded.policy, forward);
  if (account === undefined)
    throw new UserError("policy-value", `forwards.${name}.as is missing`, { place: loaded.place(["forwards", name]) });
  const keyIndex = loaded.keyIndex[name];
  return lab.open({
    name,
    from: forward.from ?? defaultFrom,
    account,
    ssh,
    ...(keyIndex === undefined ? {} : { keyIndex }),
    ...(loaded.policy.home?.services !== undefined && (forward.from ?? defaultFrom) === defaultFrom
      ? { onlyGivenServices: "at-client" }
      : {}),
  });
}

/** The forward, or that its login was refused where the policy expects a refusal. */
async function openOrRefused(lab: ForwardLab, loaded: LoadedPolicy, name: string): Promise<ForwardHandle | { refused: ForwardOutcome }> {
  const forward = loaded.policy.forwards[name] as PolicyForward;
  try {
    return await openStated(lab, loaded, name);
  } catch (error) {
    const from = forward.from ?? defaultFrom;
    const account = accountOf(loaded.policy, forward) ?? "";
    const refused =
      forward.login === "refused" || forward.refused_by_server
        ? refusedLogin(error, { name, from, account, ssh: loaded.arguments[name] as ForwardArguments })
        : undefined;
    if (refused) return { refused };
    throw error;
  }
}

/** Opens one forward, probes it from everywhere, closes it again: another one may need its port. */
async function lookAtForward(lab: ForwardLab, loaded: LoadedPolicy, name: string, spec: LabSpec) {
  await lab.removeSocketFiles();
  const opened = await openOrRefused(lab, loaded, name);
  if ("refused" in opened) return { outcome: opened.refused, observations: [] };
  await using standing = opened;
  const { port, path, listensOn } = standing;
  const asked = requestedListeners(loaded, [name]).map((each) => (path === undefined ? { ...each, host: listensOn, port } : each));
  const cells = port > 0 || path !== undefined ? cellsOf(spec, asked) : [];
  const probes = await Promise.all(
    cells.map((cell) =>
      cell.scope === "socket" ? lab.probeUnixSocket(standing, cell.as ?? "root") : lab.probe(standing, cell.vantage, cell.address, cell),
    ),
  );
  // The logs are read last: why a channel was closed may be told after its probe.
  const { outcome } = standing.open;
  const observations = cells.map((cell, at): Observation => ({ cell, probe: probes[at] as ProbeResult, forward: outcome, ended: false }));
  return { outcome, observations };
}

async function provenanceOf(lab: ForwardLab, loaded: LoadedPolicy, startedAt: Date): Promise<Provenance> {
  const client = await lab.lab.host(defaultFrom).run(["ssh", "-V"]);
  return {
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    engine: { name: lab.engine.kind === "embedded" ? "embedded Docker" : "Docker", version: lab.engine.version },
    kernel: lab.lab.kernel,
    openssh: { server: lab.server.version.text, client: client.stderr.trim() },
    images: lab.images.map(({ host, ref }) => ({ host, name: ref.reference, id: ref.id })),
    configs: loaded.inputs.files.map(({ display: file, sha256 }) => ({ file, sha256 })),
    adaptations: lab.adaptations.map(formatAdaptation),
    nat: [...lab.nats],
    selfCheck: [...lab.checks],
  };
}
