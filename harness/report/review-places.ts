/** Where a review's findings are shown in the user's files. */
import { posix } from "node:path";
import type { ToldWarning } from "../core/result.ts";
import type { Review, ReviewFinding } from "../core/review.ts";
import { besidePolicy, type FilePlace, tidy } from "./places.ts";

/** What was reviewed, and the files that it was made of. */
export interface Reviewed {
  /** As the user named it. */
  subject: string;
  /** As the review names them. */
  files: readonly string[];
}

export function reviewedOf({ subject, provenance }: Pick<Review, "subject" | "provenance">): Reviewed {
  return { subject, files: provenance.configs.map(({ file }) => file) };
}

/** Where what decided stands, nearest to the cause first; where nothing has a place, the server's config. */
export function placesOf(reviewed: Reviewed, { decidedBy }: Pick<ReviewFinding, "decidedBy">): [FilePlace, ...FilePlace[]] {
  const places = decidedBy.flatMap(({ file, line }) => (file === undefined ? [] : [{ file: fromStart(reviewed, file), line: line ?? 1 }]));
  const [first = subjectPlace(reviewed), ...others] = places;
  return [first, ...others];
}

/** The reviewed config, or the policy that is without one. */
export function subjectPlace(reviewed: Reviewed): FilePlace {
  const config = reviewed.files.find((file) => /(^|\/)sshd_config[^/]*$/.test(file));
  return { file: config === undefined ? tidy(reviewed.subject) : fromStart(reviewed, config), line: 1 };
}

/** Of a warning: it names a policy as the user did, and other files as the review does. */
export function placeOfWarning(reviewed: Reviewed, { file, line = 1 }: Pick<ToldWarning, "file" | "line">): FilePlace {
  if (file === undefined) return subjectPlace(reviewed);
  return { file: tidy(file) === tidy(reviewed.subject) ? tidy(file) : fromStart(reviewed, file), line };
}

/**
 * Files of a policy are named from its folder, those of a review without one from where it was started. The review does not say which it was: a
 * config that was named is among the files by that name.
 */
function fromStart({ subject, files }: Reviewed, file: string): string {
  if (/\.(ya?ml|json)$/.test(subject)) return besidePolicy(subject, file);
  const name = posix.basename(tidy(subject));
  const named = files.some((each) => each.split("/").includes(name));
  return named ? tidy(file) : tidy(posix.join(subject.replaceAll("\\", "/"), file));
}
