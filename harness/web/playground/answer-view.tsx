/** The answer: the headline, the way, who gets in, the steps, other values of GatewayPorts, mistakes, and how to prove it. */
import { useMemo } from "preact/hooks";
import { formatTarget } from "../../core/address.ts";
import { formatSocketMode } from "../../core/socket-file.ts";
import { formatListener } from "../../openssh/model/prediction.ts";
import type { ReachCell } from "../../openssh/model/reach.ts";
import { spell } from "../../openssh/sshd-keywords.ts";
import { Block, Code, Columns, CopyButton, Fold, Scroll, Section, Segments, Sentence } from "../parts/bits.tsx";
import { hostId, networkOf, type Topology } from "../parts/network.ts";
import { usePage } from "../parts/page.tsx";
import { LegLegend, Way } from "../parts/way.tsx";
import type { Answer, ForwardAnswer } from "./answer.ts";
import { nameOf, proofOf, shellText } from "./proof.ts";
import type { Situation } from "./situation.ts";
import { cellName, headlineOf, legsOfCell, shownCell } from "./told.ts";
import { usePlaygroundWords } from "./words.ts";

interface AnswerViewProps {
  /** To what is typed now. */
  answer: Answer | undefined;
  /** The last one that has no faults. */
  good: Answer | undefined;
  /** What `good` answers. */
  situation: Situation;
}

export function AnswerView({ answer, good, situation }: AnswerViewProps) {
  const own = usePlaygroundWords();
  const { state, set } = usePage();
  const stale = answer !== good;
  if (!good) return answer && <p class="stale">{own.nothing}</p>;
  const at = Math.min(Number(state.f) || 0, good.forwards.length - 1);
  const forward = good.forwards[at];
  if (!forward) return null;
  return (
    <>
      {stale && (
        <p class="stale" role="status">
          {own.stale}
        </p>
      )}
      {good.forwards.length > 1 && (
        <Segments
          label={own.forwards}
          value={String(at)}
          choices={good.forwards.map((each, index) => ({
            value: String(index),
            label: each.arguments.requested || nameOf(good.forwards, index),
          }))}
          onChange={(value) => set({ f: value === "0" ? "" : value, at: "" }, true)}
        />
      )}
      {good.notes
        .filter(({ code }) => code === "include" || code === "undecided")
        .map(({ code, text, distribution = "" }) => (
          <p key={`${code} ${text}`} class="stale">
            <Sentence text={own.note[code](text, distribution)} />
          </p>
        ))}
      <Headline forward={forward} />
      <Hints forward={forward} />
      <Reach forward={forward} answer={good} />
      <Steps forward={forward} />
      <GatewayPorts forward={forward} />
      <Proof situation={situation} answer={good} />
      <Section id="link" title={own.link} hint={own.linkHint}>
        <CopyButton text={location.href} />
      </Section>
    </>
  );
}

/** The answer in one sentence. */
export function HeadlineText({ forward }: { forward: ForwardAnswer }) {
  const own = usePlaygroundWords();
  const headline = headlineOf(forward.reach, forward.prediction);
  switch (headline.kind) {
    case "some":
    case "listenerOnly":
      // A name stays in one piece.
      return <>{own.headline[headline.kind](own.list(headline.names.map((name) => name.replaceAll("-", "\u2011"))))}</>;
    default:
      return <>{own.headline[headline.kind]}</>;
  }
}

