/** Several servers compared: a list, and each one's own comparison behind its name. */
import type { DiffFleet } from "../../core/diff-fleet.ts";
import { serverOutcome } from "../../core/server-outcome.ts";
import { changedFirst, fleetHeadline, fleetSides, serverLine } from "../../report/diff-fleet-lines.ts";
import { diffWords } from "../../report/diff-words.ts";
import { Frame } from "../parts/frame.tsx";
import { usePage } from "../parts/page.tsx";
import { BackToServers, Server, Servers } from "../parts/servers.tsx";
import { DiffPage, outcomeMarks } from "./diff.tsx";

export function DiffFleetPage({ fleet }: { fleet: DiffFleet }) {
  const { language, state } = usePage();
  const chosen = fleet.servers.find(({ name, diff }) => name === state.server && diff !== null);
  if (chosen?.diff) {
    const button = <BackToServers count={fleet.servers.length} state={["change", "q"]} />;
    return <DiffPage key={chosen.name} diff={chosen.diff} above={button} />;
  }
  const told = diffWords[language];
  const { verdict, summary } = fleetHeadline(fleet, told);
  return (
    <Frame
      kind="diff"
      mark={outcomeMarks[fleet.outcome]}
      verdict={verdict}
      sentence={summary}
      subject={fleetSides(fleet)}
      foot={`${fleet.tool.name} ${fleet.tool.version}`}
    >
      <Servers>
        {changedFirst(fleet).map((server) => (
          <Server
            key={server.name}
            name={server.name}
            mark={outcomeMarks[serverOutcome(server)]}
            verdict={told.outcomes[serverOutcome(server)]}
            sentence={serverLine(server, language)}
            error={server.error}
            linked={server.diff !== null}
          />
        ))}
      </Servers>
    </Frame>
  );
}
