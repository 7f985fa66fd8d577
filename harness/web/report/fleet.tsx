/** Several servers: a list, and each one's own result behind its name. */
import type { Fleet } from "../../core/fleet.ts";
import { outcomeOf, worstFirst } from "../../report/fleet-words.ts";
import { inLanguage } from "../../report/in-language.ts";
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
          />
        ))}
      </Servers>
    </Frame>
  );
}
