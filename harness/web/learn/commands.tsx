import { Code } from "../parts/bits.tsx";
import { useLearnWords } from "./words.ts";

/** `home$ ssh -R …`: the prompt says where it is typed. */
export function Commands({ commands }: { commands: readonly string[] }) {
  const own = useLearnWords();
  if (commands.length === 0) return null;
  return (
    <div class="commands">
      <h2>{own.asTyped}</h2>
      <ul>
        {commands.map((text) => {
          const [, prompt = "", typed = text] = /^(\S+?[$#])\s(.*)$/s.exec(text) ?? [];
          return (
            <li key={text}>
              {prompt !== "" && <span class="prompt">{prompt}</span>} <Code>{typed}</Code>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
