/** A lesson, step by step: the question, the prediction, the run, why, the counter-example, and a lab to try it in. */
import { useEffect, useMemo } from "preact/hooks";
import type { Catalogue, Lesson } from "../../core/lesson.ts";
import { Sentence, useFocus } from "../parts/bits.tsx";
import { usePage } from "../parts/page.tsx";
import { useClassroom } from "./classroom.tsx";
import { Commands } from "./commands.tsx";
import { FaultOf } from "./fault.tsx";
import { notebook, useGuesses } from "./own-notebook.ts";
import { type Frame, type Reel, reelOf } from "./player.ts";
import { Player } from "./player-view.tsx";
import { GuessPanel, ThoughtPanel } from "./prediction-view.tsx";
import { lessonAfter, numberOf } from "./progress.ts";
import { TryIt } from "./try-it.tsx";
import type { Step } from "./word-table.ts";
import { useLearnWords } from "./words.ts";

const steps: readonly Step[] = ["question", "predict", "run", "why", "more", "try"];

export function LessonPage({ lesson, catalogue }: { lesson: Lesson; catalogue: Catalogue }) {
  const own = useLearnWords();
  const { state, set, language } = usePage();
  const { ask, hrefOf } = useClassroom();
  const wanted = steps.find((each) => each === state.step) ?? "question";
  const reel = useReel(lesson, wanted);
  const there = steps.filter((each) => (each === "try" ? ask !== undefined : each !== "more" || hasMore(reel)));
  const step = there.includes(wanted) ? wanted : "question";
  const number = numberOf(catalogue, lesson.name);
  const go = (to: Step) => set({ step: to === "question" ? "" : to, q: "" }, true);
  return (
    <article class="lesson">
      <p class="crumbs">
        <a href={hrefOf()}>← {own.back}</a>
        {number !== undefined && <span>{number}</span>}
      </p>
      <nav aria-label={own.steps}>
        <ol class="step-list">
          {there.map((each, at) => (
            <li key={each}>
              <button type="button" class="step-button" aria-current={each === step ? "step" : undefined} onClick={() => go(each)}>
                <span class="step-number" aria-hidden="true">
                  {at + 1}
                </span>
                <span class="step-name">{own.step[each]}</span>
              </button>
            </li>
          ))}
        </ol>
      </nav>
      <StepBody key={step} lesson={lesson} catalogue={catalogue} step={step} reel={reel} go={go} language={language} />
    </article>
  );
}

/** As far as is known. */
function hasMore({ over, experiments }: Reel): boolean {
  return over === undefined || experiments > 1;
}

/** The run of this lesson. From the prediction on there has to be one: until then nobody has to wait for a lab. */
function useReel(lesson: Lesson, step: Step): Reel {
  const { room, ask } = useClassroom();
  const { run } = room;
  const mine = run?.lesson === lesson.name;
  const wanted = step !== "question" && step !== "try" && !mine && !room.ended;
  const busy = run?.going === true;
  useEffect(() => {
    if (!wanted || !ask) return;
    // Of another lesson nothing more is needed.
    if (busy) ask({ do: "stop" });
    ask({ do: "run", lesson: lesson.name });
  }, [wanted, busy, ask, lesson.name]);
  const events = mine ? run.events : undefined;
  return useMemo(() => reelOf(events ?? []), [events]);
}

interface StepProps {
  lesson: Lesson;
  catalogue: Catalogue;
  step: Step;
  reel: Reel;
  go(step: Step): void;
  language: "en" | "ja";
}

function StepBody(props: StepProps) {
  const own = useLearnWords();
  const { step, lesson } = props;
  const title = useFocus<HTMLHeadingElement>(step);
  const headings: Record<Step, string> = {
    question: lesson.question[props.language],
    predict: own.whoGetsIn,
    run: own.step.run,
    why: lesson.title[props.language],
    more: own.step.more,
    try: own.step.try,
  };
  const asksWho = firstGuess(props.reel) !== undefined || !props.reel.firstIsOver;
  const heading = step === "predict" && !asksWho ? own.writeDown : headings[step];
  return (
    <section class={`step step-${step}`} aria-labelledby="step-title">
      <h1 id="step-title" tabIndex={-1} ref={title}>
        <Sentence text={heading} />
      </h1>
      <StepContent {...props} />
    </section>
  );
}

function StepContent(props: StepProps) {
  switch (props.step) {
    case "question":
      return <Question {...props} />;
    case "predict":
      return <Prediction {...props} />;
    case "run":
      return <Running {...props} />;
    case "why":
      return <Why {...props} />;
    case "more":
      return <More {...props} />;
    case "try":
      return <TryIt lesson={props.lesson} />;
  }
}

function Question({ lesson, go }: StepProps) {
  const own = useLearnWords();
  return (
    <>
      <Commands commands={lesson.commands} />
      <div class="step-actions">
        <button type="button" class="button primary" onClick={() => go("predict")}>
          {own.next}
        </button>
      </div>
    </>
  );
}

function firstGuess({ frames }: Reel): Frame | undefined {
  return frames.find(({ experiment, shown }) => experiment === 0 && shown.type === "predict");
}

