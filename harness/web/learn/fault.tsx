import type { LearnRequest } from "../../core/lesson.ts";
import { basicFaults } from "../../report/faults-ja.ts";
import { engineFaults } from "../../report/faults-ja-engine.ts";
import { labFaults } from "../../report/faults-ja-lab.ts";
import { ErrorText } from "../parts/error-text.tsx";
import { useClassroom } from "./classroom.tsx";
import { useLearnWords } from "./words.ts";

/** What can go wrong where a lab starts. */
export const labErrors = { ...basicFaults, ...labFaults, ...engineFaults };

/** Why a request could not be carried out, where it was made. */
export function FaultOf({ request, again }: { request: LearnRequest["do"]; again?: () => void }) {
  const own = useLearnWords();
  const { faults } = useClassroom().room;
  const fault = faults[request] ?? faults.null;
  if (!fault) return null;
  return (
    <div class="fault-box" role="alert">
      <p>
        <strong>{own.faultOf[request]}</strong>
      </p>
      <ErrorText error={fault} japanese={labErrors} />
      {again && (
        <button type="button" class="button" onClick={again}>
          {own.again}
        </button>
      )}
    </div>
  );
}
