/** What a frame says: in full while it is shown, in one line afterwards. */
import type { ComponentChildren } from "preact";
import type { ResultCell, ResultForward } from "../../core/result.ts";
import { toldIn } from "../../report/in-language.ts";
import { placeText } from "../../report/words.ts";
import { Block, Code, Quote, Sentence } from "../parts/bits.tsx";
import type { Leg } from "../parts/legs.ts";
import { usePage } from "../parts/page.tsx";
import { LegList } from "../parts/way.tsx";
import { bindingOf } from "./binding.ts";
import type { Frame, Shown } from "./player.ts";
import type { Guess } from "./prediction.ts";
import { Comparison } from "./prediction-view.tsx";
import { ServerFiles } from "./server-files.tsx";
import type { LearnWords } from "./word-table.ts";
import { useLearnWords } from "./words.ts";

interface FrameTextProps {
  frames: readonly Frame[];
  at: number;
  legs: readonly Leg[];
  /** The packet has arrived. */
  settled: boolean;
  matters: ReadonlySet<string>;
  guess: Guess | undefined;
}

export function FrameText(props: FrameTextProps) {
  const own = useLearnWords();
  const frame = props.frames[props.at] as Frame;
  return (
    <>
      <h2>{titleOf(frame.shown, own)}</h2>
      <Body {...props} shown={frame.shown} />
    </>
  );
}

function titleOf(shown: Shown, own: LearnWords): string {
  switch (shown.type) {
    case "server":
      return own.serverRuns;
    case "asked":
      return own.asks(shown.from, shown.account);
    case "opened":
      return openedTitle(shown.forward, own);
    case "served":
      return own.serves(shown.host, shown.port);
    case "probe":
      return own.connects(whoOf(shown.cells[0]), shown.cells[0].target);
    case "predict":
      return own.whoGetsIn;
    case "compared":
      return own.compared;
    case "closed":
      return own.closes;
    case "command":
      return own.ranOn(shown.host);
    case "change":
      return own.changed[shown.what](shown.at);
    case "experiment-over":
      return own.claim(shown.held);
  }
}

function openedTitle({ granted, listensOn, listeners }: ResultForward, own: LearnWords): string {
  if (granted === false) return own.refuses;
  return listensOn === null || listeners.length === 0 ? own.nothingListens : own.nowListens(listensOn);
}

function whoOf({ vantage, as }: ResultCell): string {
  return as === undefined ? vantage : `${as}@${vantage}`;
}

function Body(props: FrameTextProps & { shown: Shown }): ComponentChildren {
  const { shown, frames, at, legs, settled, matters, guess } = props;
  switch (shown.type) {
    case "server":
      return <ServerFiles files={shown.files} accounts={shown.accounts} matters={matters} />;
    case "asked":
      return (
        <p class="asked">
          <span class="prompt">{shown.from}$</span> <Code>{`ssh ${shown.ssh}`}</Code>
        </p>
      );
    case "opened":
    case "served":
      return <Opened forward={shown.forward} />;
    case "probe":
      return <Probe cells={shown.cells} legs={legs} settled={settled} />;
    case "compared":
      return <Comparison frames={frames} at={at} id={shown.id} guess={guess} />;
    case "command":
      return <Ran {...shown} />;
    case "change":
      return (
        shown.detail !== "" && (
          <p>
            <Code>{shown.detail}</Code>
          </p>
        )
      );
    case "experiment-over":
      return <Claim {...shown} />;
    default:
      return null;
  }
}

function Opened({ forward: given }: { forward: ResultForward }) {
  const own = useLearnWords();
  const { language } = usePage();
  const forward = toldIn(given, language);
  const binding = bindingOf(forward.listeners);
  return (
    <>
      {forward.listeners.length > 0 && (
        <p class="sockets">
          {forward.listeners.map((socket) => (
            <span key={socket} class="socket">
              <Code>{socket}</Code>
            </span>
          ))}
        </p>
      )}
      {forward.listensOn !== null && binding !== "some" && <p>{own.boundTo[binding](forward.listensOn)}</p>}
      <Cause cause={forward.decidedBy} />
    </>
  );
}

