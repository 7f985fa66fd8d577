/** The fabric's own tools (ip, tc, nft, ss, conntrack) and kernel settings, in any host or router of a lab. */
import type { Fabric } from "./fabric.ts";
import { FabricError } from "./fabric-error.ts";
import type { RunResult } from "./host.ts";

/** A non-zero exit status is a result. */
export async function runTool(fabric: Fabric, namespace: string, argv: readonly string[]): Promise<RunResult> {
  return { signal: null, ...(await fabric.request("tool", { namespace, argv })) };
}

/** What it prints. Rejects with `FabricError` when it fails. */
export async function outputOfTool(fabric: Fabric, namespace: string, argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runTool(fabric, namespace, argv);
  if (code !== 0) throw new FabricError(`${argv.join(" ")} failed in ${namespace}: ${stderr.trim()}`, "tool");
  return stdout;
}

/** Keys as sysctl(8) writes them. Rejects with `FabricError` for one that the kernel does not have. */
export async function writeSettings(fabric: Fabric, namespace: string, settings: Readonly<Record<string, string | number>>): Promise<void> {
  await fabric.request("build", { namespaces: [], steps: [{ namespace, settings }] });
}
