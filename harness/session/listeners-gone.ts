/** Listeners that stood, and do not any more: either side has ended the session since. */
import type { Lab } from "../lab/lab.ts";

interface Listening {
  readonly listensOn: string;
  readonly port: number;
  /** Set when it is a Unix socket. */
  readonly path?: string;
}

/** Those whose port, or path, nothing listens on now. */
export async function listenersGone<T extends Listening>(lab: Lab, listened: readonly T[]): Promise<Set<T>> {
  const byHost = Map.groupBy(listened, ({ listensOn }) => listensOn);
  const gone = await Promise.all([...byHost].map(([host, all]) => goneFrom(lab, host, all)));
  return new Set(gone.flat());
}

async function goneFrom<T extends Listening>(lab: Lab, name: string, listened: readonly T[]): Promise<T[]> {
  const host = lab.host(name);
  const onPaths = listened.some(({ path }) => path !== undefined);
  const [ports, paths] = await Promise.all([host.listeners(), onPaths ? host.unixListeners() : []]);
  return listened.filter(({ port, path }) =>
    path === undefined ? !ports.some((each) => each.port === port) : !paths.some((each) => each.path === path),
  );
}
