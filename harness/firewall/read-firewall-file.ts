/** One file of the user's firewall, as bytes for the lab and as text for us. */
import { type Place, UserError } from "../core/errors.ts";
import { readFileOr } from "../files/user-file.ts";

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
const reasons: Record<string, string> = {
  ENOENT: "no such file",
  EACCES: "permission denied",
  ENOTDIR: "a part of its path is not a folder",
  EISDIR: "a folder",
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
  const fail = (found: string, todo: string, cause?: unknown) =>
    new UserError("firewall-file", `The firewall file ${display} cannot be read`, {
      place,
      found,
      expected: "an nft ruleset or the output of iptables-save",
      todo,
      cause,
    });
  const bytes = readFileOr(path, (why) => {
    const { code = "", message } = why;
    throw fail(reasons[code] ?? message, todos[code] ?? (code === "" ? "name a text file" : otherwise), why);
  });
  if (bytes.includes(0)) throw fail("binary data", "name the text file that `nft -f` or `iptables-restore` reads on the server");
  try {
    const text = utf8.decode(bytes);
    return { content: text, text };
  } catch {
    return { content: bytes, text: bytes.toString("latin1") };
  }
}
