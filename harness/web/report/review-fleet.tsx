/** The reviews of several servers: a list, and each one's own review behind its name. */
import { useCallback } from "preact/hooks";
import { audiences } from "../../core/audience.ts";
import type { ReviewedServerResult, ReviewFleet } from "../../core/review-fleet.ts";
import { errorText } from "../../report/fleet-errors.ts";
import { fleetHead, fleetMark, serverLine, serverMark } from "../../report/review-fleet-lines.ts";
import { reviewWords } from "../../report/review-words.ts";
import { Block, Code, Section } from "../parts/bits.tsx";
import { Frame } from "../parts/frame.tsx";
import { usePage } from "../parts/page.tsx";
import { ReviewPage, reviewMarks } from "./review.tsx";
import { audienceClass } from "./review-finding.tsx";

export function ReviewFleetPage({ fleet }: { fleet: ReviewFleet }) {
  const { state, set, words, language } = usePage();
  const told = reviewWords[language];
  const back = useCallback(() => set({ server: "", q: "", audience: "" }, true), [set]);
  const chosen = fleet.servers.find(({ name, review }) => name === state.server && review !== null);
  if (chosen?.review) {
    const button = (
      <button type="button" class="back-to-servers" onClick={back}>
        ← {words.allServers(fleet.servers.length)}
      </button>
    );
    return <ReviewPage key={chosen.name} review={{ ...chosen.review, server: chosen.name }} above={button} />;
  }
  const [verdict = "", ...sentence] = fleetHead(fleet, told).split("  ");
  return (
    <Frame
      kind="review"
      mark={reviewMarks[fleetMark(fleet)]}
      verdict={verdict}
      sentence={sentence.join(" ")}
      subject={fleet.subject}
      foot={`${(fleet.durationMs / 1000).toFixed(1)} s`}
    >
      <Section id="servers" title={words.servers}>
        <ul class="servers">
          {fleet.servers.map((server) => (
            <Server key={server.name} server={server} />
          ))}
        </ul>
      </Section>
    </Frame>
  );
}

function Server({ server }: { server: ReviewedServerResult }) {
  const { language, set } = usePage();
  const told = reviewWords[language];
  const { name, review, error } = server;
  const [verdict = "", ...sentence] = serverLine(server, told).split("  ");
  return (
    <li class={`server o-${reviewMarks[serverMark(server)]}`}>
      <span class="verdict-word">{verdict}</span>
      <span class="server-name">
        {review ? (
          <button type="button" class="server-link" onClick={() => set({ server: name }, true)}>
            <Code>{name}</Code>
          </button>
        ) : (
          <Code>{name}</Code>
        )}
        <span class="server-sentence">{review ? [...sentence, told.counts(review)].join(" · ") : ""}</span>
        {review && review.findings.length > 0 && (
          <span class="server-audiences">
            {audiences
              .filter((audience) => review.counts[audience] > 0)
              .map((audience) => (
                <span key={audience} class={audienceClass[audience]}>
                  <span class="badge">
                    {told.audience[audience]} {review.counts[audience]}
                  </span>
                </span>
              ))}
          </span>
        )}
        {error && <Block text={errorText(error, language)} label={name} />}
      </span>
    </li>
  );
}
