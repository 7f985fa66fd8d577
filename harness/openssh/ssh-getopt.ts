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
    const letters = readLetters(word, words[i + 1]);
    found.push(...letters.found);
    if (letters.usesNext) i++;
  }
  return found;
}

/** `-Nf`, `-p22`, `-Np 22`: letters up to the first that takes an argument, which is the rest of the word, or the next one. */
function readLetters(word: string, next: string | undefined): { found: SshWord[]; usesNext: boolean } {
  const found: SshWord[] = [];
  for (let at = 1; at < word.length; at++) {
    const letter = word[at] as string;
    const place = letter === ":" ? -1 : sshOptionString.indexOf(letter);
    if (place < 0) found.push({ kind: "unknown", letter });
    else if (sshOptionString[place + 1] !== ":") found.push({ kind: "flag", letter });
    else {
      const attached = word.slice(at + 1);
      const value = attached || next;
      found.push(value === undefined ? { kind: "no-argument", letter } : { kind: "option", letter, value });
      return { found, usesNext: attached === "" };
    }
  }
  return { found, usesNext: false };
}
