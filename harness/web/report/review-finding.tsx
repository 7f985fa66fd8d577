/** One finding of a review: what it is, what lets it, and what would mend it. */
import { Fragment } from "preact";
import type { Audience } from "../../core/audience.ts";
import { noKeyOptions } from "../../core/no-key-options.ts";
import type { ReviewFinding } from "../../core/review.ts";
import { causeParts, exampleLine, fixLine, principalNames, titleOf } from "../../report/review-lines.ts";
import { reviewWords } from "../../report/review-words.ts";
import { Code, Patch, Quote, Sentence } from "../parts/bits.tsx";
import { usePage } from "../parts/page.tsx";
import { Prefixes, useMembership } from "../parts/prefix-search.tsx";

/** How far it reaches, as the statuses' tones. */
export const audienceClass: Record<Audience, string> = {
  internet: "s-violated",
  networks: "s-inconclusive a-mark",
  lan: "s-inconclusive a-mark",
  server: "s-optional",
  account: "s-optional",
};

export function FindingCard({ finding, number, before }: { finding: ReviewFinding; number?: number; before?: string }) {
  const { words, language } = usePage();
  const told = reviewWords[language];
  const isIn = useMembership();
  const { audience, remedy, visitors } = finding;
  const asked = visitors ? isIn(visitors.prefixes) : undefined;
  // The page has room for each.
  const principals = principalNames(finding, []);
  return (
    <article class={`card ${audienceClass[audience]}`}>
      <h3>
        {number !== undefined && <span class="number">{number}</span>}
        <span class="badge">{told.audience[audience]}</span> <Sentence text={titleOf(finding, language)} />
      </h3>
      {before !== undefined && (
        <p class="hint">
          {words.before}: <Sentence text={before} />
        </p>
      )}
      {(asked === "in" || asked === "out") && (
        <p class={`membership ${asked === "in" ? "s-violated" : "s-held"}`}>
          <span class="badge">{words.membership[asked]}</span>
        </p>
      )}
      <dl class="facts">
        <div>
          <dt>{told.letBy}</dt>
          <dd>
            {causeParts(finding, language).map(({ rule, text, place, byDefault }) => (
              <span key={`${text} ${place}`} class="cause">
                {rule === undefined ? <Sentence text={text} /> : <Quote rule={rule} {...(place === "" ? {} : { file: place })} />}
                {byDefault && <span class="hint"> {told.byDefault}</span>}
              </span>
            ))}
          </dd>
        </div>
        <div>
          <dt>{told.example}</dt>
          <dd>
            <Code>{exampleLine(finding)}</Code>
          </dd>
        </div>
        {principals.length > 0 && (
          <div>
            <dt>{told.principals}</dt>
            <dd>
              {principals.map((id) => (
                <span key={id} class="cause">
                  <Code>{id}</Code>
                </span>
              ))}
            </dd>
          </div>
        )}
        <Fact label={told.columns.ports} items={finding.ports === undefined ? [] : [finding.ports]} />
        <Fact label={told.listeners} items={finding.listeners} />
        <Fact label={told.targetsAsked} items={finding.targets} />
        {finding.passed.length > 0 && (
          <div>
            <dt>{told.passed}</dt>
            <dd>
              {finding.passed.map((layer, at) => (
                <Fragment key={layer}>
                  {at > 0 && " → "}
                  {layer === noKeyOptions ? told.noKeyOptions : <Code>{layer}</Code>}
                </Fragment>
              ))}
            </dd>
          </div>
        )}
        {visitors && visitors.prefixes.length > 0 && (
          <div>
            <dt>{told.addresses}</dt>
            <dd>
              <Prefixes prefixes={visitors.prefixes} />
            </dd>
          </div>
        )}
      </dl>
      {remedy && (
        <div class="remedy">
          <p>
            <strong>{told.fix}: </strong>
            <Sentence text={fixLine(finding, told, language)} />
          </p>
          {remedy.patch && <Patch text={remedy.patch} />}
        </div>
      )}
    </article>
  );
}

function Fact({ label, items }: { label: string; items: readonly string[] }) {
  if (items.length === 0) return null;
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        <Code>{items.join(", ")}</Code>
      </dd>
    </div>
  );
}
