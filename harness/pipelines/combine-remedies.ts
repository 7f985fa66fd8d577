/** Remedies of a review's findings, one on top of the other: each is kept only if it still helps, and opens nothing together with those before it. */
import { posix, relative, resolve, sep } from "node:path";
import { type Audience, audiences } from "../core/audience.ts";
import type { Cause } from "../core/reason.ts";
import { applyCandidate } from "../judgement/remedies/apply.ts";
import type { Changes } from "../judgement/remedies/attach.ts";
import type { Edit } from "../judgement/remedies/candidate.ts";
import { asPatch } from "../judgement/remedies/patch.ts";
import type { JudgedReview } from "../judgement/review/judge-review.ts";
import { isGone } from "../judgement/review/remedies.ts";
import { difference } from "../judgement/review/sensitivity.ts";
import type { ChangedReview } from "./review-changes.ts";
import type { ReviewRemedy } from "./try-review-remedies.ts";

/** Milliseconds after which no further one is tried. */
const longest = 180_000;

type Measuring = Pick<ChangedReview, "measure">;
type Finding = JudgedReview["review"]["findings"][number];

export interface CombinedRemedies {
  edits: Edit[];
  /** In rank order. `by`: what takes it away; undefined: those before it do. */
  fixed: { finding: Finding; by?: Changes }[];
  skipped: { finding: Finding; cause: Cause }[];
}

/**
 * @param remedies by finding, each tried alone
 * @param audience of these findings alone, or of a wider one; left out: of all
 */
export async function combineRemedies(
  judged: JudgedReview,
  remedies: ReadonlyMap<string, ReviewRemedy>,
  changes: Measuring,
  audience?: Audience,
): Promise<CombinedRemedies> {
  const end = Date.now() + longest;
  const combined: CombinedRemedies = { edits: [], fixed: [], skipped: [] };
  let last = judged;
  const wanted = audiences.slice(0, audience === undefined ? audiences.length : audiences.indexOf(audience) + 1);
  for (const finding of judged.review.findings.filter((each) => wanted.includes(each.audience))) {
    if (last !== judged && isGone(finding, judged, last)) {
      combined.fixed.push({ finding });
      continue;
    }
    const remedy = remedies.get(finding.id);
    const after = remedy ? await onTop(remedy, finding, combined, judged, changes, end) : "patch-no-fix";
    if (typeof after === "string") {
      combined.skipped.push({ finding, cause: { code: after, params: {} } });
      continue;
    }
    combined.edits.push(...newEdits(combined.edits, remedy?.edits ?? []));
    combined.fixed.push({ finding, ...(remedy ? { by: remedy.changes } : {}) });
    last = after;
  }
  return combined;
}

/** What the server gives with it, too; or why it is left out. */
async function onTop(
  { edits }: Pick<ReviewRemedy, "edits">,
  finding: Finding,
  { edits: before, fixed }: CombinedRemedies,
  judged: JudgedReview,
  changes: Measuring,
  end: number,
): Promise<JudgedReview | string> {
  const added = newEdits(before, edits);
  if (added.some((edit) => before.some((other) => conflict(edit, other)))) return "patch-conflict";
  if (Date.now() > end) return "patch-not-tried";
  const after = (await changes.measure([...before, ...added]))?.judged;
  if (!after) return "patch-refused";
  if (difference(judged, after).opens.size > 0) return "patch-opens";
  return [finding, ...fixed.map((each) => each.finding)].every((each) => isGone(each, judged, after)) ? after : "patch-no-help";
}

function newEdits(before: readonly Edit[], edits: readonly Edit[]): Edit[] {
  const known = new Set(before.map((each) => JSON.stringify(each)));
  return edits.filter((each) => !known.has(JSON.stringify(each)));
}

function conflict(one: Edit, other: Edit): boolean {
  return one.file === other.file && one.line === other.line && (one.action === "replace" || other.action === "replace");
}

export interface CombinedPatch {
  /** Absolute path of the folder in which `patch -p1` takes it. */
  folder: string;
  diff: string;
}

/** @param folder absolute; the names of the files are relative to it */
export function combinedPatch(folder: string, files: Readonly<Record<string, string>>, edits: readonly Edit[]): CombinedPatch {
  return changesOf(folder, files, applyCandidate(files, { code: "", params: {}, edits }));
}

/** The same from one state of the files to another. */
export function changesOf(folder: string, files: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): CombinedPatch {
  const changed = Object.entries(after).filter(([file, text]) => files[file] !== text);
  const paths = changed.map(([file]) => resolve(folder, file));
  const root = paths.every((path) => isWithin(folder, path)) ? folder : commonFolder(paths);
  const named = (texts: readonly (readonly [string, string])[]) =>
    Object.fromEntries(texts.map(([file, text]) => [relative(root, resolve(folder, file)).split(sep).join(posix.sep), text]));
  return { folder: root, diff: asPatch(named(changed.map(([file]) => [file, files[file] ?? ""])), named(changed)) };
}

/** As somebody types it who is in the working folder. */
export function shownFolder(folder: string): string {
  const path = relative(process.cwd(), folder);
  return path.startsWith("..") ? folder : path || ".";
}

function isWithin(folder: string, path: string): boolean {
  return !relative(folder, path).startsWith("..");
}

function commonFolder(paths: readonly string[]): string {
  const [first = [], ...others] = paths.map((path) => path.split(sep).slice(0, -1));
  const length = first.findIndex((part, at) => others.some((other) => other[at] !== part));
  return (length < 0 ? first : first.slice(0, length)).join(sep) || sep;
}
