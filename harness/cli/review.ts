/** `forwardlab review`. */

import { type Audience, audiences } from "../core/audience.ts";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { Review } from "../core/review.ts";
import type { ReviewFleet } from "../core/review-fleet.ts";
import { reviewServers } from "../pipelines/review.ts";
import { checkReviewFormat, renderReview } from "../report/render-review.ts";
import { githubReviewFleetOutputs, githubReviewFleetSummary } from "../report/review-fleet-tests.ts";
import { githubReviewOutputs, githubReviewSummary } from "../report/review-github.ts";
import { prepareFixPatch } from "./fix-patch.ts";
import { prepareReports, writeReports } from "./reports.ts";
import { type Context, exitCodes } from "./run-command.ts";
import { tellGithub } from "./tell-github.ts";

export interface ReviewFlags {
  report: string[];
  firewall: string[];
  address: string[];
  account: string[];
  server?: string;
  interface?: string;
  openssh?: string;
  failOn?: string;
  whatIf?: boolean;
  allowOutside?: boolean;
  pull?: boolean;
  remedies?: boolean;
  fixPatch?: string;
  quiet?: boolean;
  color: boolean;
}

export async function reviewCommand(path: string, flags: ReviewFlags, { language, onEvent, signal }: Context): Promise<number> {
  const failOn = audienceOf(flags.failOn);
  const reports = await prepareReports(flags.report, checkReviewFormat);
  const patch = await prepareFixPatch(flags);
  const review = await reviewServers(path, {
    firewall: flags.firewall,
    addresses: flags.address,
    accounts: flags.account,
    ...(flags.server === undefined ? {} : { server: flags.server }),
    ...(flags.interface === undefined ? {} : { interface: flags.interface }),
    ...(flags.openssh === undefined ? {} : { openssh: flags.openssh }),
    ...(flags.remedies === undefined ? {} : { remedies: flags.remedies }),
    ...(flags.whatIf ? { whatIf: true } : {}),
    allowOutside: flags.allowOutside,
    ...(flags.pull ? { pull: true } : {}),
    ...(flags.fixPatch === undefined ? {} : { onPatch: patch.collect }),
    ...(failOn === undefined ? {} : { patchFor: failOn }),
    onEvent,
    signal,
  });
  await patch.write();
  await writeReports(reports, flags, (format, style) => renderReview(format, review, { ...style, language }));
  await tellGithub(reports, {
    annotations: () => renderReview("github", review),
    summary: () => (review.kind === "review" ? githubReviewSummary(review) : githubReviewFleetSummary(review)),
    outputs: () => (review.kind === "review" ? githubReviewOutputs(review) : githubReviewFleetOutputs(review)),
  });
  return exitCodeOf(review, failOn);
}

/** 1 where a finding reaches that far; 2 where not everything could be proven. */
function exitCodeOf(review: Review | ReviewFleet, failOn: Audience | undefined): number {
  const { outcome } = review;
  const findings = review.kind === "review" ? review.findings : review.servers.flatMap((server) => server.review?.findings ?? []);
  const far = failOn && audiences.slice(0, audiences.indexOf(failOn) + 1);
  if (far && findings.some(({ audience }) => far.includes(audience))) return exitCodes.violated;
  return outcome === "inconclusive" ? exitCodes.noVerdict : exitCodes.held;
}

function audienceOf(text: string | undefined): Audience | undefined {
  const found = audiences.find((each) => each === text);
  if (text === undefined || found) return found;
  throw new UserError("option", `--fail-on ${text}: no such audience`, {
    fault: faultOf("option-value", { option: `--fail-on ${text}`, is: "audience", known: audiences }),
    found: text,
    expected: audiences.join(", "),
  });
}