function Cause({ cause }: { cause: ResultForward["decidedBy"] | ResultCell["unproven"] }) {
  const { words } = usePage();
  if (!cause) return null;
  return (
    <div class="why">
      <p>
        {"layer" in cause && <span class="layer">{words.layer[cause.layer]}</span>}
        <Sentence text={cause.text} />
      </p>
      {(cause.rule !== undefined || cause.file !== undefined) && <Quote {...cause} />}
    </div>
  );
}

function Probe({ cells, legs, settled }: { cells: readonly [ResultCell, ...ResultCell[]]; legs: readonly Leg[]; settled: boolean }) {
  const own = useLearnWords();
  const { words, language } = usePage();
  const cell = toldIn(cells[0], language);
  const others = cells.slice(1);
  if (!settled) return <p class="hint">…</p>;
  return (
    <>
      <p class={`probe-verdict v-${cell.observed}`}>
        <span class="probe-word">{words.verdict[cell.observed]}</span>
      </p>
      {others.length > 0 && (
        <p class="hint" title={others.map(({ target }) => target).join(", ")}>
          {own.others(others.length)}: <span lang="en">{others.map(({ target }) => target).join(", ")}</span>
        </p>
      )}
      <Cause cause={cell.decidedBy ?? cell.unproven} />
      <LegList cell={cell} legs={legs} />
    </>
  );
}

function Ran({ host, argv, code, stdout, stderr }: Extract<Shown, { type: "command" }>) {
  const own = useLearnWords();
  const output = [stdout, stderr].filter((text) => text.trim() !== "").join("\n");
  return (
    <>
      <p class="asked">
        <span class="prompt">{host}$</span> <Code>{typed(argv)}</Code>
      </p>
      {output === "" ? <p class="hint">{own.noOutput}</p> : <Block text={output.trimEnd()} label={own.ranOn(host)} />}
      <p class="hint">{own.exit(code)}</p>
    </>
  );
}

/** As one would type it; what a shell is given is what one types. */
function typed(argv: readonly string[]): string {
  const [shell, option, script] = argv;
  if (argv.length === 3 && shell === "sh" && option === "-c" && script !== undefined) return script;
  return argv.map(quoted).join(" ");
}

function quoted(argument: string): string {
  return /^[\w@%+=:,./[\]-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

/** An experiment has its name in English alone: elsewhere, what it shows stands under "Why", in the lesson's words. */
function Claim({ name, held, message }: Extract<Shown, { type: "experiment-over" }>) {
  const own = useLearnWords();
  const { language } = usePage();
  return (
    <>
      {language === "en" && <blockquote class={`claim ${held ? "s-held" : "s-violated"}`}>{name}</blockquote>}
      {message !== undefined && <Block text={message} label={own.claim(held)} />}
    </>
  );
}

/** What becomes of a packet is told when it has arrived. */
export function FrameLine({ frame: { shown }, settled }: { frame: Frame; settled: boolean }) {
  const own = useLearnWords();
  const { words, language } = usePage();
  switch (shown.type) {
    case "asked":
      return (
        <>
          <span class="prompt">{shown.from}$</span> <Code>{`ssh ${shown.ssh}`}</Code>
        </>
      );
    case "probe": {
      const [cell] = shown.cells;
      const place = cell.observed === "reached" ? "" : placeText(cell.decidedBy ?? {});
      return (
        <span class={`line-probe${settled ? ` v-${cell.observed}` : ""}`}>
          {whoOf(cell)} → <Code>{cell.target}</Code>
          {shown.cells.length > 1 && <span class="line-place"> {own.andOthers(shown.cells.length - 1)}</span>}{" "}
          {settled && (
            <>
              <span class="probe-word">{cell.observed}</span>
              {place !== "" && <span class="line-place"> {place}</span>}
              <span class="vh"> {words.verdict[cell.observed]}</span>
            </>
          )}
        </span>
      );
    }
    case "command":
      return (
        <>
          <span class="prompt">{shown.host}$</span> <Code>{typed(shown.argv)}</Code>
        </>
      );
    case "experiment-over":
      return (
        <>
          {own.claim(shown.held)}
          {language === "en" && `: ${shown.name}`}
        </>
      );
    default:
      return <>{titleOf(shown, own)}</>;
  }
}
