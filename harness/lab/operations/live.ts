/** A lab in which a person works: `containers/agent/live.py`, `strangers.py`. */
import { z } from "zod";
import { address, nothing, operation, place, port } from "./operation.ts";
import { attempt } from "./probes.ts";

const hosts = z.array(place).readonly();

export const liveOperations = {
  /** From now on events tell what happens: `attempts`, and `listeners` of these hosts. */
  watch: operation({ hosts }, nothing),
  unwatch: operation({}, nothing),
  /** Ends all that runs in these hosts beside what was there when the first watch began and what the agent has started. Answers how many processes. */
  end_strangers: operation({ hosts }, z.int()),
  /** Ends a terminal: all processes of a session, by the number of its first one. */
  end_session: operation({ session: z.int().min(1) }, nothing),
};

/** A connection attempt that no probe of the lab's own made. It comes again, with the same number, when its outcome has changed. */
const seenAttempt = z.object({
  number: z.int(),
  /** It began while a probe was under way: it may be what the probe's connection caused. */
  duringProbe: z.boolean(),
  ...attempt,
});

/** `own`: the agent itself listens, for a service of the lab. */
const seenListener = z.object({ host: place, address, port, process: z.string(), own: z.boolean() });

export const attemptsEvent = z.object({ attempts: z.array(seenAttempt) });
export const listenersEvent = z.object({ listeners: z.array(seenListener) });

export type SeenAttempt = z.output<typeof seenAttempt>;
export type SeenListener = z.output<typeof seenListener>;
