/** `verify`: a policy's lab is built, its forwards are opened and probed, and what was seen is judged. The data flows one way. */

import { distinctValues } from "../core/distinct.ts";
import { enumerated } from "../core/enumerated.ts";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { LabSpec } from "../core/lab-spec.ts";
import type { Result } from "../core/result.ts";
import { stepOf } from "../core/step.ts";
import { didYouMean, suggestionText } from "../core/suggestion.ts";
import type { Warning } from "../core/warning.ts";
import { namedAddresses } from "../firewall/named-addresses.ts";
import { type JudgedResult, judge } from "../judgement/judge.ts";
import { assumedInterfaces, foreignAddresses, type NotProbed, unseenSources, unvisitedInterfaces } from "../judgement/unseen-sources.ts";
import type { ReadRules, RuleInWords } from "../lab/read-rules.ts";
import { allowFor, type LoadedPolicy, loadPolicy, type Trust } from "../policy/load-policy.ts";
import { defaultFrom, statedNetworksOf } from "../policy/policy.ts";
import { serversOf } from "../policy/servers.ts";
import { elsewhere, type SourceClasses, sameAddresses, withSourceClasses } from "../policy/source-classes.ts";
import { worded } from "../report/worded.ts";
import type { OnEvent } from "../session/events.ts";
import { failureOf } from "../session/failure.ts";
import type { ForwardLab } from "../session/forward-lab.ts";
import {
  ConfiguredServers,
  policySpec,
  requestedListeners,
  sameForwards,
  sameLab,
  sameNetwork,
  startPolicyLab,
} from "../session/policy-lab.ts";
import { keepOpen, observePolicy, type PolicyObserved } from "../session/run-policy.ts";
import { provenanceOf } from "./provenance.ts";
import { toolVersion } from "./tool-version.ts";
import type { RemedyTrials } from "./try-remedies.ts";

export interface VerifyOptions extends Trust {
  /** Names of forwards; left out: all. */
  only?: readonly string[];
  /** 1-based part of so many. */
  shard?: { index: number; count: number };
  /** Instead of the policy's own. */
  openssh?: string;
  /** The lab outlives the run under this name; the forwards stay open. */
  keep?: string;
  strictWaivers?: boolean;
  /** Also from one address of each class of sources that the server's firewall distinguishes. */
  world?: boolean;
  /** YYYY-MM-DD; default: today, local time. */
  today?: string;
  /** False: no change of the user's files is tried where an expectation is violated. */
  remedies?: boolean;
  /** Told the remedies that work together, as one patch for `patch -p1` in the folder that its first line names; empty when there is none. */
  onPatch?: (patch: string) => void;
  /** Told of each step, forward and probe as it happens. */
  onEvent?: OnEvent;
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
  return verifyLoaded(await loadPolicy(path, allowFor(options)), options);
}

/** The same for a policy that was read already. */
export async function verifyLoaded(loaded: LoadedPolicy, options: VerifyOptions): Promise<Result> {
  const startedAt = new Date();
  const selected = select(Object.keys(loaded.policy.forwards), options);
  options.onEvent?.({ type: "planned", forwards: selected });
  const plain = policySpec(loaded, selected);
  const { spec, sources } = options.world ? withWorld(plain, loaded) : { spec: plain };
  await using lab = await startPolicyLab(loaded, spec, { ...options, name: options.keep });
  const measure = (policy: LoadedPolicy) =>
    measureIn(lab, policy, { loaded, selected, spec, startedAt, ...options, ...(sources ? { sources } : {}) });
  const before = await measure(loaded);
  let result = before;
  if (options.remedies !== false && before.outcome === "fail") {
    const servers = new ConfiguredServers(lab, loaded);
    const again = (changed: LoadedPolicy) => lab.withoutTelling(() => remeasure(servers, changed, selected, plain, measure));
    result = await withRemedies({ loaded, before, measure: again }, startedAt, options);
    if (options.keep !== undefined) await servers.configure(loaded);
  }
  if (options.keep !== undefined) {
    await keepOpen(
      lab,
      loaded,
      before.forwards.filter(({ granted }) => granted).map(({ name }) => name),
    );
  }
  return worded(result);
}