function Prediction({ lesson, reel, go, language }: StepProps) {
  const { ask } = useClassroom();
  const { guessOf, guess } = useGuesses(lesson.name);
  const first = firstGuess(reel);
  const again = () => ask?.({ do: "run", lesson: lesson.name });
  return (
    <>
      <p class="lead">
        <Sentence text={[lesson.question[language], lesson.predict[language]].join(language === "ja" ? "" : " ")} />
      </p>
      <FaultOf request="run" again={again} />
      {first?.shown.type === "predict" && (
        <GuessPanel
          frames={reel.frames}
          at={reel.frames.indexOf(first)}
          before={guessOf(first.shown.id)}
          onGuess={(hosts) => {
            if (first.shown.type === "predict") guess(first.shown.id, hosts);
            go("run");
          }}
          onSkip={() => go("run")}
        />
      )}
      {!first && reel.firstIsOver && (
        <ThoughtPanel
          before={notebook.thoughtOf(lesson.name)}
          onDone={(text) => {
            notebook.think(lesson.name, text);
            go("run");
          }}
        />
      )}
      {!first && !reel.firstIsOver && <Waiting />}
    </>
  );
}

function Waiting() {
  const own = useLearnWords();
  const { room } = useClassroom();
  if (room.ended || room.faults.run) return null;
  return (
    <p class="waiting" role="status">
      {own.preparing}
    </p>
  );
}

function Running({ lesson, reel, go }: StepProps) {
  const own = useLearnWords();
  const { ask } = useClassroom();
  const frames = reel.frames.filter(({ experiment }) => experiment === 0);
  const thought = notebook.thoughtOf(lesson.name);
  return (
    <>
      <FaultOf request="run" again={() => ask?.({ do: "run", lesson: lesson.name })} />
      {thought !== "" && (
        <p class="thought">
          <strong>{own.yourThought}: </strong>
          {thought}
        </p>
      )}
      {frames.length === 0 ? <Waiting /> : <Player lesson={lesson.name} frames={frames} complete={reel.firstIsOver} />}
      <div class="step-actions">
        <button type="button" class="button primary" onClick={() => go("why")}>
          {own.next}
        </button>
      </div>
    </>
  );
}

function Why({ lesson, reel, go, language, catalogue }: StepProps) {
  const own = useLearnWords();
  const { mark } = useClassroom();
  const seen = reel.frames.length > 0;
  useEffect(() => {
    if (seen) mark("lessons", lesson.name);
  }, [seen, mark, lesson.name]);
  return (
    <>
      <div class="why-columns">
        <section aria-labelledby="seen-title">
          <h2 id="seen-title">{own.seen}</h2>
          <p>
            <Sentence text={lesson.seen[language]} />
          </p>
        </section>
        <section aria-labelledby="why-title">
          <h2 id="why-title">{own.why}</h2>
          <p>
            <Sentence text={lesson.why[language]} />
          </p>
        </section>
      </div>
      <Outcome reel={reel} />
      <Onward lesson={lesson} catalogue={catalogue} more={hasMore(reel)} go={go} language={language} />
    </>
  );
}

function Outcome({ reel: { over } }: { reel: Reel }) {
  const own = useLearnWords();
  if (!over) return null;
  const marks = { true: ["s-held", own.overHeld], false: ["s-violated", own.overBroken] } as const;
  const [mark, text] = marks[`${over.held}` as "true"] ?? ["s-inconclusive", own.overUnknown];
  return (
    <div class="outcome" role="status">
      <p class={`badge ${mark}`}>{text}</p>
      {over.why.length > 0 && (
        <ul lang="en">
          {over.why.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

function More({ lesson, reel, go, language, catalogue }: StepProps) {
  const own = useLearnWords();
  const { ask } = useClassroom();
  const frames = reel.frames.filter(({ experiment }) => experiment > 0);
  return (
    <>
      <p class="lead">{own.moreHint}</p>
      <FaultOf request="run" again={() => ask?.({ do: "run", lesson: lesson.name })} />
      {frames.length > 0 && <Player lesson={lesson.name} frames={frames} complete={reel.over !== undefined} />}
      {frames.length === 0 && <Waiting />}
      <Onward lesson={lesson} catalogue={catalogue} more={false} go={go} language={language} />
    </>
  );
}

/** What comes after it, the likeliest first. @param more the counter-example is still to be seen */
function Onward({ lesson, catalogue, more, go, language }: Omit<StepProps, "step" | "reel"> & { more: boolean }) {
  const own = useLearnWords();
  const { ask, hrefOf } = useClassroom();
  const after = lessonAfter(catalogue, lesson.name);
  return (
    <div class="step-actions">
      {more && (
        <button type="button" class="button primary" onClick={() => go("more")}>
          {own.step.more}
        </button>
      )}
      {ask && (
        <button type="button" class={more ? "button" : "button primary"} onClick={() => go("try")}>
          {own.step.try}
        </button>
      )}
      {after && (
        <a class={more || ask ? "button quiet" : "button primary"} href={hrefOf("lesson", after.name)}>
          <span>
            <Sentence text={own.nextLesson(after.question[language])} />
          </span>
        </a>
      )}
    </div>
  );
}
