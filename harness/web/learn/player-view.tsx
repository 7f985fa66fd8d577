/** Shows a run at a person's pace: one frame after the other, packets moving leg by leg along the way that the lab recorded. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { toldIn } from "../../report/in-language.ts";
import { Segments } from "../parts/bits.tsx";
import { firewallsOf, type Leg, legsOf } from "../parts/legs.ts";
import { hostId, type Network, networkOf } from "../parts/network.ts";
import { type Page, usePage } from "../parts/page.tsx";
import { LegLegend } from "../parts/way.tsx";
import { bindingOf, type Ports } from "./binding.ts";
import { FrameLine, FrameText } from "./frame-view.tsx";
import { useCountdown, useReducedMotion } from "./motion.ts";
import { useGuesses } from "./own-notebook.ts";
import { type Frame, forwardOf, linesThatMatter, type Scene, sceneAt } from "./player.ts";
import { type Got, gotOf } from "./prediction.ts";
import { GuessPanel } from "./prediction-view.tsx";
import { Stage, type Travel } from "./stage.tsx";
import { useLearnWords } from "./words.ts";

interface PlayerProps {
  lesson: string;
  frames: readonly Frame[];
  /** No more will come. */
  complete: boolean;
}

const speeds = ["0.5", "1", "2"] as const;
type Speed = (typeof speeds)[number];

/** Milliseconds at the usual speed: of a leg on the network, and of one inside of a host. */
const legTime = { far: 1100, near: 450 };

export function Player({ lesson, frames, complete }: PlayerProps) {
  const own = useLearnWords();
  const { guessOf, guess } = useGuesses(lesson);
  const still = useReducedMotion();
  const [speed, setSpeed] = useState<Speed>("1");
  const [skipped, setSkipped] = useState<ReadonlySet<number>>(new Set());
  const answered = (id: number) => skipped.has(id) || guessOf(id) !== undefined;
  const [at, setAt] = useState(() => startOf(frames, (id) => guessOf(id) !== undefined));
  const [playing, setPlaying] = useState(() => !still);
  const frame = frames[at] as Frame;
  const asks = frame.shown.type === "predict" && !answered(frame.shown.id);
  const next = nextFrame(frames, at, answered);
  const { legs, network } = useWay(frames, at);
  const [gone, setGone] = useState(0);
  const far = legs.filter(({ state }) => state !== "untried").length;
  const shownLegs = still ? far : Math.min(gone, far);
  const moving = shownLegs < far;
  const go = (to: number | undefined) => {
    if (to === undefined) return;
    setAt(to);
    setGone(0);
    if (stops(frames[to], answered)) setPlaying(false);
  };
  const pace = Number(speed);
  const leg = legs[shownLegs];
  const ms = (moving && leg ? timeOf(leg) : holdOf(frame)) / pace;
  useCountdown(`${at} ${shownLegs} ${speed}`, ms, playing && !asks && (moving || next !== undefined), () => {
    if (moving) setGone(shownLegs + 1);
    else go(next);
  });
  const step = () => {
    if (moving) {
      setGone(far);
      setPlaying(false);
    } else {
      setPlaying(false);
      go(next);
    }
  };
  if (asks && frame.shown.type === "predict") {
    const { id } = frame.shown;
    const goOn = () => {
      go(nextFrame(frames, at, () => true));
      setPlaying(!still);
    };
    return (
      <div class="player asking">
        <h2>{own.whoGetsIn}</h2>
        <GuessPanel
          key={id}
          frames={frames}
          at={at}
          before={undefined}
          onGuess={(hosts) => {
            guess(id, hosts);
            goOn();
          }}
          onSkip={() => {
            setSkipped(new Set([...skipped, id]));
            goOn();
          }}
        />
      </div>
    );
  }
  const scene = sceneAt(frames, at);
  const atEnd = next === undefined && !moving;
  const travels: Travel[] = moving && leg ? [{ key: `${at} ${shownLegs}`, leg, ms: timeOf(leg) / pace, paused: !playing }] : [];
  return (
    <section class="player" aria-label={own.player}>
      <div class="stage-columns">
        <div class="player-stage">
          <Stage
            network={network}
            firewalls={firewallsIn(scene)}
            legs={legs.slice(0, shownLegs)}
            family={frame.shown.type === "probe" ? frame.shown.cells[0].family : 4}
            label={own.picture([...network.nodes.values()].map(({ name }) => name).join(", "))}
            listeners={portsOf(scene)}
            results={resultsOf(scene, frame, moving)}
            travels={travels}
          />
          <LegLegend />
          <Controls
            playing={playing && !atEnd}
            atEnd={atEnd}
            onPlay={() => {
              if (atEnd) go(startOf(frames, answered));
              setPlaying(true);
            }}
            onPause={() => setPlaying(false)}
            onStep={step}
            onStart={() => {
              go(0);
              setPlaying(false);
            }}
            speed={speed}
            onSpeed={setSpeed}
          />
        </div>
        <div class="beside">
          <div class="now" aria-live="polite">
            <FrameText
              key={at}
              frames={frames}
              at={at}
              legs={legs}
              settled={!moving}
              matters={linesThatDecide(frames, frame.experiment, answered)}
              guess={frame.shown.type === "compared" ? guessOf(frame.shown.id) : undefined}
            />
          </div>
          {atEnd && (
            <p class="hint" role="status">
              {complete ? own.reelEnd : own.atWork}
            </p>
          )}
        </div>
        <Log frames={frames} at={at} settled={!moving} onChoose={go} />
      </div>
    </section>
  );
}

const noLines: ReadonlySet<string> = new Set();

