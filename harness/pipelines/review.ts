/** `review`: everything that the accounts of a server could expose, asked for and probed, and ranked by who gets it. */

import { adaptationsOf } from "../core/adaptation.ts";
import { withoutPrefix } from "../core/address.ts";
import type { Audience } from "../core/audience.ts";
import { formatPlace, UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { type LabSpec, mainServer } from "../core/lab-spec.ts";
import type { Unworded } from "../core/result.ts";
import type { Review } from "../core/review.ts";
import type { PrincipalFacts } from "../core/review-facts.ts";
import type { ReviewFleet } from "../core/review-fleet.ts";
import { stepAt, stepOf } from "../core/step.ts";
import { type Warning, warning } from "../core/warning.ts";
import { inexactSources, senderChooses } from "../judgement/doubts.ts";
import { serverError } from "../judgement/fleet.ts";
import { configCoverage, ruleCoverage } from "../judgement/review/coverage.ts";
import { type JudgedReview, judgeReview } from "../judgement/review/judge-review.ts";
import { reviewFleetOf } from "../judgement/review/review-fleet.ts";
import type { ReviewInput } from "../judgement/review/review-input.ts";
import { assumedTargets, untriedTargets } from "../judgement/review/unknown-targets.ts";
import { unseenLogins } from "../judgement/review/unseen-logins.ts";
import { assumedInterfaces, unmetRules, unseenSources } from "../judgement/unseen-sources.ts";
import { unlistedAccounts } from "../openssh/unlisted-accounts.ts";
import { groupsOfLogin } from "../openssh/user-database.ts";
import type { LoadedPolicy } from "../policy/load-policy.ts";
import { type ReviewPlan, reviewPlan } from "../policy/review/plan.ts";
import { reviewedServer } from "../policy/review/reviewed-server.ts";
import { serversOf } from "../policy/servers.ts";
import { elsewhere } from "../policy/source-classes.ts";
import { fixPatchText } from "../report/fix-patch.ts";
import { wordedReview } from "../report/worded-review.ts";
import type { OnEvent } from "../session/events.ts";
import { failureOf, faultOfOne } from "../session/failure.ts";
import type { ForwardLab } from "../session/forward-lab.ts";
import { serverHost } from "../session/login-route.ts";
import { ConfiguredServers, startPolicyLab } from "../session/policy-lab.ts";
import { ReviewLab, type ReviewObserved } from "../session/review/review-lab.ts";
import { undefinedIfRefused } from "./changed-policy.ts";
import { combinedPatch, combineRemedies, shownFolder } from "./combine-remedies.ts";
import { provenanceOf } from "./provenance.ts";
import { ChangedReview } from "./review-changes.ts";
import { loadSubject, type SubjectOptions } from "./review-subject.ts";
import { asOptionError } from "./server-options.ts";
import { toolVersion } from "./tool-version.ts";
import { tryMutations } from "./try-mutations.ts";
import { type ReviewRemedy, tryReviewRemedies } from "./try-review-remedies.ts";
import { policyFails, type SharedLab, shareLab } from "./verify.ts";

export interface ReviewOptions {
  /** Instead of the policy's own. */
  openssh?: string;
  /** Also changes each line that could matter, one at a time, and reports what opens and what closes. */
  whatIf?: boolean;
  /** False: no remedy is tried. */
  remedies?: boolean;
  /** Told the remedies of all findings that go together, as one patch for `patch -p1`; empty where none has one. */
  onPatch?: (patch: string) => void;
  /** The patch is for findings of this audience or a wider one. Left out: for all. */
  patchFor?: Audience;
  onEvent?: OnEvent;
  /** Ends the run; everything is removed before the promise rejects. */
  signal?: AbortSignal;
}

/**
 * Reviews a policy's server, an sshd_config, a folder laid out like /etc/ssh, or a copy of /etc or of the root folder. Of a policy with several servers it is the one that `server` names, by
 * default the policy's `server`; `reviewServers` reviews all.
 * @throws UserError for everything that keeps the review from an answer
 */
export async function reviewPath(path: string, options: ReviewOptions & SubjectOptions = {}): Promise<Review> {
  const whole = await loadSubject(path, options);
  const others = Object.keys(whole.policy.servers ?? {});
  const silent = options.server !== undefined || others.length === 0;
  const { warnings } = whole.inputs;
  const told = silent
    ? whole
    : { ...whole, inputs: { ...whole.inputs, warnings: [...warnings, warning("only-first-reviewed", { others })] } };
  return reviewOne(told, path, options);
}

/**
 * The same for every server of a policy, one after the other, each in a lab of its own; a plain review where there is but one, or where `server` is given.
 * What keeps one of them from an answer is reported beside the reviews of the others.
 * @throws as `reviewPath` does, for what concerns all of them
 */
export async function reviewServers(path: string, options: ReviewOptions & SubjectOptions = {}): Promise<Review | ReviewFleet> {
  const whole = await loadSubject(path, options);
  const names = serversOf(whole.policy);
  if (names.length === 1 || options.server !== undefined) return reviewOne(whole, path, options);
  if (options.onPatch)
    throw new UserError("option", "--fix-patch is for one server", {
      fault: faultOf("option-one-server", { option: "--fix-patch" }),
      found: names.join(", "),
      todo: "choose one with --server; of each server, the reports have the patch of each finding",
    });
  const startedAt = new Date();
  const servers: ReviewFleet["servers"] = [];
  for (const name of names) {
    const onEvent: OnEvent = (event) => options.onEvent?.(event.type === "step" ? { type: "step", ...stepAt(name, event) } : event);
    const seen = await reviewOne(whole, path, { ...options, server: name, onEvent }).then(
      (review) => ({ review, error: null }),
      (thrown: unknown) => ({ review: null, error: serverError(faultOfOne(thrown, options.signal)) }),
    );
    servers.push({ name, ...seen });
  }
  return reviewFleetOf(servers, {
    tool: { name: "forwardlab", version: toolVersion },
    subject: path,
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
  });
}

async function reviewOne(whole: LoadedPolicy, subject: string, options: ReviewOptions & Pick<SubjectOptions, "server">): Promise<Review> {
  const server = serverNamed(whole, options.server);
  const oneOfSeveral = serversOf(whole.policy).length > 1;
  try {
    const startedAt = new Date();
    const { provenance, ...found } = await review(whole, { subject, oneOfSeveral, server, startedAt }, options);
    return wordedReview({ ...found, provenance: { ...provenance, durationMs: Date.now() - startedAt.getTime() } });
  } catch (error) {
    throw whole.stated ? failureOf(error) : asOptionError(failureOf(error));
  }
}

function serverNamed({ policy }: LoadedPolicy, name = mainServer): string {
  const names = serversOf(policy);
  if (names.includes(name)) return name;
  throw new UserError("option", `--server ${name}: the policy has no such server`, {
    fault: faultOf("option-server-unknown", { name, known: names }),
    found: name,
    expected: names.join(", "),
  });
}

interface About {
  subject: string;
  /** The policy has others. */
  oneOfSeveral: boolean;
  server: string;
  startedAt: Date;
}

async function review(whole: LoadedPolicy, about: About, options: ReviewOptions): Promise<Unworded<Review>> {
  const { onEvent, signal } = options;
  const reviewed = reviewedServer(whole, about.server);
  const { loaded } = reviewed;
  const plan = reviewPlan(reviewed, { apart: options.whatIf === true });
  const clients = plan.origins.flatMap(({ hosts }) => hosts.map(({ vantage }) => vantage));
  await using lab = await startPolicyLab(loaded, plan.spec, { ...options, clients, ssh2: true });
  const looking = new ReviewLab(lab, plan, {
    byOwner: hasRule(loaded, /\bsk[ug]id\b|--[ug]id-owner|\bsocket cgroupv2\b|-m cgroup\b/),
    byListener: hasRule(loaded, /\b(?:dnat|redirect|tproxy|netmap|socket)\b/i),
  });
  await looking.startTargets();
  const seen = await looking.look(signal);
  const input = await inputOf(looking, loaded, plan, seen, about);
  const judged = judgeReview(input);
  const servers = new ConfiguredServers(lab, loaded);
  const changes = new ChangedReview(whole, about.server, {
    configure: (policy) => servers.configure(policy),
    look: (change) => lab.withoutTelling(async () => judgeReview({ ...input, ...(await looking.lookAgain(change, signal)) })),
  });
  let found = judged.review;
  if (options.remedies !== false) {
    onEvent?.({ type: "step", ...stepOf("trying-remedies", {}) });
    const remedied = await tryReviewRemedies(judged, changes);
    if (options.onPatch) options.onPatch(await fixPatch(loaded, judged, remedied.remedies, changes, options));
    found = remedied.review;
  }
  if (!options.whatIf) return found;
  await using noticing = noticingIn(lab, whole, options);
  const sensitivity = await tryMutations({
    loaded,
    stated: Object.keys(whole.policy.forwards).length > 0,
    judged,
    changes,
    notices: (changed) => noticing.fails(changed),
    onProgress: (done, of) => onEvent?.({ type: "step", ...stepOf("lines-changed", { done, of }) }),
  });
  return { ...found, sensitivity };
}

interface Noticing extends AsyncDisposable {
  /** Would `verify` fail, or end with an error: a policy's login that the changed files refuse is noticed, too. */
  fails(changed: LoadedPolicy): Promise<boolean>;
}

/** In the review's lab; a policy with several servers needs all of them, so it has a lab of its own, from the first question on. */
function noticingIn(lab: ForwardLab, whole: LoadedPolicy, options: ReviewOptions): Noticing {
  const { openssh, signal } = options;
  let started: Promise<SharedLab | undefined> | undefined;
  const failsThere = async (changed: LoadedPolicy) => {
    started ??= shareLab([whole], { remedies: false, ...(openssh === undefined ? {} : { openssh }), ...(signal ? { signal } : {}) });
    const [result] = (await (await started)?.verify(changed)) ?? [];
    return result?.outcome === "fail";
  };
  return {
    async fails(changed) {
      try {
        return whole.policy.servers === undefined ? await policyFails(lab, changed, options) : await failsThere(changed);
      } catch (error) {
        return undefinedIfRefused(error) ?? true;
      }
    },
    [Symbol.asyncDispose]: async () => {
      const shared = await started?.catch(() => undefined);
      await shared?.[Symbol.asyncDispose]();
    },
  };
}

/** Remedies that work together. The patch's first lines tell where it applies, and what is left out. */
async function fixPatch(
  loaded: LoadedPolicy,
  judged: JudgedReview,
  remedies: ReadonlyMap<string, ReviewRemedy>,
  changes: ChangedReview,
  { onEvent, patchFor }: Pick<ReviewOptions, "onEvent" | "patchFor">,
): Promise<string> {
  onEvent?.({ type: "step", ...stepOf("trying-together", {}) });
  const { edits, ...told } = await combineRemedies(judged, remedies, changes, patchFor);
  const { folder, diff } = combinedPatch(loaded.folder, changes.inputs.files, edits);
  return fixPatchText({ ...told, diff, folder: shownFolder(folder) });
}

async function inputOf(
  looking: ReviewLab,
  loaded: LoadedPolicy,
  plan: ReviewPlan,
  seen: ReviewObserved,
  { subject, oneOfSeveral, server, startedAt }: About,
): Promise<ReviewInput> {
  const { inputs } = loaded;
  const { lab } = looking;
  const plain = await lab.server.plainSettings();
  const provenance = await provenanceOf(lab, loaded, startedAt);
  const met = [...seen.observations.flatMap(({ probe }) => probe.met ?? []), ...looking.rulesOfLogins];
  const identifying = plan.ports.flatMap(({ asked }) => asked.flatMap((port) => lab.rules.identityRules({ port })));
  const uncovered = () => plan.sources.uncovered.map(({ prefixes }) => prefixes);
  const toSshd = [...new Set(lab.server.listening.map(({ port }) => port))].flatMap((port) => [
    ...lab.rules.missedFor({ port }),
    ...unmetRules(lab.rules.identityRules({ port }), met, uncovered),
  ]);
  const adaptationDetails = [...lab.adaptations, ...adaptationsOf(serverHost, looking.adaptations)];
  return {
    ...seen,
    subject,
    ...(oneOfSeveral ? { server } : {}),
    tool: { name: "forwardlab", version: toolVersion },
    spec: plan.spec,
    sources: plan.sources,
    ports: plan.ports,
    repeated: await looking.repeatSample(),
    plain: plain && new Map([...plain].map(([keyword, values]) => [keyword, values.join(" ")])),
    firewalled: inputs.firewall !== undefined,
    coverage: [
      ...ruleCoverage(rulesOf(loaded), met),
      ...configCoverage(inputs.sshdConfig.lines, seen.principals, loginsOf(loaded, plan.spec, seen.principals)),
    ],
    doubts: [
      ...lab.rules.chosenBySender({}).map(senderChooses),
      ...plan.sources.inexact.map(inexactSources),
      ...plan.inexact.ports.map(({ rule, ...at }) => ({ code: "review-ports-inexact", params: { place: formatPlace(at), rule } })),
      ...plan.inexact.clients.map(({ file, line, text }) => ({
        code: "review-clients-inexact",
        params: { place: `${file}:${line}`, text },
      })),
      ...unseenLogins(seen.principals, toSshd),
      ...untriedTargets(seen.principals, plan.targets),
    ],
    // In a review, every class of addresses that may have a vantage point has one.
    warnings: [
      ...unreviewed(loaded),
      ...inputs.warnings,
      ...lab.warnings,
      ...assumedInterfaces(
        plan.ports.flatMap(({ asked }) => asked.flatMap((port) => lab.rules.assumedFor({ port }))),
        seen.observations.flatMap(({ probe }) => probe.matched ?? []),
      ),
      ...assumedTargets(seen.principals, plan.targets),
      ...unseenSources(identifying, met, () => ({ reachable: [], elsewhere: elsewhere(plan.sources) })),
    ],
    provenance: { ...provenance, configs: provenance.configs.slice(loaded.stated ? 0 : 1), adaptationDetails },
  };
}

/** Without a policy, everybody whom the config names has a stand-in. */
function unreviewed({ stated, inputs }: LoadedPolicy): Warning[] {
  const listed = inputs.accounts.map(({ name }) => name);
  const accounts = stated ? unlistedAccounts(inputs.sshdConfig, listed) : [];
  return accounts.length > 0 ? [warning("accounts-not-reviewed", { accounts })] : [];
}

/** Those that stand on a line of the user's. */
function rulesOf({ inputs: { firewall } }: LoadedPolicy): { file: string; line: number; text: string }[] {
  return (firewall?.rules ?? []).flatMap(({ kind, file, line, text }) =>
    kind === "rule" && line !== undefined ? [{ file, line, text }] : [],
  );
}

function hasRule({ inputs: { firewall } }: LoadedPolicy, what: RegExp): boolean {
  return (firewall?.rules ?? []).some(({ text }) => what.test(text));
}

function loginsOf({ inputs }: LoadedPolicy, spec: LabSpec, principals: readonly PrincipalFacts[]) {
  const laddr = withoutPrefix(spec.hosts.server?.interfaces[0]?.addresses[0] ?? "");
  return principals.map(({ account, from, to }) => ({
    user: account,
    groups: groupsOfLogin(account, inputs.accounts.find(({ name }) => name === account)?.groups, inputs.users),
    addr: from[0]?.split("/")[0] ?? "",
    laddr: to?.addresses.find((address) => address.includes(":") === (from[0] ?? "").includes(":")) ?? to?.addresses[0] ?? laddr,
    lport: to?.ports[0] ?? 22,
  }));
}
