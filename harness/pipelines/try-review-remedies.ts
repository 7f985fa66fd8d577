/** Tries changes of the user's files in a review's lab: only what takes a finding away and opens nothing is told, as a patch. */
import type { Unworded } from "../core/result.ts";
import type { Review, ReviewFinding } from "../core/review.ts";
import { applyCandidate } from "../judgement/remedies/apply.ts";
import type { Changes } from "../judgement/remedies/attach.ts";
import type { Edit } from "../judgement/remedies/candidate.ts";
import { editsBetween } from "../judgement/remedies/edits-between.ts";
import { asPatch } from "../judgement/remedies/patch.ts";
import { allExposures, type JudgedReview } from "../judgement/review/judge-review.ts";
import { leftOfFinding } from "../judgement/review/remaining.ts";
import { isGone, reviewCandidates } from "../judgement/review/remedies.ts";
import { type Files, fewestChanges } from "./remedy-search.ts";
import type { ChangedReview } from "./review-changes.ts";

type Finding = Unworded<ReviewFinding>;

/** Changes tried in all, and milliseconds after which no further one is begun. */
const limits = { trials: 30, ms: 180_000 };

/** What takes a finding away. */
export interface ReviewRemedy {
  /** One, or several that only together do. */
  changes: Changes;
  /** All of them, for the user's own files. */
  edits: readonly Edit[];
}

interface Tried extends ReviewRemedy {
  /** Ids of other findings that go, or get smaller. */
  also: string[];
}

/** Files, and what a review finds with them. */
interface State {
  files: Files;
  judged: JudgedReview;
}

type Trials = Pick<ChangedReview, "inputs" | "tried" | "measure" | "look">;

/** @param judged what was seen with the user's own files */
export async function tryReviewRemedies(
  judged: JudgedReview,
  changes: Trials,
): Promise<{ review: Unworded<Review>; remedies: ReadonlyMap<string, ReviewRemedy> }> {
  const end = Date.now() + limits.ms;
  const mayTry = () => changes.tried < limits.trials && Date.now() <= end;
  const reviewing = { judged, before: allExposures(judged), changes, mayTry };
  const found = new Map<string, Tried>();
  // Single changes for each of them, before time is spent on several for one.
  for (const search of [tryOne, tryTogether]) {
    for (const finding of judged.review.findings) {
      const better = await search(finding, found.get(finding.id)?.also.length ?? Number.POSITIVE_INFINITY, reviewing);
      if (better) found.set(finding.id, better);
    }
  }
  const { files } = changes.inputs;
  const findings = judged.review.findings.map((finding) => withRemedy(finding, files, found.get(finding.id)));
  return { review: { ...judged.review, findings }, remedies: found };
}

interface Reviewing {
  judged: JudgedReview;
  before: ReadonlySet<string>;
  changes: Trials;
  mayTry(): boolean;
}

/** The change that takes the finding away and fewest others with it, fewer than `most`. */
async function tryOne(finding: Finding, most: number, { judged, before, changes, mayTry }: Reviewing): Promise<Tried | undefined> {
  let best: Tried | undefined;
  for (const candidate of reviewCandidates(finding, changes.inputs)) {
    if (best?.also.length === 0 || !mayTry()) break;
    const after = await changes.measure(candidate.edits);
    const also = after && collateral(finding, judged, before, after.judged);
    if (also && also.length < (best?.also.length ?? most)) best = { changes: [candidate], edits: candidate.edits, also };
  }
  return best;
}

/** The same of the fewest changes that only together do. */
async function tryTogether(finding: Finding, most: number, { judged, before, changes, mayTry }: Reviewing): Promise<Tried | undefined> {
  if (most === 0) return undefined;
  const user: State = { files: changes.inputs.files, judged };
  const also = (after: State) => collateral(finding, judged, before, after.judged);
  const { found } = await fewestChanges<State, Finding>(user, finding, {
    several: true,
    candidates: ({ left, state: { files } }) => reviewCandidates(left, { ...changes.inputs, files }),
    mayTry,
    look: async (files) => {
      const after = await changes.look(files);
      return after && { files, judged: after.judged };
    },
    isMended: (after) => (also(after)?.length ?? most) < most,
    leftBy: (after, { state }) => leftOfFinding(finding, judged, state.judged, after.judged),
  });
  if (!found) return undefined;
  return { changes: found.changes, edits: editsBetween(user.files, found.state.files), also: also(found.state) ?? [] };
}

/** Other findings that change with it; undefined where the change does not take the finding away, or opens something. */
function collateral(finding: Finding, judged: JudgedReview, before: ReadonlySet<string>, after: JudgedReview): string[] | undefined {
  const now = allExposures(after);
  const opens = [...now].some((each) => !before.has(each));
  if (opens || !isGone(finding, judged, after)) return undefined;
  const { review, exposures } = judged;
  return review.findings.flatMap(({ id }) => (id !== finding.id && exposures.get(id)?.some((each) => !now.has(each)) ? [id] : []));
}

function withRemedy(finding: Finding, files: Files, found: Tried | undefined): Finding {
  if (!found) return finding;
  const [first, ...others] = found.changes.map(({ code, params }) => ({ code, params }));
  if (!first) return finding;
  const patch = asPatch(files, applyCandidate(files, { ...first, edits: found.edits }));
  const further = others.length > 0 ? { further: others } : {};
  return { ...finding, remedy: { summary: first, ...further, patch, tried: true, also: found.also } };
}
