/** Something the lab added or set that the user's files do not say. Listed in every result. */
export interface Adaptation {
  /** Host, or "every host". */
  at: string;
  what: string;
  /** Left out where `what` says it. */
  why?: string;
}

export function formatAdaptation({ at, what, why }: Adaptation): string {
  return `${at}: ${what}${why === undefined ? "" : ` (${why})`}`;
}
