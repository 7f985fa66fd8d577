/** Something the lab added or set that the user's files do not say. Listed in every result. */
export interface Adaptation {
  /** Host, or "every host". */
  at: string;
  what: string;
  why: string;
}