/** The result with the remedies that work; its duration includes the time for trying them. */
async function withRemedies(
  trials: Pick<RemedyTrials, "loaded" | "before" | "measure">,
  startedAt: Date,
  { onEvent, onPatch }: Pick<VerifyOptions, "onEvent" | "onPatch">,
): Promise<JudgedResult> {
  // Most runs need none.
  const { tryRemedies } = await import("./try-remedies.ts");
  const onTrial = (forward: string) => onEvent?.({ type: "step", ...stepOf("trying-remedies", { forward }) });
  const { result, patch } = await tryRemedies({ ...trials, onTrial });
  onPatch?.(patch);
  return { ...result, provenance: { ...result.provenance, durationMs: Date.now() - startedAt.getTime() } };
}

function withWorld(spec: LabSpec, loaded: LoadedPolicy): { spec: LabSpec; sources?: SourceClasses } {
  const { policy, place } = loaded;
  const shared = sharedNetworks(spec, serversOf(policy));
  if (shared)
    throw new UserError("policy-value", "--world needs distinct networks, but two servers have the same addresses", {
      fault: faultOf("world-shared", { servers: shared }),
      place: place(["servers"]),
      found: enumerated(shared),
      expected: "a network of its own for each server, or one that they share",
      todo: "leave --world out, or verify each server by a policy of its own",
    });
  return withSources(spec, loaded);
}

function sharedNetworks(spec: LabSpec, servers: readonly string[]): string[] | undefined {
  return servers.length > 1 ? sameAddresses(spec, servers) : undefined;
}

function withSources(spec: LabSpec, { policy, inputs, servers: further }: LoadedPolicy): { spec: LabSpec; sources: SourceClasses } {
  const servers = serversOf(policy);
  const named = servers.flatMap((server) => {
    const { firewall } = further[server] ?? inputs;
    return firewall ? [namedAddresses(firewall, policy.server.names)] : [];
  });
  // Of all forwards, selected or not: the parts of a divided run have the same classes.
  const clients = Object.values(policy.forwards).map(({ from = defaultFrom }) => from);
  const all = { groups: named.flatMap(({ groups }) => groups), inexact: named.flatMap(({ inexact }) => inexact) };
  return withSourceClasses(spec, all, clients, statedNetworksOf(policy), servers);
}

/** A lab that policies take in turn. */
export interface SharedLab extends AsyncDisposable {
  /**
   * One of the policies that the lab was started for, or one that fits.
   * @param alternatives policies that differ from it in nothing but what they expect: judged by the same observation
   * @returns the result of each, that of the policy itself first
   */
  verify(policy: LoadedPolicy, ...alternatives: LoadedPolicy[]): Promise<Result[]>;
  /** Can it be one more of them? */
  fits(policy: LoadedPolicy): boolean;
}

/**
 * Starts a lab for policies that need no network but that of the first; undefined where one of them needs a lab of its own. With `world`, the lab has the
 * vantage points of all their classes, and each policy is seen from its own alone. Remedies are tried only where `remedies` is set.
 */
export async function shareLab(
  policies: readonly [LoadedPolicy, ...LoadedPolicy[]],
  options: Omit<VerifyOptions, "shard" | "keep">,
): Promise<SharedLab | undefined> {
  const [first] = policies;
  const planOf = (policy: LoadedPolicy) => {
    const selected = select(Object.keys(policy.policy.forwards), options);
    const plain = policySpec(policy, selected);
    return { selected, plain, ...(options.world ? withWorld(plain, policy) : { spec: plain }) };
  };
  const planned = new Map(policies.map((policy) => [policy, planOf(policy)]));
  const plans = [...planned.values()];
  const [{ plain: whole, selected: forwards }] = plans as [(typeof plans)[0]];
  if (!policies.every((policy) => sameLab(first, policy)) || !plans.every(({ plain }) => sameNetwork(plain, whole))) return undefined;
  const spec = { ...whole, hosts: Object.assign({}, ...plans.map((each) => each.spec.hosts), whole.hosts) };
  options.onEvent?.({ type: "planned", forwards });
  let startedAt = new Date();
  const lab = await startPolicyLab(first, spec, options);
  const servers = new ConfiguredServers(lab, first);
  return {
    async verify(policy, ...alternatives) {
      const plan = planned.get(policy) ?? planOf(policy);
      if (policy !== servers.current) startedAt = new Date();
      await servers.configure(policy);
      const { selected, plain } = plan;
      const measuring = { loaded: policy, startedAt, ...plan, ...options };
      const seen = await observePolicy(lab, policy, selected, plan.spec, options.signal);
      const judged = [policy, ...alternatives].map((each) => judgeIn(lab, seen, each, { ...measuring, loaded: each }));
      const [[before, ...others]] = (await Promise.all([Promise.all(judged), seen.closed])) as [[JudgedResult, ...JudgedResult[]], void];
      if (options.remedies !== true || before.outcome !== "fail") return [before, ...others].map(worded);
      const measure = (changed: LoadedPolicy) => measureIn(lab, changed, measuring);
      const again = (changed: LoadedPolicy) => lab.withoutTelling(() => remeasure(servers, changed, selected, plain, measure));
      return [await withRemedies({ loaded: policy, before, measure: again }, startedAt, options), ...others].map(worded);
    },
    fits: (policy) => {
      if (!sameLab(first, policy)) return false;
      const { plain, spec: own } = planOf(policy);
      return sameNetwork(plain, whole) && Object.keys(own.hosts).every((host) => host in spec.hosts);
    },
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  };
}

