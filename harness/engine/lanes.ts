/** Work on several suites at the same time. */

/** A third of the time is spent waiting for the mirror and the disk: three suites keep two processors busy. */
const LANES = 3;

/** Runs each lane's work in order. All lanes end before the first error is thrown. */
export async function inLanes<T>(work: readonly T[], task: (one: T) => Promise<void>): Promise<void> {
  const waiting = [...work];
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await task(next);
  };
  const results = await Promise.allSettled(Array.from({ length: LANES }, lane));
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}
