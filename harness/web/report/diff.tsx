/** A comparison: what opened first, then what is not known, then everything else, each side by side. */

import type { ComponentChildren } from "preact";
import { type CellChange, cellChanges } from "../../core/cell-change.ts";
import type { Diff, DiffOutcome } from "../../core/diff.ts";
import type { ReviewDiff } from "../../core/review-diff.ts";
import { type DiffGroup, diffGroups } from "../../report/diff-groups.ts";
import { groupTitle, headline, type MarkedLine, restLine, sections, sideLines, sidesText } from "../../report/diff-lines.ts";
import { diffWords } from "../../report/diff-words.ts";
import { titleOf } from "../../report/review-lines.ts";
import { reviewWords } from "../../report/review-words.ts";
import { warningsIn } from "../../report/warnings.ts";
import { placeText, visitor } from "../../report/words.ts";
import { Chips, Code, Fold, Notes, Quote, Scroll, SearchField, Section, Sentence } from "../parts/bits.tsx";
import { Frame } from "../parts/frame.tsx";
import { listIn } from "../parts/hash.ts";
import { usePage } from "../parts/page.tsx";
import { FindingCard } from "./review-finding.tsx";

export const outcomeMarks: Record<DiffOutcome, "fail" | "pass" | "inconclusive"> = {
  "exposure-added": "fail",
  "no-exposure-added": "pass",
  inconclusive: "inconclusive",
};

/** Class of the tone and the mark. */
const changeClass: Record<CellChange, string> = {
  opened: "s-violated",
  unknown: "s-inconclusive",
  weaker: "s-inconclusive a-mark",
  closed: "s-held",
  replaced: "s-waived",
  stronger: "s-held",
  other: "s-waived",
  decider: "s-optional",
  added: "s-info",
  removed: "s-optional",
};

export function DiffPage({ diff, above }: { diff: Diff; above?: ComponentChildren }) {
  const { words, language, state, set } = usePage();
  const told = diffWords[language];
  const { verdict, summary } = headline(diff, told);
  const groups = diffGroups(diff);
  const chosen = listIn(state, "change");
  const query = (state.q ?? "").trim().toLowerCase().split(/\s+/);
  const shown = groups.filter(
    (group) => (chosen.length === 0 || chosen.includes(group.change)) && query.every((word) => searchText(group).includes(word)),
  );
  const used = cellChanges.filter((change) => groups.some((group) => group.change === change));
  const cellsOf = (all: readonly DiffGroup[]) => all.reduce((sum, { cells }) => sum + cells.length, 0);
  return (
    <Frame
      kind="diff"
      mark={outcomeMarks[diff.outcome]}
      verdict={verdict}
      sentence={summary}
      subject={sidesText(diff)}
      foot={[diff.after.openssh, `${diff.tool.name} ${diff.tool.version}`].filter(Boolean).join(" · ")}
    >
      {above}
      <Section id="changes" title={words.changes}>
        {groups.length > 0 && (
          <div class="tools">
            <SearchField name="q" label={words.search} hint={words.searchHint} />
            <Chips
              label={words.filter}
              chosen={chosen}
              choices={used.map((change) => ({
                value: change,
                label: words.change[change],
                mark: changeClass[change],
                count: diff.counts[change] ?? 0,
              }))}
              onChange={(next) => set({ change: next.join(",") })}
            />
            <p class="found" role="status">
              {words.found(cellsOf(shown), cellsOf(groups))}
            </p>
          </div>
        )}
        {shown.map((group) => (
          <GroupCard key={`${group.change} ${group.forwards.join()} ${JSON.stringify(group.visitors)}`} group={group} />
        ))}
        <p class="hint rest">{restLine(diff, told)}</p>
      </Section>
      {sections(diff, told).map(({ title, lines }) => (
        <Section key={title} id={`section-${title}`} title={title}>
          <Marked lines={lines} />
        </Section>
      ))}
      <Notes title={words.warnings} kind="warning" items={warningsIn(diff, language)} />
    </Frame>
  );
}

function searchText({ forwards, visitors, before, after, change }: DiffGroup): string {
  const sides = [before, after].flatMap((side) => [side?.observed, side?.decidedBy?.rule, side?.decidedBy?.file, side?.decidedBy?.text]);
  return [change, ...forwards, ...visitors.flatMap(({ who, targets }) => [who, ...targets]), ...sides]
    .filter(Boolean)
    .join(" ")
    .toLowerCase();
}

