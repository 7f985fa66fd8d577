/** A result: what is violated first, then the lab, the matrix, and everything behind it. */

import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import type { Result, ResultCell, ResultForward } from "../../core/result.ts";
import { typedCommand } from "../../core/typed-command.ts";
import { blockedVerdicts } from "../../core/verdict.ts";
import { type Finding, findings } from "../../report/findings.ts";
import { inLanguage } from "../../report/in-language.ts";
import { type SourceRow, sourceRows, uncovered } from "../../report/sources.ts";
import { warningsIn } from "../../report/warnings.ts";
import { accountAt, targetText } from "../../report/words.ts";
import { Block, Code, Columns, Fold, Notes, Patch, Quote, Scroll, Section, Sentence, StatusBadge } from "../parts/bits.tsx";
import { useCloseCell } from "../parts/close-cell.ts";
import { Evidence, ForwardProof } from "../parts/evidence.tsx";
import { Frame } from "../parts/frame.tsx";
import { firewallsOf, legsOf } from "../parts/legs.ts";
import { Matrix, nameOfCell } from "../parts/matrix.tsx";
import { networkOf } from "../parts/network.ts";
import { usePage, useWords } from "../parts/page.tsx";
import { Picture } from "../parts/picture.tsx";
import { AddressQuestion, Prefixes, useMembership } from "../parts/prefix-search.tsx";
import { AboutRun } from "../parts/run.tsx";
import { LegLegend } from "../parts/way.tsx";
import type { PageWords } from "../parts/word-table.ts";

/** @param above what stands over the verdict */
export function VerifyPage({ result: given, above }: { result: Result; above?: ComponentChildren }) {
  const { words, language, state } = usePage();
  const result = useMemo(() => ({ ...inLanguage(given, language), topology: given.topology ?? emptyTopology }), [given, language]);
  const network = useMemo(() => networkOf(result.topology, [...new Set(result.cells.map(({ vantage }) => vantage))]), [result]);
  const firewalls = useMemo(() => firewallsOf(result), [result]);
  const byName = useMemo(() => new Map(result.cells.map((cell) => [nameOfCell(cell), cell])), [result]);
  const cell = byName.get(state.cell ?? "");
  const forward = result.forwards.find(({ name }) => name === cell?.forward);
  const legs = useMemo(() => (cell ? legsOf(result, network, cell, forward) : []), [result, network, cell, forward]);
  const close = useCloseCell(cell);
  const drawer = cell && (
    <Evidence
      name={state.cell ?? ""}
      cell={cell}
      forward={forward}
      waiver={result.waivers.find(({ id }) => id === cell.waiver)}
      legs={legs}
      network={network}
      firewalls={firewalls}
      onClose={close}
    />
  );
  return (
    <Frame
      kind="verify"
      mark={result.outcome}
      verdict={words.outcome[result.outcome]}
      sentence={words.outcomeSentence(result)}
      subject={result.policy.file}
      foot={madeOf(result, words)}
      above={above}
      drawer={drawer}
    >
      <Problems result={result} />
      <Section id="lab" title={words.lab} hint={words.labHint}>
        {network.nodes.size > 0 ? (
          <>
            <Picture network={network} firewalls={firewalls} legs={legs} label={labelOfLab(result)} family={cell?.family ?? 4} />
            {cell && <LegLegend />}
          </>
        ) : (
          <p class="hint">{words.noTopology}</p>
        )}
      </Section>
      <Section id="matrix" title={words.matrix}>
        <Matrix result={result} />
        <Legend result={result} />
      </Section>
      <Sources result={result} />
      <Section id="forwards" title={words.forwards}>
        <Forwards result={result} />
      </Section>
      <AboutRun provenance={result.provenance} tool={result.tool} />
    </Frame>
  );
}

/** Where the verdicts come from, in one line. */
function madeOf({ provenance: { openssh, engine, selfCheck, adaptations, durationMs } }: Result, words: PageWords): string {
  const parts = [
    openssh?.server,
    [engine?.name, engine?.version].filter(Boolean).join(" "),
    words.selfCheck(selfCheck.filter(({ ok }) => ok).length, selfCheck.length),
    `${words.adaptations}: ${adaptations.length}`,
    durationMs === undefined ? undefined : `${(durationMs / 1000).toFixed(1)} s`,
  ];
  return parts.filter(Boolean).join(" · ");
}

/** Results of an early version. */
const emptyTopology: Result["topology"] = { lans: {}, routers: {}, hosts: {} };

function labelOfLab({ topology }: Result): string {
  return [...Object.keys(topology.hosts), ...Object.keys(topology.routers)].join(", ");
}

