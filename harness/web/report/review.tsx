/** A review: what could be exposed, the widest first, with what would mend it; then what each line of the user's files is worth. */

import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { audiences } from "../../core/audience.ts";
import type { Review, ReviewFinding } from "../../core/review.ts";
import { sentenceIn } from "../../report/in-language.ts";
import { withChecksIn } from "../../report/lab-facts.ts";
import { baselines, footLine, headMark, notProbedLines, refusals, titleOf } from "../../report/review-lines.ts";
import { sensitivityLines } from "../../report/review-sensitivity.ts";
import { subjectText } from "../../report/review-server.ts";
import type { ReviewWords } from "../../report/review-word-table.ts";
import { reviewWords } from "../../report/review-words.ts";
import type { Language } from "../../report/sentences.ts";
import { warningsIn } from "../../report/warnings.ts";
import { Chips, Code, Columns, Fold, Notes, Scroll, SearchField, Section, Sentence, ToCopy } from "../parts/bits.tsx";
import { FileStrip } from "../parts/file-strip.tsx";
import { Frame } from "../parts/frame.tsx";
import { listIn } from "../parts/hash.ts";
import { usePage } from "../parts/page.tsx";
import { AddressQuestion, Prefixes, useMembership } from "../parts/prefix-search.tsx";
import { AboutRun } from "../parts/run.tsx";
import { Settings } from "../parts/settings.tsx";
import { worths } from "../parts/word-table.ts";
import { audienceClass, FindingCard } from "./review-finding.tsx";

export const reviewMarks = { "?": "inconclusive", "✔": "pass", "✘": "fail" } as const;

/** @param above stands over everything: the way back to a list of servers */
export function ReviewPage({ review, above }: { review: Review; above?: ComponentChildren }) {
  const { words, language } = usePage();
  const told = reviewWords[language];
  const { verdict, summary } = told.head(review);
  return (
    <Frame
      kind="review"
      mark={reviewMarks[headMark(review)]}
      verdict={verdict}
      sentence={summary}
      subject={subjectText(review)}
      above={above}
      foot={`${told.counts(review)} · ${footLine(review, told)}`}
    >
      <Notes
        title={words.because}
        kind="reason"
        items={review.reasons.map((reason) => sentenceIn(withChecksIn(reason, review.provenance, language), language))}
      />
      <Findings review={review} />
      <WhatIf review={review} />
      <Refused review={review} />
      <Section id="principals" title={told.principals}>
        <Principals review={review} />
      </Section>
      <Sources review={review} />
      <Baselines review={review} told={told} />
      <Notes title={words.warnings} kind="warning" items={warningsIn(review, language)} />
      <AboutRun provenance={review.provenance} tool={review.tool} />
    </Frame>
  );
}

function Findings({ review }: { review: Review }) {
  const { words, language, state, set } = usePage();
  const told = reviewWords[language];
  const isIn = useMembership();
  const chosen = listIn(state, "audience");
  const query = (state.q ?? "").trim().toLowerCase();
  const texts = useMemo(
    () => new Map(review.findings.map((finding) => [finding, searchText(finding, told, language)])),
    [review, told, language],
  );
  const shown = review.findings.filter(
    (finding) =>
      (chosen.length === 0 || chosen.includes(finding.audience)) && query.split(/\s+/).every((word) => texts.get(finding)?.includes(word)),
  );
  const used = audiences.filter((audience) => review.findings.some((finding) => finding.audience === audience));
  return (
    <Section id="findings" title={words.findings} hint={review.findings.length > 1 ? words.findingsWidest : ""}>
      {review.findings.length > 0 && (
        <div class="tools">
          <SearchField name="q" label={words.search} hint={words.searchFindingsHint} />
          <AddressQuestion>{(state.ip ?? "").trim() !== "" && isIn([]) === "invalid" ? words.membership.invalid : ""}</AddressQuestion>
          <Chips
            label={words.audienceFilter}
            chosen={chosen}
            choices={used.map((audience) => ({
              value: audience,
              label: told.audience[audience],
              mark: audienceClass[audience],
              count: review.counts[audience],
            }))}
            onChange={(next) => set({ audience: next.join(",") })}
          />
        </div>
      )}
      {shown.map((finding) => (
        <FindingCard key={finding.id} finding={finding} number={review.findings.indexOf(finding) + 1} />
      ))}
    </Section>
  );
}

function searchText(finding: ReviewFinding, told: ReviewWords, language: Language): string {
  const { accounts, ports = "", listeners, targets, example, decidedBy, audience } = finding;
  const causes = decidedBy.flatMap(({ rule, file }) => [rule, file]);
  return [titleOf(finding, language), told.audience[audience], ...accounts, ports, ...listeners, ...targets, example, ...causes]
    .join(" ")
    .toLowerCase();
}

