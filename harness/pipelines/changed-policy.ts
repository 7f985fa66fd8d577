/** A policy's own files, and the policy with some of them changed: loaded from a copy, the user's own stay as they are. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { UserError } from "../core/errors.ts";
import { mainServer } from "../core/lab-spec.ts";
import { temporaryFolder } from "../files/temporary-folder.ts";
import type { RemedyInputs } from "../judgement/remedies/candidate.ts";
import { type LoadedPolicy, loadPolicy } from "../policy/load-policy.ts";
import type { Policy } from "../policy/policy.ts";
import { parseYaml } from "../policy/yaml-source.ts";
import { blamesNoFile } from "../session/failure.ts";

/** What a remedy for a forward of this server may change. */
export function remedyInputs({ policy, inputs, servers, standIns }: LoadedPolicy, server: string = mainServer): RemedyInputs {
  const { files } = inputs;
  const { sshdConfig } = servers[server] ?? inputs;
  return {
    policy,
    policyFile: files[0]?.display ?? "policy.yaml",
    sshdConfig: sshdConfig.displayOf["/etc/ssh/sshd_config"] ?? sshdConfig.display,
    ...(standIns ? { standIns } : {}),
    files: Object.fromEntries(files.map(({ display, content }) => [display, content.toString("utf8")])),
  };
}

/** Undefined where sshd, nft or the policy's own checks refuse what a change makes of a file; throws everything else. */
export function undefinedIfRefused(error: unknown): undefined {
  if (!(error instanceof UserError) || blamesNoFile(error)) throw error;
}

/** What the policy gives as copies of other files and folders of its hosts. */
function copiesOf(text: string): string[] {
  const { server, servers = {}, home } = parseYaml(text, "").source.value as Policy;
  const given = [server, ...Object.values(servers), ...(home ? [home] : [])].flatMap(({ files = {} }) => Object.values(files));
  return given.filter((path) => path !== "none" && !isAbsolute(path));
}

function undefinedIfThere(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "EEXIST") throw error;
}

/**
 * @param files text of every file that the policy reads, by its path relative to the policy's folder
 * @param policyFile which of them is the policy
 * @throws as `loadPolicy` does
 */
export async function loadChangedPolicy(files: Readonly<Record<string, string>>, policyFile: string): Promise<LoadedPolicy> {
  await using root = await temporaryFolder("remedy");
  const copies = copiesOf(files[policyFile] ?? "");
  // Files beside the policy's folder (`../common.nft`) are beside the copy of the folder.
  const depth = Math.max(...[...Object.keys(files), ...copies].map((file) => file.split("/").filter((part) => part === "..").length));
  const folder = join(root.path, ...Array<string>(depth).fill("policy"));
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
  // Of some copies nothing was read.
  for (const copy of copies) await mkdir(join(folder, copy), { recursive: true }).catch(undefinedIfThere);
  return await loadPolicy(join(folder, policyFile), { allow: [root.path] });
}
