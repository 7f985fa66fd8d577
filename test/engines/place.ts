/** Where everything of a run lies: one folder, in which one run works at a time. */
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { lock } from "../../harness/engine/lock.ts";
import { emptyCgroups, endProcessesIn, engineCgroups } from "./leftovers.ts";

export interface Place extends AsyncDisposable {
  folder: string;
  /** Is `/shared` in each root. */
  shared: string;
}

/** What an earlier run left behind because it was killed is removed first. With `keep`, the roots with the engines' images stay for the next run. */
export async function openPlace(folder: string, keep: boolean, say: (text: string) => void): Promise<Place> {
  const shared = join(folder, "shared");
  const held = await lock(join(folder, "lock"), () => say(`waiting for another run in ${folder}`));
  const before = engineCgroups();
  await endProcessesIn(folder);
  rmSync(shared, { recursive: true, force: true });
  mkdirSync(shared);
  chmodSync(shared, 0o1777);
  return {
    folder,
    shared,
    async [Symbol.asyncDispose]() {
      await endProcessesIn(folder);
      emptyCgroups(before);
      rmSync(keep ? shared : folder, { recursive: true, force: true });
      await held[Symbol.asyncDispose]();
    },
  };
}