function WhatIf({ review }: { review: Review }) {
  const { words, language } = usePage();
  const told = reviewWords[language];
  const { sensitivity, coverage } = review;
  const lists = sensitivityLines(review, told, language);
  const [counts] = lists;
  const proposals = lists.find(({ title }) => title === told.whatIf.proposals)?.lines ?? [];
  const related = coverage.filter(({ state }) => state !== "unrelated");
  if (coverage.length === 0 && !sensitivity) return null;
  return (
    <Section id="lines" title={sensitivity ? words.whatIf : words.coverage} hint={sensitivity ? words.whatIfHint : told.covered(related)}>
      {sensitivity && counts && (
        <p class="hint">
          {words.changesTried(sensitivity.mutations.length)}: {counts.lines.join(" ")}
        </p>
      )}
      {sensitivity?.score && <p class="hint">{told.whatIf.score(sensitivity.score.noticed, sensitivity.score.of)}</p>}
      {[...Map.groupBy([...coverage, ...(sensitivity?.mutations ?? [])], ({ file }) => file).keys()].map((file) => (
        <FileStrip key={file} file={file} coverage={coverage} mutations={sensitivity?.mutations} />
      ))}
      {sensitivity && <Worths />}
      {proposals.length > 0 && (
        <div class="remedy">
          <ToCopy text={proposals.join("\n")} label={told.whatIf.proposals} kind="log" />
        </div>
      )}
    </Section>
  );
}

/** What the words beside the lines mean. */
function Worths() {
  const { words } = usePage();
  return (
    <Fold title={words.worthLegend}>
      <dl class="legend">
        {worths.map((worth) => (
          <div key={worth}>
            <dt>{words.worth[worth]}</dt>
            <dd>{words.worthMeaning[worth]}</dd>
          </div>
        ))}
      </dl>
    </Fold>
  );
}

function Refused({ review }: { review: Review }) {
  const { language } = usePage();
  const told = reviewWords[language];
  const all = refusals(review, told, language);
  if (all.length === 0) return null;
  return (
    <Section id="refused" title={told.refusals}>
      <Scroll label={told.refusals}>
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">{told.columns.rule}</th>
              <th scope="col">{told.columns.request}</th>
            </tr>
          </thead>
          <tbody>
            {all.map(({ by, what, quoted }) => (
              <tr key={`${by} ${what}`}>
                <td>{quoted ? <Code>{by}</Code> : <Sentence text={by} />}</td>
                <td>{what}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Section>
  );
}

function Principals({ review }: { review: Review }) {
  const { words, language } = usePage();
  return (
    <ul class="forwards">
      {review.principals.map((principal) => (
        <li key={principal.id} class={`card ${principal.loggedIn ? "s-info" : "s-optional"}`}>
          <h3>
            <Code>{principal.id}</Code>
          </h3>
          {principal.login.options !== "" && (
            <p>
              {words.evidence.keyOptions}: <Code>{principal.login.options}</Code>
            </p>
          )}
          {principal.refusedBy && (
            <p>
              <span class="layer">{words.layer[principal.refusedBy.layer]}</span>
              <Sentence text={sentenceIn(principal.refusedBy, language)} />
            </p>
          )}
          {principal.settings.length > 0 && (
            <Fold title={words.settings} count={principal.settings.length}>
              <Settings settings={principal.settings} />
            </Fold>
          )}
        </li>
      ))}
    </ul>
  );
}

function Sources({ review }: { review: Review }) {
  const { words, language } = usePage();
  const told = reviewWords[language];
  const { classes } = review.sources;
  if (classes.length === 0) return null;
  return (
    <Section id="sources" title={words.sources} hint={words.sourcesHint}>
      <Scroll label={words.sources}>
        <table class="plain sources">
          <thead>
            <tr>
              <Columns names={words.sourceColumns} />
            </tr>
          </thead>
          <tbody>
            {classes.map(({ family, vantage, prefixes }) => (
              <tr key={`${family} ${vantage}`}>
                <td>
                  <span class="family">{words.family(family)}</span>
                  <Prefixes prefixes={prefixes} />
                </td>
                <td>{vantage}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {notProbedLines(review, told).map((line) => (
        <p key={line} class="hint">
          {line}
        </p>
      ))}
    </Section>
  );
}

function Baselines({ review, told }: { review: Review; told: ReviewWords }) {
  const all = baselines(review);
  if (all.length === 0) return null;
  return (
    <Section id="baselines" title={told.references}>
      <ul lang="en">
        {all.map((each) => (
          <li key={each}>{each}</li>
        ))}
      </ul>
    </Section>
  );
}