function Headline({ forward }: { forward: ForwardAnswer }) {
  const own = usePlaygroundWords();
  const { language, words } = usePage();
  const { prediction } = forward;
  const { granted, listeners, socket, listensOn, dials, closedBy, refusedBy } = prediction;
  const host = listensOn === "server" ? "server" : "home";
  const headline = headlineOf(forward.reach, prediction);
  const [by, far] = dials.by === "client" ? (["ssh", "home"] as const) : (["sshd", "server"] as const);
  const what = "socks" in dials ? own.socks : dialled(dials);
  const places = socket ? [`${socket.path} (${formatSocketMode(socket.mode)})`] : listeners.map(formatListener);
  const because = refusedBy ?? closedBy;
  return (
    <section class={`headline h-${headline.kind}`} aria-live="polite" aria-labelledby="headline-title">
      <h2 id="headline-title">
        <HeadlineText forward={forward} />
      </h2>
      {headline.unknown.length > 0 && headline.kind !== "unknown" && <p>{own.headline.also(own.list(headline.unknown))}</p>}
      <p class="kind">{own.kind[prediction.kind]}</p>
      <dl class="facts">
        <div>
          <dt>{own.facts.listens}</dt>
          <dd>
            {granted ? (
              <>
                {places.map((place) => (
                  <span key={place} class="code-item">
                    <Code>{place}</Code>
                  </span>
                ))}{" "}
                {own.listensOn(host)}
              </>
            ) : (
              own.nothingListens(host)
            )}
          </dd>
        </div>
        {granted && (
          <div>
            <dt>{own.facts.dials}</dt>
            <dd>{own.dials(by, far, what)}</dd>
          </div>
        )}
        {because && (
          <div>
            <dt>{refusedBy ? own.facts.refusedBy : own.facts.closed}</dt>
            <dd>
              <span class="layer">{words.layer[because.layer]}</span>
              <Sentence text={because.text[language]} />
            </dd>
          </div>
        )}
      </dl>
    </section>
  );
}

function dialled(dials: { host: string; port: number } | { path: string }): string {
  return "path" in dials ? dials.path : formatTarget(dials.host, dials.port);
}

