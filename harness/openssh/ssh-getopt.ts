/** Takes ssh's command line apart as its getopt does. */

/** Options of ssh(1), OpenSSH 10.0, in getopt's notation. Source: `ssh.c`, `main`. */
export const sshOptionString = "1246ACGKMNTVXYafgknqstvxyB:D:E:F:I:J:L:O:P:Q:R:S:W:b:c:e:i:l:m:o:p:w:";

export type SshWord =
  | { kind: "flag"; letter: string }
  | { kind: "option"; letter: string; value: string }
  /** The destination, or the first word of the command: then `rest` is all of it. */
  | { kind: "operand"; text: string; rest: readonly string[] }
  | { kind: "unknown"; letter: string }
  | { kind: "no-argument"; letter: string };

/**
 * Options count before and after the destination; the command begins at the second operand.
 * @param words without the leading `ssh`
 */
export function readSshWords(words: readonly string[]): SshWord[] {
  const found: SshWord[] = [];
  let destination = false;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (!word.startsWith("-") || word === "-" || word === "--") {
      const at = word === "--" ? ++i : i;
      const text = words[at];
      if (text === undefined) break;
      found.push({ kind: "operand", text, rest: destination ? words.slice(at) : [] });
      if (destination) break;
      destination = true;
      continue;
    }
    for (let j = 1; j < word.length; j++) {
      const letter = word[j] as string;
      const at = letter === ":" ? -1 : sshOptionString.indexOf(letter);
      if (at < 0) found.push({ kind: "unknown", letter });
      else if (sshOptionString[at + 1] !== ":") found.push({ kind: "flag", letter });
      else {
        const value = word.slice(j + 1) || words[++i];
        found.push(value === undefined ? { kind: "no-argument", letter } : { kind: "option", letter, value });
        break;
      }
    }
  }
  return found;
}
