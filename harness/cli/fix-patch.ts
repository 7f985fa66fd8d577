/** `--fix-patch PATH`, which several commands take: the changes of the user's files, as a patch. */
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { cannotWrite, prepare } from "./reports.ts";
import { writeWhole } from "./write-whole.ts";

export interface FixPatch {
  collect(patch: string): void;
  /** Once the command has its result; empty where there is nothing to change. */
  write(): Promise<void>;
}

interface Flags {
  fixPatch?: string;
  remedies?: boolean;
  quiet?: boolean;
}

/** Checks that it can be written, before any work is done. @param path `-`: standard output; undefined: nobody asked for it */
export async function prepareFixPatch({ fixPatch: path, remedies, quiet }: Flags): Promise<FixPatch> {
  if (path !== undefined && remedies === false)
    throw new UserError("option", "--fix-patch and --no-remedies exclude each other", {
      fault: faultOf("option-not-with", { options: ["--fix-patch", "--no-remedies"] }),
      expected: "one of them",
    });
  if (path !== undefined) await prepare({ is: "patch" }, path);
  let text = "";
  return {
    collect: (patch) => {
      text = patch;
    },
    write: async () => {
      if (path === "-") process.stdout.write(text);
      else if (path !== undefined) {
        await writeWhole(path, text).catch((error) => cannotWrite({ is: "patch" }, path, error));
        if (!quiet) process.stderr.write(headOf(text));
      }
    },
  };
}

/** What the patch says before its first file. */
function headOf(patch: string): string {
  return patch
    .split("\n")
    .filter((line, at, all) => line.startsWith("#") && all.slice(0, at).every((each) => each.startsWith("#")))
    .map((line) => `${line.replace(/^# ?/, "")}\n`)
    .join("");
}