function Problems({ result }: { result: Result }) {
  const { words, language } = usePage();
  const all = useMemo(() => findings(result, language).sort((one, other) => rankOf(one) - rankOf(other)), [result, language]);
  const violated = all.filter(({ status }) => status === "violated").length;
  const waivers = result.waivers.filter(({ state }) => state === "used");
  const warnings = warningsIn(result, language);
  // Where nothing is wrong, the verdict above has said so.
  if (all.length + result.reasons.length + waivers.length + warnings.length === 0) return null;
  const title = all.length === 0 ? words.status.held : words.problems(violated, all.length - violated);
  const covered = (id: string) => result.cells.filter((cell) => cell.waiver === id).length;
  return (
    <Section id="problems" title={title}>
      {all.length === 0 && result.reasons.length === 0 && <p class="hint">{words.noProblems}</p>}
      <Notes title={words.because} kind="reason" items={result.reasons.map(({ text }) => text)} />
      {all.map((finding, at) => (
        <FindingCard key={at} finding={finding} forward={result.forwards.find(({ name }) => name === finding.forwards[0])} />
      ))}
      <Notes title={words.waivers} kind="waiver" items={waivers.map((waiver) => words.waiverCovers(waiver, covered(waiver.id)))} />
      <Notes title={words.warnings} kind="warning" items={warnings} />
    </Section>
  );
}

/** Who gets in and must not comes before who does not get in and should. */
function rankOf({ status, cells: [cell] }: Finding): number {
  if (status === "inconclusive") return 2;
  return cell === undefined || cell.observed === "reached" ? 0 : 1;
}

interface FindingCardProps {
  finding: Finding;
  /** The first that it is about. */
  forward: ResultForward | undefined;
}

function FindingCard({ finding, forward }: FindingCardProps) {
  const words = useWords();
  const { status, title, cells, expected, observed, reasons, remedies, patches, next } = finding;
  const [first] = cells;
  const subject = first ?? forward;
  const by = subject?.decidedBy ?? first?.unproven;
  const quoted = by && (by.rule !== undefined || by.file !== undefined) ? by : undefined;
  return (
    <article class={`card s-${status}`}>
      <h3>
        <StatusBadge status={status} /> <Sentence text={title} />
      </h3>
      <dl class="verdicts">
        <div>
          <dt>{words.expected}</dt>
          <dd>{expected === "" ? "–" : expected}</dd>
        </div>
        <div>
          <dt>{words.observed}</dt>
          <dd>{observed}</dd>
        </div>
        {(subject?.decidedBy || quoted) && (
          <div class="decider">
            <dt>{status === "violated" ? words.decidedBy : words.because}</dt>
            <dd>
              {subject?.decidedBy && <span class="layer">{words.layer[subject.decidedBy.layer]}</span>}
              {quoted && <Quote {...quoted} />}
            </dd>
          </div>
        )}
      </dl>
      {reasons.map((reason) => (
        <p key={reason}>
          <Sentence text={reason} />
        </p>
      ))}
      {remedies.length > 0 && (
        <div class="remedy">
          <strong>{words.remedy}: </strong>
          {remedies.map((text) => (
            <p key={text}>
              <Sentence text={text} />
            </p>
          ))}
        </div>
      )}
      {patches.map((patch) => (
        <Patch key={patch} text={patch} />
      ))}
      {next.map((text) => (
        <p key={text}>
          <strong>{words.next}: </strong>
          <Sentence text={text} />
        </p>
      ))}
      {finding.logs?.map(({ forward, client, server }) => (
        <div key={forward}>
          {client !== "" && (
            <Fold title={`${forward}: ${words.clientLog}`}>
              <Block text={client} label={`${forward}: ${words.clientLog}`} />
            </Fold>
          )}
          {server !== "" && (
            <Fold title={`${forward}: ${words.serverLog}`}>
              <Block text={server} label={`${forward}: ${words.serverLog}`} />
            </Fold>
          )}
        </div>
      ))}
      {cells.length > 0 ? (
        <CellList cells={cells} />
      ) : (
        finding.seen.map(({ who, target }) => (
          <p key={`${who} ${target}`} class="hint">
            <Code>{target}</Code> ({who})
          </p>
        ))
      )}
    </article>
  );
}

const mostCells = 12;

function CellList({ cells }: { cells: readonly ResultCell[] }) {
  const words = useWords();
  const rest = cells.slice(mostCells);
  return (
    <div class="cell-links">
      <span class="cell-links-title">{words.cells}</span>
      <CellLinks cells={cells.slice(0, mostCells)} />
      {rest.length > 0 && (
        <Fold title={words.more(rest.length)}>
          <CellLinks cells={rest} />
        </Fold>
      )}
    </div>
  );
}

