/** `forwardlab init`. */
import { stat } from "node:fs/promises";
import { UserError } from "../core/errors.ts";
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
  forward: string[];
  out: string;
  force?: boolean;
}

export async function initCommand(path: string, flags: InitFlags, { onEvent, signal }: Context): Promise<number> {
  const { firewall, forward, out, force } = flags;
  if (out !== "-" && !force && (await stat(out).catch(() => undefined)))
    throw new UserError("init-exists", `${out} exists`, {
      place: { file: out },
      expected: "a new file",
      todo: "name another one with --out, or overwrite it with --force",
    });
  const server = { ...(flags.interface === undefined ? {} : { interface: flags.interface }), addresses: flags.address };
  const options = { firewall, ...server, ...(forward.length > 0 ? { forwards: forward } : {}), folder: folderOf(out) };
  const text = await initPolicy(path, { ...options, onEvent, signal });
  if (out === "-") {
    process.stdout.write(text);
    return 0;
  }
  await writeWhole(out, text).catch((error) => cannotWrite("policy", out, error));
  const { outcome, counts, warnings } = await verifyPolicy(out, { remedies: false, onEvent, signal });
  // Such as an address that the firewall lets in, for which the new policy has no vantage point.
  for (const each of warnings) process.stderr.write(`forwardlab: warning: ${clean(each)}\n`);
  process.stdout.write(
    `${out}: ${counts.held} expectations, ${outcome === "pass" ? "all of them hold" : `but it does not verify: ${outcome}`}\n`,
  );
  return outcome === "pass" ? 0 : exitCodes.noVerdict;
}
