/** The list of a run over several servers, and the way back to it from one server's page. */
import type { ComponentChildren } from "preact";
import type { ServerError } from "../../core/fleet.ts";
import { errorText } from "../../report/fleet-errors.ts";
import { Block, Code, Section } from "./bits.tsx";
import { usePage } from "./page.tsx";

/** @param state what else of the address belongs to the one server */
export function BackToServers({ count, state }: { count: number; state: readonly ("cell" | "change" | "q" | "audience")[] }) {
  const { words, set } = usePage();
  const back = () => set({ server: "", ...Object.fromEntries(state.map((key) => [key, ""])) }, true);
  return (
    <button type="button" class="back-to-servers" onClick={back}>
      ← {words.allServers(count)}
    </button>
  );
}

export function Servers({ children }: { children: ComponentChildren }) {
  const { words } = usePage();
  return (
    <Section id="servers" title={words.servers}>
      <ul class="servers">{children}</ul>
    </Section>
  );
}

interface ServerRow {
  name: string;
  /** Class of the outcome. */
  mark: string;
  verdict: string;
  sentence: string;
  error: ServerError | null | undefined;
  /** It has a page of its own. */
  linked: boolean;
  children?: ComponentChildren;
}

export function Server({ name, mark, verdict, sentence, error, linked, children }: ServerRow) {
  const { language, set } = usePage();
  return (
    <li class={`server o-${mark}`}>
      <span class="verdict-word">{verdict}</span>
      <div class="server-name">
        {linked ? (
          <button type="button" class="server-link" onClick={() => set({ server: name }, true)}>
            <Code>{name}</Code>
          </button>
        ) : (
          <Code>{name}</Code>
        )}
        <span class="server-sentence">{sentence}</span>
        {children}
        {error && <Block text={errorText(error, language)} label={name} />}
      </div>
    </li>
  );
}
