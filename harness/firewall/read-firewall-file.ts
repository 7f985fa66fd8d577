/** One file of the user's firewall, as bytes for the lab and as text for us. */
import { type Place, UserError } from "../core/errors.ts";
import { type FaultParams, faultOf } from "../core/fault.ts";
import { readFileOr, type UnreadableFile } from "../files/user-file.ts";

export interface ReadFile {
  /** As it is uploaded. */
  content: string | Uint8Array;
  /** For reading; one character per byte when the file is not valid UTF-8. */
  text: string;
}

/** A file that a policy names as the firewall, or as a part of it. */
export interface FirewallInput extends ReadFile {
  /** Absolute. */
  path: string;
  display: string;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
type Unreadable = FaultParams<"firewall-unreadable">["found"];

const codes: Record<string, Unreadable> = { ENOENT: "missing", EACCES: "denied", ENOTDIR: "path", EISDIR: "folder" };
const reasons: Record<Exclude<Unreadable, "no-file">, string> = {
  missing: "no such file",
  denied: "permission denied",
  path: "a part of its path is not a folder",
  folder: "a folder",
  binary: "binary data",
};
const todos: Record<string, string> = {
  EISDIR:
    "use one file: save the server's rules with `nft list ruleset`, or with `iptables-save` and `ip6tables-save`; or a copy of /etc/ufw, with its ufw.conf, or of /etc/firewalld, with its zones",
};
const otherwise = "correct the path, which is relative to the policy file, or the file's permissions";

/**
 * @param place where the file is named, for the error
 * @throws UserError when it is missing, unreadable, not a file or not text
 */
export function readFirewallFile(path: string, display: string, place?: Place): ReadFile {
  const fail = (is: Unreadable, todo: string, why?: UnreadableFile) =>
    new UserError("firewall-file", `the firewall file ${display} cannot be read`, {
      place,
      fault: faultOf("firewall-unreadable", { file: display, found: is, ...(is === "no-file" ? why?.found : {}) }),
      found: is === "no-file" ? why?.message : reasons[is],
      expected: "an nft ruleset or the output of iptables-save",
      todo,
      cause: why,
    });
  const bytes = readFileOr(path, (why) => {
    const { code = "" } = why;
    throw fail(codes[code] ?? "no-file", todos[code] ?? (code === "" ? "name a text file" : otherwise), why);
  });
  if (bytes.includes(0)) throw fail("binary", "name the text file that `nft -f` or `iptables-restore` reads on the server");
  try {
    const text = utf8.decode(bytes);
    return { content: text, text };
  } catch {
    return { content: bytes, text: bytes.toString("latin1") };
  }
}
