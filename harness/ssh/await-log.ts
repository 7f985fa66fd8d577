/** Waits for what another stream of the lab is about to say. */

/** Something that says line by line. */
export interface LineSource {
  /** Calls back after each further line; returns what ends that. */
  onLine(listener: () => void): () => void;
}

/**
 * sshd's log comes over another stream than ssh's, and some of it by way of its monitor: milliseconds that a line of one may come after the other's.
 * While lines come, more may be under way.
 */
const lagMs = 300;
const mostMs = 3_000;

/** Resolves as soon as a further line of a source makes `done` true; at the latest when every line that was under way has come. */
export async function awaitLog(sources: readonly LineSource[], done: () => boolean): Promise<void> {
  if (done()) return;
  const heard = Promise.withResolvers<void>();
  const began = performance.now();
  const timer = setTimeout(heard.resolve, lagMs);
  const ends = sources.map((source) =>
    source.onLine(() => {
      if (done()) heard.resolve();
      else if (performance.now() - began < mostMs) timer.refresh();
    }),
  );
  try {
    await heard.promise;
  } finally {
    clearTimeout(timer);
    for (const end of ends) end();
  }
}
