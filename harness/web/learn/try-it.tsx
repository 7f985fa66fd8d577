/** A lab to work in: terminals, the picture that follows what happens, the goal, and the server's files. */
import { useMemo, useState } from "preact/hooks";
import { type EditedFile, endpointText, type GoalCheck, type Lesson, type LiveAttempt } from "../../core/lesson.ts";
import { placeText } from "../../report/words.ts";
import { Code, Sentence } from "../parts/bits.tsx";
import { hostId, type Network, networkOf } from "../parts/network.ts";
import { usePage } from "../parts/page.tsx";
import { LegLegend } from "../parts/way.tsx";
import { isLoopback } from "./binding.ts";
import { useClassroom } from "./classroom.tsx";
import { Commands } from "./commands.tsx";
import { Editor } from "./editor.tsx";
import { FaultOf } from "./fault.tsx";
import { legOfAttempt, portsByHost } from "./live-picture.ts";
import { useCountdown, useReducedMotion } from "./motion.ts";
import type { Live } from "./room.ts";
import { Stage } from "./stage.tsx";
import { Terminals } from "./terminals.tsx";
import { useLearnWords } from "./words.ts";

export function TryIt({ lesson }: { lesson: Lesson }) {
  const own = useLearnWords();
  const { language } = usePage();
  const { room, ask } = useClassroom();
  const { live, faults } = room;
  const begin = () => ask?.({ do: "try", lesson: lesson.name });
  const mine = live?.lesson === lesson.name;
  if (mine && live.ready) return <Lab live={live} />;
  const starting = mine && !live.ended && !faults.try && !room.ended;
  return (
    <>
      <p class="lead">{own.tryHint}</p>
      {mine && live.ended && (
        <p class="stale" role="status">
          {live.ended[language]}
        </p>
      )}
      <FaultOf request="try" />
      {starting ? (
        <p class="waiting" role="status">
          {own.startingLab}
        </p>
      ) : (
        <div class="step-actions">
          <button type="button" class="button primary" onClick={begin} disabled={room.ended}>
            {live?.ready && !live.ended ? own.switchLab : own.startLab}
          </button>
        </div>
      )}
    </>
  );
}

