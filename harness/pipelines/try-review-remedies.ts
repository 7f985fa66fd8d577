/** Tries changes of the user's files in a review's lab: only what takes a finding away and opens nothing is told, as a patch. */
import type { Unworded } from "../core/result.ts";
import type { Review, ReviewFinding } from "../core/review.ts";
import { applyCandidate } from "../judgement/remedies/apply.ts";
import type { Candidate } from "../judgement/remedies/candidate.ts";
import { asPatch } from "../judgement/remedies/patch.ts";
import { allExposures, type JudgedReview } from "../judgement/review/judge-review.ts";
import { isGone, reviewCandidates } from "../judgement/review/remedies.ts";
import type { ChangedReview } from "./review-changes.ts";

/** Changes tried in all, and milliseconds after which no further one is begun. */
const limits = { trials: 30, ms: 180_000 };

interface Tried {
  candidate: Candidate;
  patch: string;
  /** Ids of other findings that go, or get smaller. */
  also: string[];
}

/** @param judged what was seen with the user's own files */
export async function tryReviewRemedies(
  judged: JudgedReview,
  changes: ChangedReview,
): Promise<{ review: Unworded<Review>; remedies: ReadonlyMap<string, Candidate> }> {
  const end = Date.now() + limits.ms;
  const before = allExposures(judged);
  const found = new Map<string, Tried>();
  for (const finding of judged.review.findings) {
    for (const candidate of reviewCandidates(finding, changes.inputs)) {
      if (changes.tried >= limits.trials || Date.now() > end) break;
      const after = await changes.measure(candidate.edits);
      const also = after && collateral(finding, judged, before, after.judged);
      if (!also) continue;
      const best = found.get(finding.id);
      const files = changes.inputs.files;
      if (!best || also.length < best.also.length)
        found.set(finding.id, { candidate, patch: asPatch(files, applyCandidate(files, candidate)), also });
      if (also.length === 0) break;
    }
  }
  const findings = judged.review.findings.map((finding) => withRemedy(finding, found.get(finding.id)));
  return { review: { ...judged.review, findings }, remedies: new Map([...found].map(([id, { candidate }]) => [id, candidate])) };
}

/** Other findings that change with it; undefined where the change does not take the finding away, or opens something. */
function collateral(
  finding: Unworded<ReviewFinding>,
  judged: JudgedReview,
  before: ReadonlySet<string>,
  after: JudgedReview,
): string[] | undefined {
  const now = allExposures(after);
  const opens = [...now].some((each) => !before.has(each));
  if (opens || !isGone(finding, judged, after)) return undefined;
  const { review, exposures } = judged;
  return review.findings.flatMap(({ id }) => (id !== finding.id && exposures.get(id)?.some((each) => !now.has(each)) ? [id] : []));
}

function withRemedy(finding: Unworded<ReviewFinding>, found: Tried | undefined): Unworded<ReviewFinding> {
  if (!found) return finding;
  const { code, params } = found.candidate;
  return { ...finding, remedy: { summary: { code, params }, patch: found.patch, tried: true, also: found.also } };
}
