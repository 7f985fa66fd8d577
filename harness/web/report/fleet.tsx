/** Several servers: a list, and each one's own result behind its name. */
import { useMemo } from "preact/hooks";
import type { Fleet } from "../../core/fleet.ts";
import type { Result } from "../../core/result.ts";
import { findings } from "../../report/findings.ts";
import { outcomeOf, worstFirst } from "../../report/fleet-words.ts";
import { inLanguage } from "../../report/in-language.ts";
import { Sentence } from "../parts/bits.tsx";
import { Frame } from "../parts/frame.tsx";
import { usePage } from "../parts/page.tsx";
import { BackToServers, Server, Servers } from "../parts/servers.tsx";
import { VerifyPage } from "./verify.tsx";

export function FleetPage({ fleet }: { fleet: Fleet }) {
  const { language, words, state } = usePage();
  const chosen = fleet.servers.find(({ name, result }) => name === state.server && result !== null);
  if (chosen?.result) {
    const button = <BackToServers count={fleet.servers.length} state={["cell"]} />;
    return <VerifyPage key={chosen.name} result={chosen.result} above={button} />;
  }
  return (
    <Frame
      kind="fleet"
      mark={fleet.outcome}
      verdict={words.outcome[fleet.outcome]}
      sentence={words.fleetSentence(fleet)}
      subject={words.fleetCounts(fleet)}
      foot={words.fleetRun(fleet)}
    >
      <Servers>
        {worstFirst(fleet).map((server) => (
          <Server
            key={server.name}
            name={server.name}
            mark={outcomeOf(server)}
            verdict={words.outcome[outcomeOf(server)]}
            sentence={server.result ? words.outcomeSentence(inLanguage(server.result, language)) : words.noServerResult}
            error={server.error}
            linked={server.result !== null}
          >
            {server.result && <Titles result={server.result} />}
          </Server>
        ))}
      </Servers>
    </Frame>
  );
}

/** Titles before the rest is only counted. */
const mostTitles = 3;

/** What its own page tells first. */
function Titles({ result }: { result: Result }) {
  const { words, language } = usePage();
  const titles = useMemo(() => [...new Set(findings(result, language).map(({ title }) => title))], [result, language]);
  if (titles.length === 0) return null;
  const shown = titles.length > mostTitles ? titles.slice(0, mostTitles - 1) : titles;
  return (
    <ul class="server-findings">
      {shown.map((title) => (
        <li key={title}>
          <Sentence text={title} />
        </li>
      ))}
      {shown.length < titles.length && <li>{words.more(titles.length - shown.length)}</li>}
    </ul>
  );
}
