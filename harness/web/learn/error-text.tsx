import type { ToldError } from "../../core/errors.ts";
import { errorIn } from "../../report/faults.ts";
import { placeText } from "../../report/words.ts";
import { Sentence } from "../parts/bits.tsx";
import { usePage } from "../parts/page.tsx";
import { useLearnWords } from "./words.ts";

/** Where, what, and what to do; what a program said is quoted below. */
export function ErrorText({ error }: { error: ToldError }) {
  const own = useLearnWords();
  const { language } = usePage();
  const { message, place, found, expected, todo, log, translated } = errorIn(error, language);
  const lang = translated ? {} : { lang: "en" };
  return (
    <>
      <p class="message" {...lang}>
        {place && <code>{placeText(place)}: </code>}
        <Sentence text={message} />
      </p>
      {found !== undefined && found !== "" && (
        <p class="message">
          {own.found}:{" "}
          <span {...lang}>
            <Sentence text={found} />
          </span>
        </p>
      )}
      {expected !== undefined && (
        <p>
          {own.expected}:{" "}
          <span {...lang}>
            <Sentence text={expected} />
          </span>
        </p>
      )}
      {todo !== undefined && (
        <p>
          {own.todo}:{" "}
          <span {...lang}>
            <Sentence text={todo} />
          </span>
        </p>
      )}
      {log !== undefined && log.trim() !== "" && (
        <p class="message">
          <code lang="en" translate={false}>
            {log.trimEnd()}
          </code>
        </p>
      )}
    </>
  );
}
