/** Several servers compared: a list, and each one's own comparison behind its name. */
import { useCallback } from "preact/hooks";
import type { DiffFleet, DiffFleetServer } from "../../core/diff-fleet.ts";
import { serverOutcome } from "../../core/server-outcome.ts";
import { changedFirst, fleetHeadline, fleetSides, serverLine } from "../../report/diff-fleet-lines.ts";
import { diffWords } from "../../report/diff-words.ts";
import { errorText } from "../../report/fleet-errors.ts";
import { Block, Code, Section } from "../parts/bits.tsx";
import { Frame } from "../parts/frame.tsx";
import { usePage } from "../parts/page.tsx";
import { DiffPage, outcomeMarks } from "./diff.tsx";

export function DiffFleetPage({ fleet }: { fleet: DiffFleet }) {
  const { language, words, state, set } = usePage();
  const back = useCallback(() => set({ server: "", change: "", q: "" }, true), [set]);
  const chosen = fleet.servers.find(({ name, diff }) => name === state.server && diff !== null);
  if (chosen?.diff) {
    const button = (
      <button type="button" class="back-to-servers" onClick={back}>
        ← {words.allServers(fleet.servers.length)}
      </button>
    );
    return <DiffPage key={chosen.name} diff={chosen.diff} above={button} />;
  }
  const { verdict, summary } = fleetHeadline(fleet, diffWords[language]);
  return (
    <Frame
      kind="diff"
      mark={outcomeMarks[fleet.outcome]}
      verdict={verdict}
      sentence={summary}
      subject={fleetSides(fleet)}
      foot={`${fleet.tool.name} ${fleet.tool.version}`}
    >
      <Section id="servers" title={words.servers}>
        <ul class="servers">
          {changedFirst(fleet).map((server) => (
            <Server key={server.name} server={server} />
          ))}
        </ul>
      </Section>
    </Frame>
  );
}

function Server({ server }: { server: DiffFleetServer }) {
  const { language, set } = usePage();
  const { name, diff, error } = server;
  const told = diffWords[language];
  const outcome = serverOutcome(server);
  return (
    <li class={`server o-${outcomeMarks[outcome]}`}>
      <span class="verdict-word">{told.outcomes[outcome]}</span>
      <span class="server-name">
        {diff ? (
          <button type="button" class="server-link" onClick={() => set({ server: name }, true)}>
            <Code>{name}</Code>
          </button>
        ) : (
          <Code>{name}</Code>
        )}
        <span class="server-sentence">{serverLine(server, told)}</span>
        {error && <Block text={errorText(error, language)} label={name} />}
      </span>
    </li>
  );
}
