/** Several servers: a list, and each one's own result behind its name. */
import { useCallback } from "preact/hooks";
import type { Fleet, FleetServer } from "../../core/fleet.ts";
import { errorText } from "../../report/fleet-errors.ts";
import { outcomeOf, worstFirst } from "../../report/fleet-words.ts";
import { Block, Code, Section } from "../parts/bits.tsx";
import { Frame } from "../parts/frame.tsx";
import { inLanguage } from "../parts/in-language.ts";
import { usePage, useWords } from "../parts/page.tsx";
import { VerifyPage } from "./verify.tsx";

export function FleetPage({ fleet }: { fleet: Fleet }) {
  const { state, set } = usePage();
  const words = useWords();
  const back = useCallback(() => set({ server: "", cell: "" }, true), [set]);
  const chosen = fleet.servers.find(({ name, result }) => name === state.server && result !== null);
  if (chosen?.result) {
    const button = (
      <button type="button" class="back-to-servers" onClick={back}>
        ← {words.allServers(fleet.servers.length)}
      </button>
    );
    return <VerifyPage key={chosen.name} result={chosen.result} above={button} />;
  }
  const sorted = worstFirst(fleet);
  return (
    <Frame
      kind="fleet"
      mark={fleet.outcome}
      verdict={words.outcome[fleet.outcome]}
      sentence={words.fleetSentence(fleet)}
      subject={words.fleetCounts(fleet)}
      foot={words.fleetRun(fleet)}
    >
      <Section id="servers" title={words.servers}>
        <ul class="servers">
          {sorted.map((server) => (
            <Server key={server.name} server={server} />
          ))}
        </ul>
      </Section>
    </Frame>
  );
}

function Server({ server }: { server: FleetServer }) {
  const { language, words, set } = usePage();
  const { name, result, error } = server;
  const outcome = outcomeOf(server);
  return (
    <li class={`server o-${outcome}`}>
      <span class="verdict-word">{words.outcome[outcome]}</span>
      <span class="server-name">
        {result ? (
          <button type="button" class="server-link" onClick={() => set({ server: name }, true)}>
            <Code>{name}</Code>
          </button>
        ) : (
          <Code>{name}</Code>
        )}
        <span class="server-sentence">{result ? words.outcomeSentence(inLanguage(result, language)) : words.noServerResult}</span>
        {error && <Block text={errorText(error, language)} label={name} />}
      </span>
    </li>
  );
}
