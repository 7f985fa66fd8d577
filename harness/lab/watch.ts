/** What happens in a lab while a person works in it: connection attempts and listeners, as the agent sees them. */
import type { Fabric } from "./fabric.ts";
import type { Lab } from "./lab.ts";
import { attemptsEvent, listenersEvent, type SeenAttempt, type SeenListener } from "./operations/live.ts";

export interface Watcher {
  attempt(attempt: SeenAttempt): void;
  /** All of them, at the beginning and whenever they have changed. */
  listeners(listeners: readonly SeenListener[]): void;
  /** The lab is gone. */
  gone(): void;
}

/** Until it is disposed. A lab has one watcher. */
export async function watchLab(lab: Lab, watcher: Watcher): Promise<AsyncDisposable> {
  const { fabric } = lab;
  fabric.on("attempts", (event) => {
    if (event.event === "gone") watcher.gone();
    else for (const each of attemptsEvent.parse(event).attempts) watcher.attempt(each);
  });
  fabric.on("listeners", (event) => {
    if (event.event !== "gone") watcher.listeners(listenersEvent.parse(event).listeners);
  });
  await fabric.request("watch", { hosts: Object.keys(lab.spec.hosts) });
  return { [Symbol.asyncDispose]: () => unwatch(fabric) };
}

async function unwatch(fabric: Fabric): Promise<void> {
  // Nothing comes after its answer; a lab that is gone tells nothing anyway.
  await fabric.request("unwatch").catch(() => undefined);
  fabric.off("attempts");
  fabric.off("listeners");
}
