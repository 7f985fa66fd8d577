/** The reviews of several servers: a list, and each one's own review behind its name. */
import { audiences } from "../../core/audience.ts";
import type { Review } from "../../core/review.ts";
import type { ReviewFleet } from "../../core/review-fleet.ts";
import { fleetHead, fleetMark, serverHead, serverMark } from "../../report/review-fleet-lines.ts";
import { reviewWords } from "../../report/review-words.ts";
import { Frame } from "../parts/frame.tsx";
import { usePage } from "../parts/page.tsx";
import { BackToServers, Server, Servers } from "../parts/servers.tsx";
import { ReviewPage, reviewMarks } from "./review.tsx";
import { audienceClass } from "./review-finding.tsx";

export function ReviewFleetPage({ fleet }: { fleet: ReviewFleet }) {
  const { state, language } = usePage();
  const told = reviewWords[language];
  const chosen = fleet.servers.find(({ name, review }) => name === state.server && review !== null);
  if (chosen?.review) {
    const button = <BackToServers count={fleet.servers.length} state={["q", "audience"]} />;
    return <ReviewPage key={chosen.name} review={{ ...chosen.review, server: chosen.name }} above={button} />;
  }
  const { verdict, summary } = fleetHead(fleet, told);
  return (
    <Frame
      kind="review"
      mark={reviewMarks[fleetMark(fleet)]}
      verdict={verdict}
      sentence={summary}
      subject={fleet.subject}
      foot={`${(fleet.durationMs / 1000).toFixed(1)} s`}
    >
      <Servers>
        {fleet.servers.map((server) => {
          const { name, review, error } = server;
          const head = serverHead(server, told, language);
          return (
            <Server
              key={name}
              name={name}
              mark={reviewMarks[serverMark(server)]}
              verdict={head.verdict}
              sentence={[...(head.summary === "" ? [] : [head.summary]), ...(review ? [told.counts(review)] : [])].join(" · ")}
              error={error}
              linked={review !== null}
            >
              {review && review.findings.length > 0 && <Audiences review={review} />}
            </Server>
          );
        })}
      </Servers>
    </Frame>
  );
}

function Audiences({ review: { counts } }: { review: Review }) {
  const { language } = usePage();
  const told = reviewWords[language];
  return (
    <span class="server-audiences">
      {audiences
        .filter((audience) => counts[audience] > 0)
        .map((audience) => (
          <span key={audience} class={audienceClass[audience]}>
            <span class="badge">
              {told.audience[audience]} {counts[audience]}
            </span>
          </span>
        ))}
    </span>
  );
}
