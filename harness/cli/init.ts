/** `forwardlab init`. */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { AllowedFolders } from "../files/allowed-folders.ts";
import { folderOf, initPolicy } from "../pipelines/init.ts";
import { verifyPolicy } from "../pipelines/verify.ts";
import { sentenceFor } from "../report/sentences.ts";
import { warningsIn, warningText } from "../report/warnings.ts";
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

export async function initCommand(path: string, flags: InitFlags, { language, words, onEvent, signal }: Context): Promise<number> {
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
  const { text, warnings, leftOut } = await initPolicy(path, { ...options, onEvent, signal });
  const tell = (line: string) => process.stderr.write(`forwardlab: ${clean(line)}\n`);
  for (const each of warnings) tell(words.warning(warningText(each, language)));
  for (const { forward, because } of leftOut) tell(words.warning(words.init.leftOut({ forward, because: sentenceFor(because, language) })));
  if (out === "-") {
    process.stdout.write(text);
    return leftOut.length > 0 ? exitCodes.noVerdict : exitCodes.held;
  }
  await writeWhole(out, text).catch((error) => cannotWrite({ is: "policy" }, out, error));
  // It names files that the command line names.
  const result = await verifyPolicy(out, { remedies: false, allowOutside: true, onEvent, signal });
  // Such as an address that the firewall lets in, for which the new policy has no vantage point.
  for (const each of warningsIn(result, language)) tell(words.warning(each));
  const { outcome, counts, provenance } = result;
  const allowed = new AllowedFolders([folderOf(out), process.cwd()]);
  const outside = provenance.configs.some(({ file }) => !allowed.hold(resolve(folderOf(out), file)));
  process.stdout.write(`${words.init.done({ file: out, held: counts.held, outcome, outside })}\n`);
  return outcome === "pass" && leftOut.length === 0 ? exitCodes.held : exitCodes.noVerdict;
}