function Lab({ live }: { live: Live }) {
  const own = useLearnWords();
  const [first = ""] = live.commands.flatMap((text) => /^([\w.-]+)[$#]/.exec(text)?.[1] ?? []);
  return (
    <>
      <p class="lead">{own.tryHint}</p>
      {live.goal && <GoalBox live={live} />}
      <div class="lab-columns">
        <LivePicture live={live} />
        <div class="lab-work">
          <Commands commands={live.commands} />
          <Terminals hosts={live.hosts} first={live.hosts.includes(first) ? first : live.hosts[0]} />
          <LiveFiles key={live.files.map(({ name, text }) => `${name}\0${text}`).join("\0")} files={live.files} />
        </div>
      </div>
    </>
  );
}

/** How long a packet is on its way in the picture. */
const travelTime = 1300;

function LivePicture({ live }: { live: Live }) {
  const own = useLearnWords();
  const still = useReducedMotion();
  const network = useMemo(() => networkOf(live.topology ?? { lans: {}, routers: {}, hosts: {} }), [live.topology]);
  const [chosen, setChosen] = useState<number | undefined>(undefined);
  const [arrived, setArrived] = useState("");
  const latest = live.attempts.at(-1);
  const attempt = live.attempts.find(({ id }) => id === chosen) ?? latest;
  const leg = useMemo(() => attempt && legOfAttempt(network, attempt), [network, attempt]);
  const key = attempt ? `${attempt.id} ${attempt.outcome} ${chosen ?? ""}` : "";
  const moving = attempt !== undefined && !still && arrived !== key;
  useCountdown(key, travelTime, moving, () => setArrived(key));
  return (
    <div class="lab-picture">
      <Stage
        network={network}
        firewalls={firewallsOf(live, network)}
        legs={leg && !moving ? [leg] : []}
        family={attempt?.destination.startsWith("[") ? 6 : 4}
        label={own.picture([...network.nodes.values()].map(({ name }) => name).join(", "))}
        listeners={portsByHost(live.listeners)}
        travels={leg && moving ? [{ key, leg, ms: travelTime, paused: false }] : []}
      />
      <LegLegend />
      <Attempts attempts={live.attempts} shown={attempt?.id} onChoose={(id) => setChosen(id === chosen ? undefined : id)} />
      <Listeners live={live} />
    </div>
  );
}

function firewallsOf({ attempts }: Live, { nodes }: Network): Set<string> {
  return new Set(attempts.flatMap(({ decidedBy }) => (decidedBy && nodes.has(hostId(decidedBy.at)) ? [hostId(decidedBy.at)] : [])));
}

interface AttemptsProps {
  attempts: readonly LiveAttempt[];
  shown: number | undefined;
  onChoose(id: number): void;
}

/** The latest first. */
function Attempts({ attempts, shown, onChoose }: AttemptsProps) {
  const own = useLearnWords();
  return (
    <section class="attempts" aria-labelledby="attempts-title">
      <h2 id="attempts-title">{own.happens}</h2>
      {attempts.length === 0 && <p class="hint">{own.nothingYet}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <ol aria-live="polite" tabIndex={0} aria-labelledby="attempts-title">
        {attempts.toReversed().map((attempt) => (
          <li key={attempt.id}>
            <button
              type="button"
              class={`attempt o-${attempt.outcome}`}
              aria-pressed={attempt.id === shown}
              onClick={() => onChoose(attempt.id)}
            >
              <AttemptText attempt={attempt} />
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

function AttemptText({ attempt: { way, destination, outcome, decidedBy } }: { attempt: LiveAttempt }) {
  const own = useLearnWords();
  const place = decidedBy ? placeText(decidedBy) : "";
  return (
    <>
      <span class="attempt-way">
        {way[0]} → <Code>{destination}</Code>
      </span>
      <span class="attempt-outcome">{own.outcome[outcome]}</span>
      {decidedBy && (
        <span class="attempt-by" lang="en">
          {decidedBy.at}: <Code>{decidedBy.rule}</Code>
          {place !== "" && <span class="line-place"> {place}</span>}
        </span>
      )}
    </>
  );
}

function Listeners({ live: { listeners } }: { live: Live }) {
  const own = useLearnWords();
  return (
    <details class="fold">
      <summary>
        {own.listening}
        <span class="count">{listeners.length}</span>
      </summary>
      {listeners.length === 0 && <p class="hint">{own.nobodyListens}</p>}
      <ul class="listener-list">
        {listeners.map(({ host, socket, process }) => (
          <li key={`${host} ${socket} ${process}`}>
            <span lang="en">
              {host} <Code>{socket}</Code> {process}
            </span>
            {isLoopback(socket) && <span class="hint"> {own.loopbackOnly}</span>}
          </li>
        ))}
      </ul>
    </details>
  );
}

function GoalBox({ live }: { live: Live }) {
  const own = useLearnWords();
  const { language } = usePage();
  const { ask, room } = useClassroom();
  const { goal, checks, checking } = live;
  if (!goal) return null;
  const [service, listener] = [endpointText(goal.service), endpointText(goal.listener)];
  return (
    <section class={`goal${checks?.reached ? " reached" : ""}`} aria-labelledby="goal-title">
      <h2 id="goal-title">{own.goal}</h2>
      <p>{goal.target === undefined ? own.goalService(service, listener) : own.goalProxy(service, listener, goal.target)}</p>
      <ul class="goal-list">
        {Object.entries(goal.wanted).map(([vantage, wanted]) => (
          <GoalItem key={vantage} vantage={vantage} wanted={wanted} check={checks?.checks.find((each) => each.vantage === vantage)} />
        ))}
      </ul>
      <div class="step-actions">
        <button type="button" class="button primary" disabled={checking || room.ended} onClick={() => ask?.({ do: "check" })}>
          {checking ? own.checking : own.check}
        </button>
        <p role="status" class="goal-state">
          {checks && !checking && (
            <span class={`badge ${checks.reached ? "s-held" : "s-violated"}`}>{checks.reached ? own.goalReached : own.goalMissed}</span>
          )}
        </p>
      </div>
      <FaultOf request="check" />
      {checks?.hint && !checks.reached && (
        <p class="goal-hint">
          <strong>{own.hint}: </strong>
          <Sentence text={checks.hint[language]} />
        </p>
      )}
    </section>
  );
}

/** Why it is not so yet, the hint says, once for all hosts that it concerns. */
function GoalItem({ vantage, wanted, check }: { vantage: string; wanted: boolean; check: GoalCheck | undefined }) {
  const own = useLearnWords();
  const marks = { true: "s-held", false: "s-violated", undefined: "s-optional" } as const;
  return (
    <li class={marks[`${check?.ok}`]} data-vantage={vantage} data-ok={check?.ok}>
      <span>
        <strong lang="en">{vantage}</strong> {wanted ? own.mustGetIn : own.mustNotGetIn}
      </span>
      {check && <span class="hint">{own.observedAs(check.observed)}</span>}
    </li>
  );
}

function LiveFiles({ files }: { files: readonly EditedFile[] }) {
  const own = useLearnWords();
  const { ask, room } = useClassroom();
  const [drafts, setDrafts] = useState(files);
  const changed = drafts.some(({ text }, at) => text !== files[at]?.text);
  if (files.length === 0) return null;
  return (
    <details class="fold live-files">
      <summary>{own.filesOfServer}</summary>
      {drafts.map(({ name, text }, at) => (
        <Editor key={name} name={name} text={text} onInput={(next) => setDrafts(drafts.with(at, { name, text: next }))} />
      ))}
      <FaultOf request="use" />
      <div class="step-actions">
        <button type="button" class="button primary" disabled={!changed || room.ended} onClick={() => ask?.({ do: "use", files: drafts })}>
          {own.useFiles}
        </button>
        <button type="button" class="button quiet" disabled={!changed} onClick={() => setDrafts(files)}>
          {own.resetFiles}
        </button>
        <p class="hint" role="status">
          {changed ? "" : own.used}
        </p>
      </div>
    </details>
  );
}