/**
 * Two policies in one lab, one after the other; undefined where each needs a lab of its own.
 * @param blame what to throw of a failure that comes of one of them
 */
export async function verifyBoth(
  before: LoadedPolicy,
  after: LoadedPolicy,
  options: VerifyOptions,
  blame: (side: "before" | "after", error: unknown) => unknown,
): Promise<[Result, Result] | undefined> {
  const blamed =
    (side: "before" | "after") =>
    (error: unknown): never => {
      throw blame(side, error);
    };
  if (!sameForwards(before, after)) return undefined;
  await using lab = await shareLab([before, after], options).catch(blamed("before"));
  if (!lab) return undefined;
  const [first] = await lab.verify(before).catch(blamed("before"));
  const [second] = await lab.verify(after).catch(blamed("after"));
  return [first as Result, second as Result];
}

interface Measuring extends VerifyOptions {
  /** Whose name and files the result tells. */
  loaded: LoadedPolicy;
  selected: readonly string[];
  spec: LabSpec;
  sources?: SourceClasses;
  startedAt: Date;
}

async function measureIn(lab: ForwardLab, policy: LoadedPolicy, measuring: Measuring): Promise<JudgedResult> {
  const seen = await observePolicy(lab, policy, measuring.selected, measuring.spec, measuring.signal);
  const [judged] = await Promise.all([judgeIn(lab, seen, policy, measuring), seen.closed]);
  return judged;
}

async function judgeIn(lab: ForwardLab, seen: PolicyObserved, policy: LoadedPolicy, measuring: Measuring): Promise<JudgedResult> {
  const { loaded, selected, spec, sources, startedAt, only, shard, today, strictWaivers } = measuring;
  return judge({
    ...seen,
    policy: policy.policy,
    policyFile: loaded.display,
    spec,
    selected,
    provenance: { ...(await provenanceOf(lab, loaded, startedAt)), ...(only ? { only: [...only] } : {}), ...(shard ? { shard } : {}) },
    tool: { name: "forwardlab", version: toolVersion },
    today: today ?? new Date().toLocaleDateString("sv-SE"),
    strictWaivers,
    ...(sources ? { sources } : {}),
    chosenBySender: rulesForSenders(lab, seen, policy),
    warnings: [...policy.inputs.warnings, ...lab.warnings, ...notProbed(lab, seen, policy, measuring)],
    lines: policy.forwardLines,
    waiverLines: (policy.policy.waivers ?? []).map((_, at) => policy.place(["waivers", at]).line),
  });
}

/** Would `verify` fail? In a running lab whose server has the policy's files; probed from the vantage points that the policy has. */
export async function policyFails(lab: ForwardLab, policy: LoadedPolicy, options: VerifyOptions): Promise<boolean> {
  const selected = Object.keys(policy.policy.forwards);
  const measuring = { loaded: policy, selected, spec: policySpec(policy, selected), startedAt: new Date(), ...options };
  return (await measureIn(lab, policy, measuring)).outcome === "fail";
}

