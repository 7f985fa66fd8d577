/** The prediction: on the picture, or in words. */
import { useMemo, useState } from "preact/hooks";
import { Code } from "../parts/bits.tsx";
import { hostId, networkOf } from "../parts/network.ts";
import { usePage } from "../parts/page.tsx";
import { type Frame, firstCellsOf, forwardOf, type Scene, sceneAt } from "./player.ts";
import { type Compared, candidates, compared, type Guess, score } from "./prediction.ts";
import { ServerFiles } from "./server-files.tsx";
import { Stage } from "./stage.tsx";
import { useLearnWords } from "./words.ts";

interface GuessPanelProps {
  frames: readonly Frame[];
  at: number;
  before: Guess | undefined;
  onGuess(hosts: Guess): void;
  onSkip(): void;
}

export function GuessPanel({ frames, at, before, onGuess, onSkip }: GuessPanelProps) {
  const own = useLearnWords();
  const [chosen, setChosen] = useState<Guess>(before ?? []);
  const scene = sceneAt(frames, at);
  const network = useMemo(() => networkOf(scene.topology), [scene.topology]);
  const toggle = (host: string) => setChosen(chosen.includes(host) ? chosen.filter((each) => each !== host) : [...chosen, host]);
  return (
    <div class="guess-panel">
      <p class="hint">{own.predictHint}</p>
      <div class="stage-columns">
        <Stage
          network={network}
          firewalls={new Set(scene.server?.filtered ? [hostId("server")] : [])}
          label={own.picture([...network.nodes.values()].map(({ name }) => name).join(", "))}
          guess={{ chosen, toggle }}
        />
        <div class="beside">
          <Asked scene={scene} />
          {scene.server && <ServerFiles files={scene.server.files} accounts={[]} />}
        </div>
      </div>
      <div class="step-actions">
        <button type="button" class="button primary" onClick={() => onGuess(chosen)}>
          {own.thatIsMyPrediction}
        </button>
        <button type="button" class="button quiet" onClick={onSkip}>
          {own.skipPrediction}
        </button>
        {chosen.length === 0 && <p class="hint">{own.nobody}</p>}
      </div>
    </div>
  );
}

/** The command of the forward that is told of. */
export function Asked({ scene: { asked } }: { scene: Pick<Scene, "asked"> }) {
  const own = useLearnWords();
  if (!asked) return null;
  if (asked.type === "served") return <p>{own.serves(asked.host, asked.port)}</p>;
  return (
    <p class="asked">
      <span class="prompt">{asked.from}$</span> <Code>{`ssh ${asked.ssh}`}</Code>
    </p>
  );
}

export function ThoughtPanel({ before, onDone }: { before: string; onDone(text: string): void }) {
  const own = useLearnWords();
  const [text, setText] = useState(before);
  return (
    <div class="thought-panel">
      <p class="hint">{own.noPicture}</p>
      <label class="field">
        <span class="label">{own.writeDown}</span>
        <textarea rows={3} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      <div class="step-actions">
        <button type="button" class="button primary" onClick={() => onDone(text.trim())}>
          {own.thought}
        </button>
      </div>
    </div>
  );
}

/** The prediction beside what happened, host by host. */
export function Comparison({ frames, at, id, guess }: { frames: readonly Frame[]; at: number; id: number; guess: Guess | undefined }) {
  const own = useLearnWords();
  const { topology } = sceneAt(frames, at);
  const cells = firstCellsOf(frames, id);
  const rows = compared(candidates(topology, cells), guess ?? [], cells);
  const { right, of } = score(rows);
  return (
    <div class="comparison">
      {guess && <p class="score">{own.score(right, of)}</p>}
      <table class="plain">
        <caption class="vh">{forwardOf(frames, id)?.name ?? own.compared}</caption>
        <thead>
          <tr>
            {(guess ? own.columns : [own.columns[0], own.columns[2]]).map((name, column) =>
              name === "" ? (
                <th key={column} scope="col">
                  <span class="vh">{own.compared}</span>
                </th>
              ) : (
                <th key={column} scope="col">
                  {name}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <ComparedRow key={row.host} row={row} guessed={guess !== undefined} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ComparedRow({ row: { host, guessed: said, got, right }, guessed }: { row: Compared; guessed: boolean }) {
  const own = useLearnWords();
  const { language } = usePage();
  const verdicts = { true: ["s-held", own.right], false: ["s-violated", own.wrong] } as const;
  const [mark, word] = verdicts[`${right}` as "true"] ?? ["s-optional", own.notJudged];
  return (
    <tr data-host={host} data-got={got}>
      <th scope="row" lang="en">
        {host}
      </th>
      {guessed && <td lang={language}>{said ? own.getsIn : own.staysOut}</td>}
      <td class={`got got-${got}`}>{own.got[got]}</td>
      {guessed && (
        <td>
          <span class={`badge ${mark}`}>{word}</span>
        </td>
      )}
    </tr>
  );
}
