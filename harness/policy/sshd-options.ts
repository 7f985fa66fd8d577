/** `server.sshd_options`: what a unit file or an image passes to sshd, as settings. */

/** `Keyword=value` for each setting, in order; undefined: the words are none that set something. */
export function readSshdOptions(words: readonly string[]): { settings: string[] } | { fault: number; found: string } {
  const settings: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const first = at;
    let word = (words[at] as string).trim();
    if (word === "-o" || word === "-p") word += ` ${words[++at]?.trim() ?? ""}`;
    const port = /^-p\s*(\d{1,5})$/.exec(word)?.[1];
    const parts = /^(?:-o\s*)?([A-Za-z][A-Za-z0-9]*)(?:\s*=\s*|\s+)(\S.*)$/s.exec(word);
    if (port !== undefined) settings.push(`Port=${port}`);
    else if (parts) settings.push(`${parts[1]}=${parts[2]}`);
    else return { fault: first, found: word };
  }
  return { settings };
}
