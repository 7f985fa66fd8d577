/** The start: the course as a path, the library with a search, the exercises, and what has been done. */
import { useMemo } from "preact/hooks";
import type { Catalogue, Chapter, Exercise, Lesson } from "../../core/lesson.ts";
import { SearchField, Section, Sentence } from "../parts/bits.tsx";
import { usePage } from "../parts/page.tsx";
import { useClassroom } from "./classroom.tsx";
import { found, nextToDo } from "./progress.ts";
import { useLearnWords } from "./words.ts";

export function Start({ catalogue }: { catalogue: Catalogue }) {
  const own = useLearnWords();
  const { language, state } = usePage();
  const { progress, hrefOf, ask } = useClassroom();
  const byName = useMemo(() => new Map(catalogue.lessons.map((lesson) => [lesson.name, lesson])), [catalogue]);
  const next = byName.get(nextToDo(catalogue, progress) ?? "");
  const inCourse = catalogue.course.flatMap(({ lessons }) => lessons);
  const done = inCourse.filter((name) => progress.lessons.includes(name)).length;
  const query = state.q ?? "";
  const hits = useMemo(() => new Set(found(catalogue.lessons, query).map(({ name }) => name)), [catalogue, query]);
  const library = catalogue.library
    .map((chapter) => ({ ...chapter, lessons: chapter.lessons.filter((name) => hits.has(name)) }))
    .filter(({ lessons }) => lessons.length > 0);
  const count = library.reduce((sum, { lessons }) => sum + lessons.length, 0);
  return (
    <>
      <div class="hero">
        <h1>{own.heading}</h1>
        <p>{ask ? own.intro : own.introExported}</p>
        {next ? (
          <a class="button primary" href={hrefOf("lesson", next.name)}>
            <span>
              <Sentence text={done === 0 ? own.start : own.continueWith(next.question[language])} />
            </span>
          </a>
        ) : (
          inCourse.length > 0 && <p class="all-done">{own.allDone}</p>
        )}
      </div>
      {inCourse.length > 0 && (
        <Section id="course" title={own.course}>
          <Meter done={done} of={inCourse.length} />
          <ol class="path">
            {catalogue.course.map((chapter, at) => (
              <PathChapter key={at} chapter={chapter} number={at + 1} byName={byName} next={next?.name} />
            ))}
          </ol>
        </Section>
      )}
      {catalogue.exercises.length > 0 && (
        <Section id="exercises" title={own.exercises} hint={own.exercisesHint}>
          <ul class="exercise-list">
            {catalogue.exercises.map((exercise) => (
              <ExerciseItem key={exercise.name} exercise={exercise} />
            ))}
          </ul>
        </Section>
      )}
      {catalogue.library.length > 0 && (
        <Section id="library" title={own.library} hint={own.libraryHint}>
          <div class="tools">
            <SearchField name="q" label={usePage().words.search} hint={own.searchHint} />
            <p class="found" role="status">
              {own.lessonsFound(count)}
            </p>
          </div>
          {library.map((chapter, at) => (
            <details key={at} class="fold topic" open={query !== ""}>
              <summary>
                {chapter.title[language]}
                <span class="count">{chapter.lessons.length}</span>
              </summary>
              <ul class="lesson-list">
                {chapter.lessons.map((name) => (
                  <LessonItem key={name} lesson={byName.get(name)} />
                ))}
              </ul>
            </details>
          ))}
        </Section>
      )}
    </>
  );
}

function Meter({ done, of }: { done: number; of: number }) {
  const own = useLearnWords();
  return (
    <p class="meter">
      <progress value={done} max={of} aria-label={own.doneOf(done, of)} />
      <span aria-hidden="true">{own.doneOf(done, of)}</span>
    </p>
  );
}

interface PathChapterProps {
  chapter: Chapter;
  number: number;
  byName: ReadonlyMap<string, Lesson>;
  next: string | undefined;
}

function PathChapter({ chapter, number, byName, next }: PathChapterProps) {
  const { language } = usePage();
  return (
    <li class="chapter">
      <h3>
        <span class="chapter-number">{number}</span>
        {chapter.title[language]}
      </h3>
      <ol class="lesson-list">
        {chapter.lessons.map((name) => (
          <LessonItem key={name} lesson={byName.get(name)} next={name === next} />
        ))}
      </ol>
    </li>
  );
}

/** The title tells the claim: who has not done the lesson reads its question. */
function LessonItem({ lesson, next = false }: { lesson: Lesson | undefined; next?: boolean }) {
  const own = useLearnWords();
  const { language } = usePage();
  const { progress, hrefOf } = useClassroom();
  if (!lesson) return null;
  const done = progress.lessons.includes(lesson.name);
  return (
    <li class={`lesson-item${done ? " done" : ""}${next ? " next" : ""}`}>
      <a href={hrefOf("lesson", lesson.name)}>
        <Sentence text={(done ? lesson.title : lesson.question)[language]} />
        {done && <span class="vh"> ({own.done})</span>}
      </a>
    </li>
  );
}

function ExerciseItem({ exercise }: { exercise: Exercise }) {
  const own = useLearnWords();
  const { language } = usePage();
  const { progress, hrefOf } = useClassroom();
  const done = progress.exercises.includes(exercise.name);
  return (
    <li class={`lesson-item${done ? " done" : ""}`}>
      <a href={hrefOf("exercise", exercise.name)}>
        <Sentence text={exercise.title[language]} />
        {done && <span class="vh"> ({own.done})</span>}
      </a>
    </li>
  );
}
