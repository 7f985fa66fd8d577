/** Where a review's findings are shown in the user's files. */
import { posix } from "node:path";
import type { Review, ReviewFinding } from "../core/review.ts";
import { besidePolicy, type FilePlace, tidy } from "./places.ts";

/** Where what decided stands, nearest to the cause first; where nothing has a place, the server's config. */
export function placesOf(review: Review, { decidedBy }: Pick<ReviewFinding, "decidedBy">): [FilePlace, ...FilePlace[]] {
  const places = decidedBy.flatMap(({ file, line }) => (file === undefined ? [] : [{ file: fromStart(review, file), line: line ?? 1 }]));
  const [first = subjectPlace(review), ...others] = places;
  return [first, ...others];
}

/** The reviewed config, or the policy that is without one. */
export function subjectPlace(review: Review): FilePlace {
  const config = review.provenance.configs.find(({ file }) => /(^|\/)sshd_config[^/]*$/.test(file));
  return { file: config ? fromStart(review, config.file) : tidy(review.subject), line: 1 };
}

/**
 * Files of a policy are named from its folder, those of a review without one from where it was started. The review does not say which it was: a
 * config that was named is among the files by that name.
 */
function fromStart({ subject, provenance }: Review, file: string): string {
  if (/\.(ya?ml|json)$/.test(subject)) return besidePolicy(subject, file);
  const name = posix.basename(tidy(subject));
  const named = provenance.configs.some((config) => config.file.split("/").includes(name));
  return named ? tidy(file) : tidy(posix.join(subject.replaceAll("\\", "/"), file));
}
