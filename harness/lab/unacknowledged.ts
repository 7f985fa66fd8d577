/** What a host has sent over TCP and the other side has not yet acknowledged. */
import { FabricError } from "./fabric.ts";
import type { Lab } from "./lab.ts";

/** Bytes over all established connections of a local port. A line that is cut while there are any leaves the kernel sending them again. */
export async function unacknowledgedBytes({ fabric }: Lab, host: string, port: number): Promise<number> {
  const argv = ["ss", "-Htn", "state", "established", `sport = :${port}`];
  const { code, stdout, stderr } = await fabric.request<{ code: number; stdout: string; stderr: string }>("tool", {
    namespace: host,
    argv,
  });
  if (code !== 0) throw new FabricError(`${argv.join(" ")} failed in ${host}: ${stderr.trim()}`, "tool");
  const sendQueues = [...stdout.matchAll(/^\s*\d+\s+(\d+)/gm)];
  return sendQueues.reduce((sum, [, bytes]) => sum + Number(bytes), 0);
}
