/** What the fabric reports of one probe: facts only, no verdict. Their meaning is told with their schema, in `harness/lab/operations/probes.ts`. */
import type { Answer } from "../lab/operations/index.ts";

export type RawProbe = Answer<"probe">;
export type RawUnixSocketProbe = Answer<"probe_unix_socket">;
/** One connection attempt. */
export type RawAttempt = RawProbe["dials"][number];
/** What was seen besides the probe's own connection. */
export type RawSurroundings = Pick<RawProbe, "dials" | "dialsShared" | "dialNeighbours" | "neighbours" | "traceLost">;
export type Sighting = RawAttempt["sightings"][number];
export type TracedDecision = RawAttempt["decisions"][number];
export type DroppedLookup = RawProbe["neighbours"][number];
/** A rule or policy that the kernel evaluated. */
export type EvaluatedRule = Omit<DroppedLookup, "asked" | "message">;