/** Who has yet to predict is not told. */
function linesThatDecide(frames: readonly Frame[], experiment: number, answered: (id: number) => boolean): ReadonlySet<string> {
  const open = frames.some(({ experiment: of, shown }) => of === experiment && shown.type === "predict" && !answered(shown.id));
  return open ? noLines : linesThatMatter(frames, experiment);
}

function firewallsIn({ server, probed }: Scene): Set<string> {
  return new Set([...firewallsOf({ cells: probed }), ...(server?.filtered ? [hostId("server")] : [])]);
}

/** After what was shown when the first prediction was made. */
function startOf(frames: readonly Frame[], answered: (id: number) => boolean): number {
  const first = frames.findIndex(({ shown }) => shown.type === "predict");
  const shown = frames[first]?.shown;
  return shown?.type === "predict" && answered(shown.id) && first + 1 < frames.length ? first + 1 : 0;
}

/** A question that is answered is passed over. */
function nextFrame(frames: readonly Frame[], at: number, answered: (id: number) => boolean): number | undefined {
  const to = frames.findIndex(({ shown }, index) => index > at && !(shown.type === "predict" && answered(shown.id)));
  return to === -1 ? undefined : to;
}

/** Here a person reads as long as it takes. */
function stops(frame: Frame | undefined, answered: (id: number) => boolean): boolean {
  const shown = frame?.shown;
  return shown?.type === "compared" || (shown?.type === "predict" && !answered(shown.id));
}

function timeOf(leg: Leg): number {
  return leg.way.length < 2 ? legTime.near : legTime.far;
}

/** Milliseconds to read what a frame says. */
function holdOf({ shown }: Frame): number {
  switch (shown.type) {
    case "server":
      return 3500;
    case "probe":
      return shown.cells[0].observed === "reached" ? 1600 : 3000;
    case "command":
      return 3500;
    case "closed":
      return 1200;
    default:
      return 2400;
  }
}

/** Of the probe that is shown: its legs, in the learner's language. */
function useWay(frames: readonly Frame[], at: number): { legs: readonly Leg[]; network: Network } {
  const { language } = usePage();
  const frame = frames[at];
  const topology = frame?.topology;
  const network = useMemo(() => networkOf(topology ?? { lans: {}, routers: {}, hosts: {} }), [topology]);
  const legs = useMemo(() => waysOf(frame, network, frames, language), [frame, network, frames, language]);
  return { legs, network };
}

const noLegs: readonly Leg[] = [];

function waysOf(frame: Frame | undefined, network: Network, frames: readonly Frame[], language: Page["language"]): readonly Leg[] {
  if (frame?.shown.type !== "probe") return noLegs;
  const { shown, topology } = frame;
  const forward = forwardOf(frames, shown.id);
  const legs = legsOf({ topology }, network, toldIn(shown.cells[0], language), forward);
  // A service that is reached without a tunnel has but the visitor's leg.
  return forward?.ssh === "" ? legs.slice(0, 1) : legs;
}

function portsOf({ open }: Scene): Map<string, Ports> {
  const byHost = Map.groupBy([...open.values()], ({ listensOn }) => listensOn);
  return new Map(
    [...byHost].flatMap(([host, forwards]): [string, Ports][] => {
      if (host === null) return [];
      const sockets = forwards.flatMap(({ listeners }) => listeners);
      const ports = sockets.flatMap((socket) => /:(\d+)$/.exec(socket)?.[1] ?? []);
      return [[host, { ports: [...new Set(ports)], binding: bindingOf(sockets) }]];
    }),
  );
}

/** Who has got in so far; of the packet that still moves nothing is told. */
function resultsOf({ probed }: Scene, { shown }: Frame, moving: boolean): Map<string, Got> {
  const late = moving && shown.type === "probe" ? new Set(shown.cells) : new Set();
  const known = probed.filter((cell) => !late.has(cell));
  return new Map([...Map.groupBy(known, ({ vantage }) => vantage)].map(([host, cells]) => [host, gotOf(cells)]));
}

interface ControlsProps {
  playing: boolean;
  atEnd: boolean;
  onPlay(): void;
  onPause(): void;
  onStep(): void;
  onStart(): void;
  speed: Speed;
  onSpeed(speed: Speed): void;
}

function Controls({ playing, atEnd, onPlay, onPause, onStep, onStart, speed, onSpeed }: ControlsProps) {
  const own = useLearnWords();
  return (
    <div class="controls no-print">
      <button type="button" class="button" onClick={onStart}>
        <span aria-hidden="true">↺ </span>
        {own.fromStart}
      </button>
      <button type="button" class="button primary play" onClick={playing ? onPause : onPlay}>
        <span aria-hidden="true">{playing ? "❙❙ " : "▶ "}</span>
        {playing ? own.pause : own.play}
      </button>
      <button type="button" class="button step-on" onClick={onStep} disabled={atEnd}>
        {own.stepOn}
        <span aria-hidden="true"> →</span>
      </button>
      <Segments label={own.speed} value={speed} choices={speeds.map((value) => ({ value, label: `${value}×` }))} onChange={onSpeed} />
    </div>
  );
}

function Log({ frames, at, settled, onChoose }: { frames: readonly Frame[]; at: number; settled: boolean; onChoose(at: number): void }) {
  const own = useLearnWords();
  const seen = frames.slice(0, at + 1);
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    if (list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [at]);
  return (
    <details class="log" open>
      <summary>
        {own.soFar} <span class="count">{own.frameOf(at + 1, frames.length)}</span>
      </summary>
      <ol ref={list}>
        {seen.map((frame, index) =>
          frame.shown.type === "predict" ? null : (
            <li key={index}>
              <button type="button" class="log-line" aria-current={index === at ? "true" : undefined} onClick={() => onChoose(index)}>
                <FrameLine frame={frame} settled={settled || index < at} />
              </button>
            </li>
          ),
        )}
      </ol>
    </details>
  );
}
