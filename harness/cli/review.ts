/** `forwardlab review`. */
import { writeFile } from "node:fs/promises";
import { UserError } from "../core/errors.ts";
import { type Audience, audiences, type Review } from "../core/review.ts";
import { checkReviewFormat, renderReview } from "../report/render-review.ts";
import { githubReviewOutputs, githubReviewSummary } from "../report/review-github.ts";
import { reviewPath } from "../review.ts";
import { languageOf } from "./language.ts";
import { cannotWrite, prepare, prepareReports, writeReports } from "./reports.ts";
import type { Context } from "./run-command.ts";
import { tellGithub } from "./tell-github.ts";

export interface ReviewFlags {
  report: string[];
  firewall: string[];
  address: string[];
  account: string[];
  interface?: string;
  openssh?: string;
  failOn?: string;
  whatIf?: boolean;
  remedies?: boolean;
  fixPatch?: string;
  lang: string;
  quiet?: boolean;
  color: boolean;
}

export async function reviewCommand(path: string, flags: ReviewFlags, { onEvent, signal }: Context): Promise<number> {
  const language = languageOf(flags.lang);
  const failOn = audienceOf(flags.failOn);
  const reports = await prepareReports(flags.report, checkReviewFormat);
  const { fixPatch } = flags;
  if (fixPatch !== undefined && flags.remedies === false)
    throw new UserError("option", "--fix-patch and --no-remedies exclude each other", { expected: "one of them" });
  if (fixPatch !== undefined) await prepare({ format: "patch", path: fixPatch });
  let patch = "";
  const review = await reviewPath(path, {
    firewall: flags.firewall,
    addresses: flags.address,
    accounts: flags.account,
    ...(flags.interface === undefined ? {} : { interface: flags.interface }),
    ...(flags.openssh === undefined ? {} : { openssh: flags.openssh }),
    ...(flags.remedies === undefined ? {} : { remedies: flags.remedies }),
    ...(flags.whatIf ? { whatIf: true } : {}),
    onPatch: (text) => {
      patch = text;
    },
    onEvent,
    signal,
  });
  if (fixPatch === "-") process.stdout.write(patch);
  else if (fixPatch !== undefined) await writeFile(fixPatch, patch).catch((error) => cannotWrite("patch", fixPatch, error));
  await writeReports(reports, flags, (format, style) => renderReview(format, review, { ...style, language }));
  await tellGithub(reports, {
    annotations: () => renderReview("github", review),
    summary: () => githubReviewSummary(review),
    outputs: () => githubReviewOutputs(review),
  });
  return exitCodeOf(review, failOn);
}

/** 1 where a finding reaches that far; 2 where not everything could be proven. */
function exitCodeOf({ outcome, findings }: Review, failOn: Audience | undefined): number {
  const far = failOn && audiences.slice(0, audiences.indexOf(failOn) + 1);
  if (far && findings.some(({ audience }) => far.includes(audience))) return 1;
  return outcome === "inconclusive" ? 2 : 0;
}

function audienceOf(text: string | undefined): Audience | undefined {
  const found = audiences.find((each) => each === text);
  if (text === undefined || found) return found;
  throw new UserError("option", `--fail-on ${text}: no such audience`, { found: text, expected: audiences.join(", ") });
}
