/** The user's sshd_config: which files it is made of, and on which line each setting stands. sshd itself does the parsing. */

/** One line that sets something. */
export interface ConfigLine {
  /** Lower case. */
  keyword: string;
  /** Arguments, unquoted. */
  args: string[];
  /** Path in the host, e.g. `/etc/ssh/sshd_config.d/50.conf`. */
  hostPath: string;
  /** The user's file as they name it. */
  file: string;
  /** 1-based. */
  line: number;
  /** Arguments of the `Match` lines that this line depends on, outermost first; empty: global. */
  match: string[][];
}

export interface SshdConfig {
  /** What the user named: a file or a folder. */
  readonly display: string;
  /** Setting lines in the order in which sshd reads them; a file included twice appears twice. */
  readonly lines: readonly ConfigLine[];
  /** Host path -> content, to upload. */
  readonly files: Readonly<Record<string, string>>;
  /** Host path -> the user's file. */
  readonly displayOf: Readonly<Record<string, string>>;
  /** For a person: an Include that matches no file, and the like. */
  readonly warnings: readonly string[];
}

/**
 * Reads a config: a file, or a folder laid out like /etc/ssh. `display` is how messages name it (default: `path`).
 * Throws UserError `sshd-config` when it cannot be read.
 */
export async function loadSshdConfig(_path: string, _display: string = _path): Promise<SshdConfig> {
  throw new Error("not there yet");
}
