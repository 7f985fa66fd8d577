/** `forwardlab init`. */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { AllowedFolders } from "../files/allowed-folders.ts";
import { folderOf, initPolicy } from "../pipelines/init.ts";
import { verifyPolicy } from "../pipelines/verify.ts";
import { clean } from "../report/words.ts";
import { cannotWrite } from "./reports.ts";
import { type Context, exitCodes } from "./run-command.ts";
import { writeWhole } from "./write-whole.ts";

export interface InitFlags {
  firewall: string[];
  interface?: string;
  address: string[];
  account: string[];
  forward: string[];
  allowOutside?: boolean;
  out: string;
  force?: boolean;
}

export async function initCommand(path: string, flags: InitFlags, { onEvent, signal }: Context): Promise<number> {
  const { firewall, forward, out, force } = flags;
  if (out !== "-" && !force && (await stat(out).catch(() => undefined)))
    throw new UserError("init-exists", `${out} exists`, {
      fault: faultOf("file-exists", { file: out }),
      place: { file: out },
      expected: "a new file",
      todo: "name another one with --out, or overwrite it with --force",
    });
  const { interface: name, address: addresses, account: accounts, allowOutside } = flags;
  const options = { firewall, interface: name, addresses, accounts, forwards: forward, allowOutside, folder: folderOf(out) };
  const text = await initPolicy(path, { ...options, onEvent, signal });
  if (out === "-") {
    process.stdout.write(text);
    return 0;
  }
  await writeWhole(out, text).catch((error) => cannotWrite({ is: "policy" }, out, error));
  // It names files that the command line names.
  const { outcome, counts, warnings, provenance } = await verifyPolicy(out, { remedies: false, allowOutside: true, onEvent, signal });
  // Such as an address that the firewall lets in, for which the new policy has no vantage point.
  for (const each of warnings) process.stderr.write(`forwardlab: warning: ${clean(each)}\n`);
  const allowed = new AllowedFolders([folderOf(out), process.cwd()]);
  const outside = provenance.configs.some(({ file }) => !allowed.hold(resolve(folderOf(out), file)));
  process.stdout.write(
    `${out}: ${counts.held} expectations, ${outcome === "pass" ? "all of them hold" : `but it does not verify: ${outcome}`}${
      outside ? "; the server's files lie outside of its folder: verify it with --allow-outside" : ""
    }\n`,
  );
  return outcome === "pass" ? 0 : exitCodes.noVerdict;
}
