/** The page: the start, a lesson or an exercise, as the address says. */
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Block, CopyButton, LanguageButton, Sentence } from "../parts/bits.tsx";
import { Logo } from "../parts/frame.tsx";
import { usePage } from "../parts/page.tsx";
import { useClassroom } from "./classroom.tsx";
import { ExercisePage } from "./exercise.tsx";
import { LessonPage } from "./lesson.tsx";
import { Start } from "./start.tsx";
import { useLearnWords } from "./words.ts";

const command = "forwardlab learn";

export function LearnPage() {
  const own = useLearnWords();
  const { state, language } = usePage();
  const { room, ask } = useClassroom();
  const { catalogue, ended } = room;
  // An exported page is about the lesson whose run it holds.
  const wanted = ask ? state.lesson : room.run?.lesson;
  const lesson = catalogue?.lessons.find(({ name }) => name === wanted);
  const exercise = catalogue?.exercises.find(({ name }) => name === state.exercise);
  const nextExercise = catalogue?.exercises[exercise ? catalogue.exercises.indexOf(exercise) + 1 : 0];
  const title = lesson?.title[language] ?? exercise?.title[language] ?? own.title;
  useEffect(() => {
    document.title = `${title.replaceAll("`", "")} – forwardlab`;
  }, [title]);
  return (
    <Frame>
      {ended && <Ended />}
      {!catalogue && !ended && (
        <p class="waiting" role="status">
          <Sentence text={own.connecting} />
        </p>
      )}
      {catalogue && lesson && <LessonPage key={lesson.name} lesson={lesson} catalogue={catalogue} />}
      {catalogue && exercise && !lesson && <ExercisePage key={exercise.name} exercise={exercise} next={nextExercise} />}
      {catalogue && !lesson && !exercise && <Start catalogue={catalogue} />}
    </Frame>
  );
}

function Frame({ children }: { children: ComponentChildren }) {
  const own = useLearnWords();
  const { hrefOf } = useClassroom();
  return (
    <div class="page learn">
      <button type="button" class="skip" onClick={() => document.querySelector<HTMLElement>("#content")?.focus()}>
        {own.skip}
      </button>
      <header class="top">
        <p class="brand">
          <a href={hrefOf()}>
            <Logo />
            forwardlab
          </a>
          <span>{own.title}</span>
        </p>
        <LanguageButton />
      </header>
      <main id="content" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

function Ended() {
  const own = useLearnWords();
  return (
    <section class="ended" role="status">
      <p>
        <strong>
          <Sentence text={own.ended} />
        </strong>
      </p>
      <p>{own.endedHint}</p>
      <div class="ended-command">
        <Block text={command} label={command} />
        <CopyButton text={command} />
      </div>
    </section>
  );
}
