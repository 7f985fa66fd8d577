/** The server's files, with the lines that decide. */
import type { EditedFile } from "../../core/lesson.ts";
import { useLearnWords } from "./words.ts";

export interface ServerFilesProps {
  files: readonly EditedFile[];
  accounts: readonly string[];
  /** `sshd_config:3`, of the lines that decide. */
  matters?: ReadonlySet<string>;
}

const none: ReadonlySet<string> = new Set();

export function ServerFiles({ files, accounts, matters = none }: ServerFilesProps) {
  const own = useLearnWords();
  return (
    <div class="server-files">
      {files.length === 0 && <p class="hint">{own.noFiles}</p>}
      {files.map((file) => (
        <FileLines key={file.name} file={file} matters={matters} />
      ))}
      {accounts.length > 0 && <p class="hint">{own.accounts(accounts.join(", "))}</p>}
    </div>
  );
}

function FileLines({ file: { name, text }, matters }: { file: EditedFile; matters: ReadonlySet<string> }) {
  const own = useLearnWords();
  return (
    <figure class="server-file">
      <figcaption lang="en">{name}</figcaption>
      {text.trim() === "" ? (
        <p class="hint empty-file">{name === "sshd_config" ? own.defaults : own.emptyFile}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        <ol tabIndex={0} aria-label={own.lines(name)} lang="en" translate={false}>
          {text
            .replace(/\n$/, "")
            .split("\n")
            .map((line, at) => {
              const on = matters.has(`${name}:${at + 1}`);
              return (
                <li key={at} class={on ? "matters" : ""}>
                  <code>{line}</code>
                  {on && <span class="matters-note">← {own.matters}</span>}
                </li>
              );
            })}
        </ol>
      )}
    </figure>
  );
}