function CellLinks({ cells }: { cells: readonly ResultCell[] }) {
  const { words, state, set } = usePage();
  return (
    <ul>
      {cells.map((cell) => {
        const name = nameOfCell(cell);
        return (
          <li key={name}>
            <button type="button" class="cell-link" aria-pressed={state.cell === name} onClick={() => set({ cell: name }, true)}>
              {words.visitor(cell)} → <Code>{targetText(cell)}</Code> <span class="family">{words.family(cell.family)}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function Legend({ result }: { result: Result }) {
  const words = useWords();
  const seen = [...new Set(result.cells.map(({ observed }) => observed))];
  return (
    <Fold title={words.legend}>
      <dl class="legend">
        {seen.map((verdict) => (
          <div key={verdict}>
            <dt>
              <Code>{verdict}</Code>
            </dt>
            <dd>{words.verdict[verdict]}</dd>
          </div>
        ))}
      </dl>
    </Fold>
  );
}

function Sources({ result }: { result: Result }) {
  const words = useWords();
  const { state, language } = usePage();
  const rows = useMemo(() => sourceRows(result, language), [result, language]);
  const isIn = useMembership();
  const classes = result.sources?.classes ?? [];
  if (rows.length === 0) return null;
  const names = Object.keys(rows[0]?.cells ?? {});
  const asked = (state.ip ?? "").trim();
  const hit = classes.find(({ prefixes }) => isIn(prefixes) === "in");
  const answer = () => {
    if (asked === "") return "";
    if (isIn([]) === "invalid") return words.membership.invalid;
    const prefix = hit?.prefixes.find((each) => isIn([each]) === "in");
    if (!hit || !prefix) return words.inNoClass(asked);
    const own = rows.find(({ family, standsFor }) => family === hit.family && standsFor === hit.vantage)?.cells ?? {};
    const seen = (name: string) => (own[name] ?? []).map(({ observed }) => observed);
    const reached = names.filter((name) => seen(name).includes("reached"));
    const blocked = names.filter((name) => seen(name).length > 0 && seen(name).every((each) => blockedVerdicts.includes(each)));
    const unknown = names.filter((name) => !reached.includes(name) && !blocked.includes(name));
    return `${words.getsIn(asked, reached, unknown)} ${words.inClass(prefix, hit.vantage)}`;
  };
  return (
    <Section id="sources" title={words.sources} hint={words.sourcesHint}>
      <AddressQuestion>{answer()}</AddressQuestion>
      <Scroll label={words.sources}>
        <table class="plain sources">
          <thead>
            <tr>
              <Columns names={words.sourceColumns} />
              <Columns names={names} />
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <SourceLine key={`${row.family} ${row.standsFor}`} row={row} result={result} names={names} hit={hit} />
            ))}
          </tbody>
        </table>
      </Scroll>
      {uncovered(result).map(({ because, prefixes }) => (
        <p key={because} class="hint">
          {words.notProbed(because, prefixes)}
        </p>
      ))}
    </Section>
  );
}

type SourceClass = NonNullable<Result["sources"]>["classes"][number];

function SourceLine({
  row,
  result,
  names,
  hit,
}: {
  row: SourceRow;
  result: Result;
  names: readonly string[];
  hit: SourceClass | undefined;
}) {
  const { words, set } = usePage();
  const own = result.sources?.classes.find(({ vantage, family }) => vantage === row.standsFor && family === row.family);
  return (
    <tr class={own !== undefined && own === hit ? "hit" : ""}>
      <td>
        <span class="family">{words.family(row.family)}</span> {row.rest ? words.restOf(own?.address ?? "") : null}
        <Prefixes prefixes={own?.prefixes ?? []} />
      </td>
      <td>{row.standsFor}</td>
      {names.map((name) => (
        <td key={name}>
          {[...Map.groupBy(row.cells[name] ?? [], ({ status, observed }) => `${status} ${observed}`).values()].map(([cell]) =>
            cell ? (
              <button
                key={nameOfCell(cell)}
                type="button"
                class={`source-cell s-${cell.status}`}
                aria-label={`${words.status[cell.status]}: ${cell.observed}`}
                onClick={() => set({ cell: nameOfCell(cell) }, true)}
              >
                {cell.observed}
              </button>
            ) : null,
          )}
        </td>
      ))}
    </tr>
  );
}

function Forwards({ result }: { result: Result }) {
  const words = useWords();
  return (
    <ul class="forwards">
      {result.forwards.map((forward) => (
        <li key={forward.name} class="card">
          <h3>
            <span class={`badge s-${forward.status}`}>{words.granted(forward.granted)}</span> {forward.name}
          </h3>
          <p>
            <Code>{typedCommand(forward.ssh)}</Code>
          </p>
          <p class="hint">
            {accountAt(forward)} ({forward.from})
            {forward.listeners.length > 0 && forward.listensOn !== null && (
              <>
                {" · "}
                {words.listensOn(forward.listensOn)}: <Code>{forward.listeners.join(", ")}</Code>
              </>
            )}
            {forward.gone && ` · ${words.gone(forward.gone)}`}
          </p>
          {forward.decidedBy && (
            <p>
              <span class="layer">{words.layer[forward.decidedBy.layer]}</span>
              <Sentence text={forward.decidedBy.text} />
            </p>
          )}
          <ForwardProof forward={forward} />
        </li>
      ))}
    </ul>
  );
}