/** Rules of the servers that a client can choose to match. */
function rulesForSenders(lab: ForwardLab, seen: PolicyObserved, policy: LoadedPolicy): RuleInWords[] {
  const found = ofGranted(lab, seen, policy, (rules, connection) => rules.chosenBySender(connection));
  return distinctValues(found);
}

/** Warnings about clients that may get in but were not probed. */
function notProbed(lab: ForwardLab, seen: PolicyObserved, policy: LoadedPolicy, { loaded, selected, sources }: Measuring): Warning[] {
  const rules = ofGranted(lab, seen, policy, (each, connection) => each.identityRules(connection));
  const met = seen.observations.flatMap(({ probe }) => probe.met ?? []);
  const foreign = ofGranted(lab, seen, policy, (each, connection) => each.missedAddressesFor(connection));
  return [
    ...unseenSources(rules, met, () =>
      sources ? { reachable: [], elsewhere: elsewhere(sources) } : withoutVantage(policySpec(loaded, selected), loaded),
    ),
    ...assumedInterfaces(
      ofGranted(lab, seen, policy, (each, connection) => each.assumedFor(connection)),
      seen.observations.flatMap(({ probe }) => probe.matched ?? []),
    ),
    ...unvisitedInterfaces(ofGranted(lab, seen, policy, (each, connection) => each.unvisitedFor(connection))),
    ...foreignAddresses(foreign),
  ];
}

/** The classes of sources without a vantage point in the policy. */
function withoutVantage(spec: LabSpec, loaded: LoadedPolicy): NotProbed {
  if (sharedNetworks(spec, serversOf(loaded.policy))) return { reachable: [], elsewhere: [] };
  const { sources } = withSources(spec, loaded);
  const reachable = sources.classes.flatMap(({ vantage, prefixes }) => (vantage in spec.hosts ? [] : [prefixes]));
  return { reachable, elsewhere: elsewhere(sources) };
}

/** Collects rules of the servers for the forwards that they have granted. */
function ofGranted<T>(
  lab: ForwardLab,
  { outcomes }: PolicyObserved,
  policy: LoadedPolicy,
  find: (rules: ReadRules, connection: { port?: number }) => T[],
): T[] {
  const granted = outcomes.filter((outcome) => outcome.granted).map(({ name }) => name);
  const found = requestedListeners(policy, granted).map(({ host, port, socket }) => {
    const rules = socket ? undefined : lab.servers.find(host)?.rules;
    return rules ? find(rules, port === 0 ? {} : { port }) : [];
  });
  // Ports that the rules treat alike have one answer.
  return [...new Set(found)].flat();
}

/** A changed policy in the running lab: one that asks for another network, or names other forwards, would need a lab of its own. */
async function remeasure(
  servers: ConfiguredServers,
  changed: LoadedPolicy,
  selected: readonly string[],
  spec: LabSpec,
  measure: (policy: LoadedPolicy) => Promise<JudgedResult>,
): Promise<JudgedResult | undefined> {
  if (!selected.every((name) => name in changed.policy.forwards) || !sameNetwork(policySpec(changed, selected), spec)) return undefined;
  await servers.configure(changed);
  return measure(changed);
}

/** Forwards that `--only` and `--shard` leave. */
function select(all: readonly string[], { only, shard }: VerifyOptions): string[] {
  for (const name of only ?? []) {
    if (!all.includes(name))
      throw new UserError("unknown-forward", `the policy has no forward ${name}`, {
        fault: faultOf("policy-name-unknown", { kind: "forward", name, known: all, meant: didYouMean(name, all) }),
        found: name,
        expected: all.join(", "),
        todo: suggestionText(didYouMean(name, all)),
      });
  }
  const named = all.filter((name) => !only || only.includes(name));
  const selected = named.filter((_, at) => !shard || at % shard.count === shard.index - 1);
  if (selected.length === 0) {
    throw new UserError("nothing-selected", "no forward is selected, so nothing would be verified", {
      fault: faultOf("nothing-selected", { what: "forwards", part: shard?.index, count: shard?.count, of: named.length }),
      found: shard ? `part ${shard.index} of ${shard.count} with ${named.length} forwards` : "a policy without forwards",
      expected: "at least one forward",
      todo: shard ? `use at most ${named.length} parts` : "add a forward under `forwards:`",
    });
  }
  return selected;
}
