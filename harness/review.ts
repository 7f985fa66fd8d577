/** `review`: everything that the accounts of a server could expose, asked for and probed, and ranked by who gets it. */
import type { LabSpec } from "./core/lab-spec.ts";
import type { Review } from "./core/review.ts";
import { configCoverage, ruleCoverage } from "./judgement/review/coverage.ts";
import { judgeReview } from "./judgement/review/judge-review.ts";
import { listenerKey } from "./judgement/review/review-input.ts";
import type { LoadedPolicy } from "./policy/load-policy.ts";
import { type ReviewPlan, reviewPlan } from "./policy/review/plan.ts";
import { provenanceOf } from "./provenance.ts";
import { wordedReview } from "./report/worded-review.ts";
import type { OnEvent } from "./session/events.ts";
import { failureOf } from "./session/failure.ts";
import type { ForwardLab } from "./session/forward-lab.ts";
import { startPolicyLab } from "./session/policy-lab.ts";
import { observeReview } from "./session/review/observe-review.ts";
import { toolVersion } from "./tool-version.ts";

export interface ReviewOptions {
  /** Instead of the policy's own. */
  openssh?: string;
  onEvent?: OnEvent;
  /** Ends the run; everything is removed before the promise rejects. */
  signal?: AbortSignal;
}

/** @throws UserError for everything that keeps the review from an answer */
export async function reviewLoaded(loaded: LoadedPolicy, subject: string, options: ReviewOptions = {}): Promise<Review> {
  try {
    const startedAt = new Date();
    const plan = reviewPlan(loaded);
    const clients = plan.origins.flatMap(({ hosts }) => hosts.map(({ vantage }) => vantage));
    await using lab = await startPolicyLab(loaded, plan.spec, { ...options, clients });
    return wordedReview(await measure(lab, loaded, plan, { subject, startedAt, ...(options.signal ? { signal: options.signal } : {}) }));
  } catch (error) {
    throw failureOf(error);
  }
}

interface Measuring {
  subject: string;
  startedAt: Date;
  signal?: AbortSignal;
}

async function measure(lab: ForwardLab, loaded: LoadedPolicy, plan: ReviewPlan, { subject, startedAt, signal }: Measuring) {
  const { inputs } = loaded;
  const byOwner = tellsOwnersApart(loaded);
  const seen = await observeReview(lab, plan, byOwner, signal);
  const plain = await lab.server.plainSettings();
  const accountOf = new Map(seen.principals.map(({ id, account }) => [id, account]));
  return judgeReview({
    subject,
    tool: { name: "forwardlab", version: toolVersion },
    provenance: await provenanceOf(lab, loaded, startedAt),
    spec: plan.spec,
    sources: plan.sources,
    ports: plan.ports,
    principals: seen.principals,
    representatives: seen.representatives.map((each) => ({
      ...each,
      key: listenerKey(each.listeners, each.portClass, byOwner ? accountOf.get(each.principal) : ""),
    })),
    observations: seen.observations,
    repeated: seen.repeated,
    plain: plain && new Map([...plain].map(([keyword, values]) => [keyword, values.join(" ")])),
    firewalled: inputs.firewall !== undefined,
    coverage: [
      ...ruleCoverage(rulesOf(loaded), (file, line) => lab.prober.met.at("server", file, line)),
      ...configCoverage(inputs.sshdConfig.lines, seen.principals, loginsOf(loaded, plan.spec, seen.principals)),
    ],
    doubts: [
      ...plan.sources.inexact.map(({ file, line, rule }) => ({ code: "sources-inexact", params: { place: `${file}:${line}`, rule } })),
      ...plan.inexact.ports.map(({ file, line, rule }) => ({ code: "review-ports-inexact", params: { place: `${file}:${line}`, rule } })),
      ...plan.inexact.clients.map(({ file, line, text }) => ({
        code: "review-clients-inexact",
        params: { place: `${file}:${line}`, text },
      })),
    ],
    warnings: [...inputs.warnings, ...lab.warnings],
  });
}

function rulesOf({ inputs: { firewall } }: LoadedPolicy): { file: string; line: number; text: string }[] {
  return (firewall?.rules ?? []).filter(({ kind }) => kind === "rule");
}

/** Rules by the account of a socket's owner. */
function tellsOwnersApart({ inputs: { firewall } }: LoadedPolicy): boolean {
  return (firewall?.rules ?? []).some(({ text }) => /\bsk[ug]id\b|--[ug]id-owner/.test(text));
}

function loginsOf({ inputs }: LoadedPolicy, spec: LabSpec, principals: Awaited<ReturnType<typeof observeReview>>["principals"]) {
  const laddr = spec.hosts.server?.interfaces[0]?.addresses[0]?.split("/")[0] ?? "";
  return principals.map(({ account, from }) => ({
    user: account,
    groups: [account, ...(inputs.accounts.find(({ name }) => name === account)?.groups ?? [])],
    addr: from[0]?.split("/")[0] ?? "",
    laddr,
    lport: 22,
  }));
}
