/** A policy whose files were changed: loaded from a copy, the user's own stay as they are. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type LoadedPolicy, loadPolicy } from "./policy/load-policy.ts";

/**
 * @param files text of every file that the policy reads, by its path relative to the policy's folder
 * @param policyFile which of them is the policy
 * @throws as `loadPolicy` does
 */
export async function loadChangedPolicy(files: Readonly<Record<string, string>>, policyFile: string): Promise<LoadedPolicy> {
  const root = await mkdtemp(join(tmpdir(), "forwardlab-remedy-"));
  try {
    // Files beside the policy's folder (`../common.nft`) are beside the copy of the folder.
    const depth = Math.max(...Object.keys(files).map((file) => file.split("/").filter((part) => part === "..").length));
    const folder = join(root, ...Array<string>(depth).fill("policy"));
    for (const [file, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), text);
    }
    return await loadPolicy(join(folder, policyFile));
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
