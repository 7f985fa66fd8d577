/** Everything that is known of one cell. */

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { Result, ResultCell, ResultForward } from "../../core/result.ts";
import { typedCommand } from "../../core/typed-command.ts";
import { resultWords } from "../../report/result-words.ts";
import { accountAt, targetText } from "../../report/words.ts";
import { Block, Code, Columns, Fold, Patch, Quote, Scroll, Sentence, StatusBadge, useFocus } from "./bits.tsx";
import type { Leg } from "./legs.ts";
import type { Network } from "./network.ts";
import { usePage, useWords } from "./page.tsx";
import { Settings } from "./settings.tsx";
import { LegLegend, Way } from "./way.tsx";

export interface EvidenceProps {
  /** The address's name of the cell. */
  name: string;
  cell: ResultCell;
  forward: ResultForward | undefined;
  waiver: Result["waivers"][number] | undefined;
  legs: readonly Leg[];
  network: Network;
  firewalls: ReadonlySet<string>;
  onClose(): void;
}

export function Evidence({ name, cell, forward, waiver, legs, network, firewalls, onClose }: EvidenceProps) {
  const words = useWords();
  const title = useFocus<HTMLHeadingElement>(name);
  useEffect(() => {
    const close = (event: KeyboardEvent) => {
      if (event.key === "Escape") onClose();
    };
    addEventListener("keydown", close);
    return () => removeEventListener("keydown", close);
  }, [onClose]);
  const why = cell.decidedBy ?? cell.unproven;
  return (
    <aside class="drawer" aria-labelledby="cell-title">
      <header class="drawer-head">
        <h2 id="cell-title" tabIndex={-1} ref={title}>
          <span class="drawer-forward">{cell.forward}</span>
          <span class="drawer-way">
            {words.visitor(cell)} → <Code>{targetText(cell)}</Code> <span class="family">{words.family(cell.family)}</span>
          </span>
        </h2>
        <button type="button" class="button close no-print" onClick={onClose} aria-label={words.close}>
          ✕
        </button>
      </header>
      <div class="drawer-body">
        <dl class="verdicts">
          <div>
            <dt>{words.expected}</dt>
            <dd>{words.expectation(cell.expected)}</dd>
          </div>
          <div>
            <dt>{words.observed}</dt>
            <dd title={words.verdict[cell.observed]}>{cell.observed}</dd>
          </div>
          <div>
            <dt>{words.difference}</dt>
            <dd>
              <StatusBadge status={cell.status} />
            </dd>
          </div>
        </dl>
        <p class="hint">{words.verdict[cell.observed]}</p>
        {why && (
          <div class="why">
            <p>
              {cell.decidedBy && <span class="layer">{words.layer[cell.decidedBy.layer]}</span>}
              <Sentence text={why.text} />
            </p>
            {(why.rule !== undefined || why.file !== undefined) && <Quote {...why} />}
          </div>
        )}
        {waiver && (
          <p class="why">
            <Sentence text={words.waiverCovers(waiver, 1)} />
          </p>
        )}
        <Advice one={cell} />
        <h3>{words.path}</h3>
        <LegLegend />
        <Way cell={cell} legs={legs} network={network} firewalls={firewalls} />
        <h3>{words.proof}</h3>
        <Facts cell={cell} forward={forward} />
        <Trace cell={cell} />
        {forward && <ForwardProof forward={forward} />}
      </div>
    </aside>
  );
}

/** What to change, and where to look. */
export function Advice({ one: { remedy, next } }: { one: Pick<ResultCell, "remedy" | "next"> }) {
  const { words, language } = usePage();
  if (!remedy && !next) return null;
  return (
    <div class="advice">
      {remedy && (
        <div class="remedy">
          <h3>{words.remedy}</h3>
          <p>
            <Sentence text={resultWords[language].remedy(remedy)} />
          </p>
          {remedy.patch && <Patch text={remedy.patch} />}
        </div>
      )}
      {next && (
        <p>
          <strong>{words.next}: </strong>
          <Sentence text={next.text} />
        </p>
      )}
    </div>
  );
}

function Facts({ cell, forward }: { cell: ResultCell; forward: ResultForward | undefined }) {
  const words = useWords();
  const { evidence } = cell;
  const { evidence: labels } = words;
  const arrival = { true: words.yes, false: words.no };
  const facts: [string, ComponentChildren][] = [
    [labels.command, forward && <Code>{typedCommand(forward.ssh)}</Code>],
    [labels.login, forward && `${accountAt(forward)} (${forward.from})`],
    [labels.listeners, forward && forward.listeners.length > 0 && <CodeList items={forward.listeners} />],
    [labels.target, <Code key="target">{cell.target}</Code>],
    [labels.via, cell.via !== undefined && <Code>{cell.via}</Code>],
    [labels.source, evidence.from !== undefined && <Code>{evidence.from}</Code>],
    [labels.seenAs, evidence.seenAs !== undefined && <Code>{evidence.seenAs}</Code>],
    [labels.arrived, evidence.arrived !== undefined && arrival[`${evidence.arrived}`]],
    [labels.connect, evidence.connect !== undefined && <Code>{evidence.connect}</Code>],
    [
      labels.nonce,
      evidence.nonce !== undefined && !(evidence.nonce === "match" && evidence.received !== undefined) && words.nonce[evidence.nonce],
    ],
    [labels.received, evidence.received !== undefined && <Code>{evidence.received}</Code>],
    [labels.peer, evidence.peerSeenByService !== undefined && <Code>{evidence.peerSeenByService}</Code>],
    [labels.time, evidence.ms !== undefined && `${evidence.ms} ms`],
    [labels.note, evidence.note !== undefined && <Sentence text={evidence.note} />],
  ];
  return (
    <dl class="facts">
      {facts
        .filter(([, value]) => value !== undefined && value !== false && value !== "")
        .map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function CodeList({ items }: { items: readonly string[] }) {
  return (
    <>
      {items.map((item) => (
        <span key={item} class="code-item">
          <Code>{item}</Code>
        </span>
      ))}
    </>
  );
}

function Trace({ cell: { evidence } }: { cell: ResultCell }) {
  const words = useWords();
  const trace = evidence.trace ?? [];
  if (trace.length === 0) return null;
  return (
    <Scroll label={words.trace}>
      <table class="plain trace">
        <caption>{words.trace}</caption>
        <thead>
          <tr>
            <Columns names={words.traceColumns} />
          </tr>
        </thead>
        <tbody>
          {trace.map(({ at, what, verdict }, index) => (
            <tr key={index} class={verdict ? `t-${verdict}` : ""}>
              <td>{at}</td>
              <td>
                <Code>{what}</Code>
              </td>
              <td>{verdict}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

/** What is known of the forward itself: settings and logs. */
export function ForwardProof({ forward }: { forward: ResultForward }) {
  const words = useWords();
  return (
    <div class="folds">
      <Fold title={words.settings} count={forward.settings.length}>
        {forward.keyOptions !== "" && (
          <p>
            {words.evidence.keyOptions}: <Code>{forward.keyOptions}</Code>
          </p>
        )}
        <Settings settings={forward.settings} />
      </Fold>
      <Log title={words.clientLog} text={forward.clientLog} />
      <Log title={words.serverLog} text={forward.serverLog} />
    </div>
  );
}

function Log({ title, text }: { title: string; text: string }) {
  const words = useWords();
  return <Fold title={title}>{text === "" ? <p class="hint">{words.emptyLog}</p> : <Block text={text} label={title} />}</Fold>;
}