function Hints({ forward: { hints } }: { forward: ForwardAnswer }) {
  const own = usePlaygroundWords();
  const { language } = usePage();
  if (hints.length === 0) return null;
  return (
    <section class="notes warning" aria-label={own.hints}>
      <h3>{own.hints}</h3>
      <ul>
        {hints.map(({ id, text }) => (
          <li key={id} data-hint={id}>
            <Sentence text={text[language]} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Reach({ forward, answer }: { forward: ForwardAnswer; answer: Answer }) {
  const own = usePlaygroundWords();
  const { state, set, language } = usePage();
  const { reach } = forward;
  const chosen =
    reach.find((cell) => cellName(cell) === state.at) ??
    reach.find(({ verdict, scope }) => verdict === "reached" && scope !== "loopback" && scope !== "own") ??
    reach.find(({ vantage }) => vantage === "internet") ??
    reach[0];
  const topology = answer.spec as Topology;
  const network = useMemo(() => networkOf(topology), [topology]);
  const firewalls = useMemo(() => new Set(answer.ruleset ? [hostId("server")] : []), [answer]);
  const legs = useMemo(() => (chosen ? legsOfCell(topology, network, chosen, forward) : []), [topology, network, chosen, forward]);
  return (
    <>
      <Section id="matrix" title={own.matrix} hint={own.matrixHint}>
        <Scroll label={own.matrix}>
          <table class="plain reach">
            <thead>
              <tr>
                <th scope="col">{own.from}</th>
                <th scope="col">{own.answer}</th>
              </tr>
            </thead>
            <tbody>
              {reach.map((cell, at) => (
                <ReachRow
                  key={cellName(cell)}
                  cell={cell}
                  first={reach[at - 1]?.vantage !== cell.vantage}
                  on={cell === chosen}
                  choose={() => set({ at: cellName(cell) })}
                />
              ))}
            </tbody>
          </table>
        </Scroll>
      </Section>
      {chosen && (
        <Section id="way" title={own.picture} hint={own.pictureHint}>
          <Way cell={shownCell(chosen, language)} legs={legs} network={network} firewalls={firewalls} />
          <LegLegend />
        </Section>
      )}
    </>
  );
}

function ReachRow({ cell, first, on, choose }: { cell: ReachCell; first: boolean; on: boolean; choose(): void }) {
  const own = usePlaygroundWords();
  const { language } = usePage();
  const { vantage, family, target, via, verdict, why } = cell;
  return (
    <tr class={`${first ? "first" : ""}${on ? " hit" : ""}`} data-verdict={verdict} data-cell={cellName(cell)}>
      <th scope="row">
        <button type="button" class="way-button" aria-pressed={on} onClick={choose}>
          <span class="visitor">{vantage}</span>
          <span class="address" lang="en">
            {family !== null && <span class="family">{own.family(family)}</span>} <Breakable target={target} />
            {via !== undefined && ` via ${via}`}
          </span>
          <span class="vh">, {own.showWay}</span>
        </button>
      </th>
      <td class={`v-${verdict}`}>
        <span class="reach-verdict">{own.verdict[verdict]}</span>
        <span class="reach-why">
          <Sentence text={why[language]} />
        </span>
      </td>
    </tr>
  );
}

/** Too long for its line, it is broken before the port, not within it. */
function Breakable({ target }: { target: string }) {
  const at = target.lastIndexOf(":");
  if (at === -1) return <>{target}</>;
  return (
    <>
      {target.slice(0, at)}
      <wbr />
      {target.slice(at)}
    </>
  );
}

function Steps({ forward: { prediction, hasConfig, assumed, idle } }: { forward: ForwardAnswer }) {
  const own = usePlaygroundWords();
  const { language, words } = usePage();
  const decided = idle.filter((line) => line.because !== "undecided");
  return (
    <Section id="steps" title={own.steps}>
      <ol class="steps">
        {prediction.why.map(({ text, layer }, at) => (
          <li key={at} class={at === prediction.why.length - 1 && prediction.refusedBy ? "refuses" : ""}>
            <span class="layer">{words.layer[layer]}</span>
            <span>
              <Sentence text={text[language]} />
            </span>
          </li>
        ))}
      </ol>
      {!hasConfig && <p class="hint">{own.defaults}</p>}
      {assumed.length > 0 && (
        <div class="more">
          <h3>{own.assumed}</h3>
          <ul>
            {assumed.map((text) => (
              <li key={text.en}>
                <Sentence text={text[language]} />
              </li>
            ))}
          </ul>
        </div>
      )}
      {decided.length > 0 && (
        <div class="more">
          <h3>{own.idle}</h3>
          <ul>
            {decided.map(({ file, line, keyword, value, because, match }) => (
              <li key={line}>
                <Code>{`${file}:${line} ${spell(keyword)} ${value}`}</Code>: {own.idleBecause[because as "first-wins"]}
                {match && ` (${match.text})`}
              </li>
            ))}
          </ul>
        </div>
      )}
    </Section>
  );
}

function GatewayPorts({ forward: { gatewayPorts } }: { forward: ForwardAnswer }) {
  const own = usePlaygroundWords();
  if (gatewayPorts.length === 0) return null;
  return (
    <Section id="gatewayports" title={own.gatewayPorts} hint={own.gatewayPortsHint}>
      <Scroll label={own.gatewayPorts}>
        <table class="plain gateway-ports">
          <thead>
            <tr>
              <Columns names={own.gatewayPortsColumns} />
            </tr>
          </thead>
          <tbody>
            {gatewayPorts.map(({ value, current, listeners, reached }) => (
              <tr key={value} class={current ? "hit" : ""}>
                <th scope="row">
                  <Code>{value}</Code> {current && <span class="now">{own.now}</span>}
                </th>
                <td>
                  {listeners.length === 0
                    ? own.noListener
                    : listeners.map((each) => (
                        <span key={each} class="code-item">
                          <Code>{each}</Code>
                        </span>
                      ))}
                </td>
                <td>{reached.length === 0 ? own.noOne : own.list(reached)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Section>
  );
}

function Proof({ situation, answer }: { situation: Situation; answer: Answer }) {
  const own = usePlaygroundWords();
  const files = useMemo(() => proofOf(situation, answer), [situation, answer]);
  const script = shellText(files);
  return (
    <Section id="proof" title={own.proof}>
      <p class="hint">
        <Sentence text={own.proofHint} />
      </p>
      {answer.doubts.length > 0 && (
        <p class="stale">
          <Sentence text={own.proofDoubt} />
        </p>
      )}
      {files.map(({ name, text }) => (
        <div key={name} class="patch-box" data-file={name}>
          <div class="patch-head">
            <span>
              <Code>{name}</Code>
            </span>
            <span class="patch-buttons no-print">
              <a
                class="button small"
                download={name}
                href={`data:text/plain;charset=utf-8,${encodeURIComponent(text)}`}
                aria-label={`${own.download}: ${name}`}
              >
                {own.download}
              </a>
              <CopyButton text={text} />
            </span>
          </div>
          <Block text={text.trimEnd()} label={name} />
        </div>
      ))}
      <Fold title={own.copyAll}>
        <div class="patch-box">
          <div class="patch-head">
            <span>{own.shell}</span>
            <CopyButton text={script} />
          </div>
          <Block text={script.trimEnd()} label={own.shell} />
        </div>
      </Fold>
    </Section>
  );
}
