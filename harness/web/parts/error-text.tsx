/** An error: where, what, and what to do; what a program said is quoted below. */
import type { ComponentChildren } from "preact";
import type { ToldError } from "../../core/errors.ts";
import type { FaultTable } from "../../report/fault-words.ts";
import { errorIn } from "../../report/faults.ts";
import { basicFaults } from "../../report/faults-ja.ts";
import { placeText } from "../../report/words.ts";
import { Sentence } from "./bits.tsx";
import { usePage } from "./page.tsx";

interface ErrorTextProps {
  error: ToldError;
  /** Before the message. Left out: the error's own place. */
  at?: ComponentChildren;
  /** The reader has before them what was found. */
  beside?: boolean;
  /** The words of the faults that there may be. Left out: those of what a reader types. */
  japanese?: Partial<FaultTable>;
}

export function ErrorText({ error, at, beside = false, japanese = basicFaults }: ErrorTextProps) {
  const { words, language } = usePage();
  const { message, place, found, expected, todo, log, translated } = errorIn(error, language, japanese);
  const lang = translated ? {} : { lang: "en" };
  const more = [
    { label: words.error.found, text: beside ? undefined : found },
    { label: words.error.expected, text: expected },
    { label: words.error.todo, text: todo },
  ];
  return (
    <div class="error-text">
      <p class="message">
        {at ?? (place && <code>{placeText(place)}: </code>)}
        <span {...lang}>
          <Sentence text={message} />
        </span>
      </p>
      {more.map(
        ({ label, text }) =>
          text !== undefined &&
          text !== "" && (
            <p key={label} class="message error-more">
              {label}:{" "}
              <span {...lang}>
                <Sentence text={text} />
              </span>
            </p>
          ),
      )}
      {log !== undefined && log.trim() !== "" && (
        <p class="message">
          <code lang="en" translate={false}>
            {log.trimEnd()}
          </code>
        </p>
      )}
    </div>
  );
}
