/** The lines of one of the user's files, each with a strip that says what it is worth. */
import type { CoveredLine, ReviewMutation } from "../../core/review.ts";
import { findingText, reviewWords } from "../../report/review-words.ts";
import { Code, Sentence } from "./bits.tsx";
import { usePage } from "./page.tsx";
import { type RatedLine, ratedLines } from "./worth.ts";

export function FileStrip({
  file,
  coverage,
  mutations,
}: {
  file: string;
  coverage: readonly CoveredLine[];
  mutations: readonly ReviewMutation[] | undefined;
}) {
  const { words } = usePage();
  const lines = ratedLines(file, coverage, mutations);
  return (
    <section class="file" aria-label={file}>
      <h3>
        <Code>{file}</Code>
      </h3>
      <ol>
        {lines.map((line, at) => {
          const gap = line.line - (lines[at - 1]?.line ?? 0) - 1;
          return (
            <li key={line.line} class={`file-line w-${line.worth}`}>
              {gap > 0 && <span class="gap">⋯ {words.gap(gap)}</span>}
              <Line line={line} />
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function Line({ line: { line, rules, worth, mutations } }: { line: RatedLine }) {
  const { words } = usePage();
  const head = (
    <>
      <span class="line-number">
        <span class="vh">{words.line} </span>
        {line}
      </span>
      <code class="line-text" translate={false}>
        {rules.join("\n")}
      </code>
      <span class="worth">{words.worth[worth]}</span>
    </>
  );
  if (mutations.length === 0) return <div class="line-head">{head}</div>;
  return (
    <details>
      <summary class="line-head">{head}</summary>
      <ul class="mutations">
        {mutations.map((each) => (
          <Mutation key={`${each.change} ${each.instead}`} mutation={each} />
        ))}
      </ul>
    </details>
  );
}

function Mutation({ mutation }: { mutation: ReviewMutation }) {
  const { words, language } = usePage();
  const { instead, effect, opens, closes, noticed, audience } = mutation;
  return (
    <li>
      <p>
        <Code>{instead === "" ? words.instead("") : words.instead(instead)}</Code>
        <span class="mutation-effect">{words.effect[effect]}</span>
        {audience !== null && <span class="layer">{reviewWords[language].audience[audience]}</span>}
        {closes > 0 && <span class="hint">{words.closes(closes)}</span>}
        {noticed !== null && <span class="hint">{words.noticed(noticed)}</span>}
      </p>
      {opens.map((each, at) => (
        <p key={at} class="hint">
          <Sentence text={findingText(each, language)} />
        </p>
      ))}
    </li>
  );
}