function GroupCard({ group }: { group: DiffGroup }) {
  const { words, language } = usePage();
  const told = diffWords[language];
  return (
    <article class={`card ${changeClass[group.change]}`}>
      <h3>
        <span class="badge">{words.change[group.change]}</span> <Sentence text={groupTitle(group, told)} />
      </h3>
      <div class="sides">
        {(["before", "after"] as const).map((which) => (
          <Side key={which} group={group} which={which} />
        ))}
      </div>
      <Fold title={told.addresses} count={group.cells.length}>
        <Scroll label={told.addresses}>
          <table class="plain">
            <tbody>
              {group.cells.map((cell) => (
                <tr key={`${cell.forward} ${visitor(cell)} ${cell.target} ${cell.via}`}>
                  <td>{cell.forward}</td>
                  <td>{words.visitor(cell)}</td>
                  <td>
                    <Code>{cell.target}</Code>
                    {cell.via !== undefined && ` (${cell.via})`}
                  </td>
                  <td>{words.family(cell.family)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </Fold>
    </article>
  );
}

function Side({ group, which }: { group: DiffGroup; which: "before" | "after" }) {
  const { words, language } = usePage();
  const side = group[which];
  const [, ...more] = sideLines(group, which, diffWords[language], language);
  const by = side?.decidedBy;
  return (
    <div class="side">
      <h4>{words[which]}</h4>
      {side ? (
        <>
          <p class="side-verdict">{side.observed}</p>
          {by && (
            <p>
              <span class="layer">{words.layer[by.layer]}</span>
              {(by.rule !== undefined || placeText(by) !== "") && <Quote {...by} />}
            </p>
          )}
          {more.map((line) => (
            <p key={line} class="hint">
              <Sentence text={line} />
            </p>
          ))}
        </>
      ) : (
        <p class="hint">{diffWords[language].absent}</p>
      )}
    </div>
  );
}

const markClass: Record<MarkedLine["mark"], string> = { "+": "s-held", "-": "s-violated", "~": "s-waived", "?": "s-inconclusive" };

function Marked({ lines }: { lines: readonly MarkedLine[] }) {
  return (
    <ul class="marked card">
      {lines.map(({ mark, name, text }) => (
        <li key={`${mark} ${name} ${text}`} class={markClass[mark]}>
          <span class="mark">{mark}</span>
          <strong>{name}</strong>
          <Code>{text}</Code>
        </li>
      ))}
    </ul>
  );
}

export function ReviewDiffPage({ diff }: { diff: ReviewDiff }) {
  const { words, language } = usePage();
  const told = reviewWords[language];
  const lists = [
    { title: told.diff.opened, findings: diff.opened },
    { title: told.diff.changed, findings: diff.changed.map(({ after }) => after) },
    { title: told.diff.gone, findings: diff.gone },
  ].filter(({ findings }) => findings.length > 0);
  const logins: MarkedLine[] = [
    ...diff.settings.map(
      ({ principal, before, after }): MarkedLine => ({ mark: "~", name: principal, text: `${before ?? "–"} → ${after ?? "–"}` }),
    ),
    ...diff.principals.added.map((id): MarkedLine => ({ mark: "+", name: id, text: "" })),
    ...diff.principals.removed.map((id): MarkedLine => ({ mark: "-", name: id, text: "" })),
  ];
  return (
    <Frame
      kind="diff"
      mark={outcomeMarks[diff.outcome]}
      verdict={diffWords[language].outcomes[diff.outcome]}
      sentence={told.diff.summary(diff.opened.length, diff.gone.length, diff.changed.length)}
      subject={`${diff.before.name} → ${diff.after.name}`}
      foot={[diff.after.openssh, `${diff.tool.name} ${diff.tool.version}`].filter(Boolean).join(" · ")}
    >
      {lists.map(({ title, findings }) => (
        <Section key={title} id={`findings-${title}`} title={title}>
          {findings.map((finding) => {
            const was = diff.changed.find(({ after }) => after === finding)?.before;
            return <FindingCard key={finding.id} finding={finding} {...(was ? { before: titleOf(was, language) } : {})} />;
          })}
        </Section>
      ))}
      {logins.length > 0 && (
        <Section id="logins" title={told.principals}>
          <Marked lines={logins} />
        </Section>
      )}
      <Section id="rest" title={words.rest}>
        <p class="hint">{told.diff.rest(diff.rest)}</p>
      </Section>
    </Frame>
  );
}
