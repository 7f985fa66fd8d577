/** Which of several servers a review is of, as every format says it. */
import type { Review } from "../core/review.ts";

/** What was reviewed. */
export function subjectText({ subject, server }: Pick<Review, "subject" | "server">): string {
  return server === undefined ? subject : `${subject} (${server})`;
}

/** What is said of one server among several begins with its name. */
export function ofServer(server: string | undefined, text: string): string {
  return server === undefined ? text : `${server}: ${text}`;
}
