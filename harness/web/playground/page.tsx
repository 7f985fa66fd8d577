/** The page: inputs on one side, the answer on the other; the situation stands in the address. */
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { LanguageButton, Sentence } from "../parts/bits.tsx";
import { Logo } from "../parts/frame.tsx";
import { usePage } from "../parts/page.tsx";
import { type Answer, answerTo } from "./answer.ts";
import { AnswerView, HeadlineText } from "./answer-view.tsx";
import { examples } from "./examples.ts";
import { Inputs } from "./inputs.tsx";
import { decodeSituation, empty, encodeSituation, type Situation } from "./situation.ts";
import { usePlaygroundWords } from "./words.ts";

/** Typing rests for as long before the address is written: browsers take only so many changes. */
const pause = 300;

const start = examples[0]?.situation ?? empty;

export function Playground() {
  const { words, language } = usePage();
  const own = usePlaygroundWords();
  const { situation, change, unreadable } = useSituation();
  const { answer, good, of } = useAnswer(situation);
  useEffect(() => {
    document.title = `forwardlab: ${own.title}`;
  }, [own]);
  return (
    <div class="page playground">
      <button type="button" class="skip" onClick={() => document.querySelector<HTMLElement>("#answer")?.focus()}>
        {words.skip}
      </button>
      <header class="top">
        <p class="brand">
          <Logo />
          forwardlab <span>{own.title}</span>
        </p>
        <LanguageButton />
      </header>
      <main id="content">
        <div class="intro">
          <h1>{own.heading}</h1>
          <p>
            <Sentence text={own.model} />
          </p>
          {unreadable && (
            <p class="fault" role="alert">
              {own.badHash}
            </p>
          )}
          <ExampleChoice situation={situation} change={change} />
        </div>
        <div class="columns">
          <Inputs situation={situation} change={change} answer={answer} />
          <div id="answer" class="answer" tabIndex={-1}>
            <AnswerView key={language} answer={answer} good={good} situation={of} />
          </div>
        </div>
        {good && <Peek answer={good} />}
        <p class="foot no-print">{own.foot}</p>
      </main>
    </div>
  );
}

/** What is typed, kept in step with the address's hash in both directions. */
function useSituation() {
  const { state, set } = usePage();
  const written = useRef(state.s ?? "");
  const first = useMemo(() => (state.s ? decodeSituation(state.s) : start), []);
  const [situation, setSituation] = useState(first ?? start);
  const [unreadable, setUnreadable] = useState(first === undefined);
  const timer = useRef<number | undefined>(undefined);
  const latest = useRef(set);
  latest.current = set;
  useEffect(() => {
    const given = state.s ?? "";
    if (given === written.current) return;
    written.current = given;
    const read = given === "" ? start : decodeSituation(given);
    setUnreadable(read === undefined);
    if (read) setSituation(read);
  }, [state.s]);
  const change = useCallback((next: Situation) => {
    setSituation(next);
    setUnreadable(false);
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => {
      written.current = encodeSituation(next);
      latest.current({ s: written.current, at: "", f: "" });
    }, pause);
  }, []);
  return { situation, change, unreadable };
}

/** The latest answer, and the latest that has no faults, with what it answers. */
function useAnswer(situation: Situation) {
  const [told, setTold] = useState<{ answer?: Answer; good?: Answer; of: Situation }>({ of: situation });
  useEffect(() => {
    let current = true;
    void answerTo(situation).then((answer) => {
      if (current) setTold((before) => (answer.forwards.length > 0 ? { answer, good: answer, of: situation } : { ...before, answer }));
    });
    return () => {
      current = false;
    };
  }, [situation]);
  return told;
}

/** On a narrow screen the answer is below the inputs: its headline stays in sight until it is there. */
function Peek({ answer }: { answer: Answer }) {
  const { state } = usePage();
  const [away, setAway] = useState(false);
  useEffect(() => {
    const element = document.getElementById("answer");
    if (!element) return;
    const observer = new IntersectionObserver(([entry]) =>
      setAway(entry ? !entry.isIntersecting && entry.boundingClientRect.top > 0 : false),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const forward = answer.forwards[Number(state.f) || 0] ?? answer.forwards[0];
  if (!away || !forward) return null;
  const show = () => {
    const element = document.getElementById("answer");
    element?.scrollIntoView();
    element?.focus({ preventScroll: true });
  };
  return (
    <button type="button" class="peek no-print" onClick={show}>
      <HeadlineText forward={forward} /> <span aria-hidden="true">↓</span>
    </button>
  );
}

function ExampleChoice({ situation, change }: { situation: Situation; change(next: Situation): void }) {
  const own = usePlaygroundWords();
  const { language } = usePage();
  const code = encodeSituation(situation);
  const chosen = examples.find((each) => encodeSituation(each.situation) === code);
  return (
    <div class="example-choice no-print">
      <label class="field">
        <span class="label">{own.examples}</span>
        <select
          id="example"
          value={chosen?.id ?? ""}
          onChange={(event) => {
            const next = examples.find(({ id }) => id === event.currentTarget.value);
            if (next) change(next.situation);
          }}
        >
          {!chosen && <option value="">{`${own.chooseExample} (${own.ownSituation})`}</option>}
          {examples.map(({ id, title }) => (
            <option key={id} value={id}>
              {title[language]}
            </option>
          ))}
        </select>
      </label>
      <p class="example-text" aria-live="polite">
        {chosen && <Sentence text={chosen.text[language]} />}
      </p>
    </div>
  );
}
