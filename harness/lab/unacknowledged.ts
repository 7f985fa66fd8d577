/** What a host has sent over TCP and the other side has not yet acknowledged. */
import type { Lab } from "./lab.ts";
import { outputOfTool } from "./tool.ts";

/** Bytes over all established connections of a local port. A line that is cut while there are any leaves the kernel sending them again. */
export async function unacknowledgedBytes({ fabric }: Lab, host: string, port: number): Promise<number> {
  const argv = ["ss", "-Htn", "state", "established", `sport = :${port}`];
  const stdout = await outputOfTool(fabric, host, argv);
  const sendQueues = [...stdout.matchAll(/^\s*\d+\s+(\d+)/gm)];
  return sendQueues.reduce((sum, [, bytes]) => sum + Number(bytes), 0);
}
