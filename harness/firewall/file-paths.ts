/** Where the files of a firewall lie: for a person, and in the lab. */
import { relative } from "node:path";
import { type Place, UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";

/** Where the main file lies in the lab, and nft's working directory there. */
export const labFolder = "/etc";

/** Relative to the policy file, with `/` and without `./`. */
export function displayPath(path: string, base: string): string {
  return toPosix(relative(base, path));
}

export function toPosix(path: string): string {
  return path.replaceAll("\\", "/");
}

/** The error for a file that the policy may not name. */
export function outsideError(code: "firewall-file" | "firewall-include", display: string, place: Place = { file: display }): UserError {
  return new UserError(code, `${display} leads out of the policy's folder`, {
    fault: faultOf("firewall-include-outside", { path: display }),
    place,
    todo: "copy the file there; `--allow-outside` for a policy that you trust",
  });
}
