/** An exercise: a task, files and ssh arguments to edit, and what a real run makes of them. */
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Exercise, Grade } from "../../core/lesson.ts";
import type { Result } from "../../core/result.ts";
import { inLanguage } from "../../report/in-language.ts";
import { Section, Sentence, useFocus } from "../parts/bits.tsx";
import { useCloseCell } from "../parts/close-cell.ts";
import { ErrorText } from "../parts/error-text.tsx";
import { Evidence } from "../parts/evidence.tsx";
import { firewallsOf, legsOf } from "../parts/legs.ts";
import { Matrix, nameOfCell } from "../parts/matrix.tsx";
import { networkOf } from "../parts/network.ts";
import { usePage } from "../parts/page.tsx";
import { useClassroom } from "./classroom.tsx";
import { Editor } from "./editor.tsx";
import { FaultOf, labErrors } from "./fault.tsx";
import type { Draft } from "./notebook.ts";
import { notebook } from "./own-notebook.ts";
import { useLearnWords } from "./words.ts";

export function ExercisePage({ exercise, next }: { exercise: Exercise; next: Exercise | undefined }) {
  const own = useLearnWords();
  const { language } = usePage();
  const { room, ask, hrefOf, mark } = useClassroom();
  const title = useFocus<HTMLHeadingElement>(exercise.name);
  const [draft, setDraft] = useState<Draft>(() => notebook.draftOf(exercise));
  const { files, commands } = draft;
  const change = (next: Draft) => {
    notebook.keepDraft(exercise, next);
    setDraft(next);
  };
  const grade = room.grade?.exercise === exercise.name ? room.grade : undefined;
  const grading = room.grading !== undefined;
  const passed = grade?.result?.outcome === "pass";
  useEffect(() => {
    if (passed) mark("exercises", exercise.name);
  }, [passed, mark, exercise.name]);
  return (
    <article class="lesson exercise">
      <p class="crumbs">
        <a href={hrefOf()}>← {own.back}</a>
      </p>
      <h1 tabIndex={-1} ref={title}>
        <Sentence text={exercise.title[language]} />
      </h1>
      <p class="lead">
        <Sentence text={exercise.task[language]} />
      </p>
      <div class="exercise-files">
        {files.map(({ name, text }, at) => (
          <Editor
            key={name}
            name={name}
            text={text}
            fault={grade?.error?.place?.file === name ? grade.error.place.line : undefined}
            onInput={(next) => change({ commands, files: files.with(at, { name, text: next }) })}
          />
        ))}
      </div>
      {Object.keys(commands).length > 0 && (
        <fieldset class="exercise-commands">
          <legend>{own.commands}</legend>
          {Object.entries(commands).map(([forward, text]) => (
            <label key={forward} class="field">
              <span class="label" lang="en">
                {own.commandOf(forward)}
              </span>
              <input
                type="text"
                class="code"
                lang="en"
                value={text}
                spellcheck={false}
                autocapitalize="off"
                autocomplete="off"
                onInput={(event) => change({ files, commands: { ...commands, [forward]: event.currentTarget.value } })}
              />
            </label>
          ))}
        </fieldset>
      )}
      <div class="step-actions">
        <button
          type="button"
          class="button primary"
          disabled={grading || room.ended}
          onClick={() => ask?.({ do: "grade", exercise: exercise.name, files, commands })}
        >
          {own.grade}
        </button>
        <button type="button" class="button quiet" onClick={() => change(exercise)}>
          {own.resetFiles}
        </button>
        <p role="status" class="hint">
          {grading && own.grading}
        </p>
      </div>
      <FaultOf request="grade" />
      {grade && !grading && <Graded grade={grade} next={next} />}
    </article>
  );
}

const marks = { pass: "s-held", fail: "s-violated", inconclusive: "s-inconclusive" } as const;

function Graded({ grade: { result, error, hints }, next }: { grade: Grade; next: Exercise | undefined }) {
  const own = useLearnWords();
  const { language } = usePage();
  const { hrefOf } = useClassroom();
  const says = { pass: own.passed, fail: own.notPassed, inconclusive: own.unknown } as const;
  return (
    <>
      {error && (
        <div class="fault-box" role="alert">
          <p>
            <strong>{own.unreadable}</strong>
          </p>
          <ErrorText error={error} japanese={labErrors} />
        </div>
      )}
      {result && (
        <p role="status" class="grade">
          <span class={`badge ${marks[result.outcome]}`}>{says[result.outcome]}</span>
        </p>
      )}
      {result?.outcome === "pass" && (
        <p class="step-actions">
          <a class="button primary" href={next ? hrefOf("exercise", next.name) : hrefOf()}>
            <span>
              <Sentence text={next ? own.nextExercise(next.title[language]) : own.back} />
            </span>
          </a>
        </p>
      )}
      {result?.outcome !== "pass" && <Hints hints={hints} />}
      {result && <GradedMatrix result={result} />}
    </>
  );
}

/** One after the other: each tells more than the one before. */
function Hints({ hints }: { hints: Grade["hints"] }) {
  const own = useLearnWords();
  const { language } = usePage();
  const [shown, setShown] = useState(0);
  useEffect(() => setShown(0), [hints]);
  if (hints.length === 0) return null;
  return (
    <section class="hints" aria-label={own.hints}>
      <ol aria-live="polite">
        {hints.slice(0, shown).map((hint, at) => (
          <li key={at}>
            <Sentence text={hint[language]} />
          </li>
        ))}
      </ol>
      {shown < hints.length && (
        <button type="button" class="button" onClick={() => setShown(shown + 1)}>
          {own.nextHint(hints.length - shown)}
        </button>
      )}
    </section>
  );
}

function GradedMatrix({ result: given }: { result: Result }) {
  const { words, language, state } = usePage();
  const own = useLearnWords();
  const result = useMemo(() => inLanguage(given, language), [given, language]);
  const network = useMemo(() => networkOf(result.topology, [...new Set(result.cells.map(({ vantage }) => vantage))]), [result]);
  // What would mend it is told by the hints, one after the other.
  const cell = useMemo(() => {
    const chosen = result.cells.find((each) => nameOfCell(each) === state.cell);
    if (!chosen) return undefined;
    const { remedy: _, ...told } = chosen;
    return told;
  }, [result, state.cell]);
  const forward = result.forwards.find(({ name }) => name === cell?.forward);
  const close = useCloseCell(cell);
  return (
    <Section id="matrix" title={words.matrix} hint={own.gradedBy}>
      <Matrix result={result} />
      {cell && (
        <Evidence
          name={state.cell ?? ""}
          cell={cell}
          forward={forward}
          waiver={undefined}
          legs={legsOf(result, network, cell, forward)}
          network={network}
          firewalls={firewallsOf(result)}
          onClose={close}
        />
      )}
    </Section>
  );
}
