/** Changes that may mend a violation, the most likely first. Pure guesses: the session tries each, and `mends` decides. */
import { listensOnServer } from "../../core/forward-outcome.ts";
import type { JudgedResult } from "../judge.ts";
import type { Candidate, RemedyInputs } from "./candidate.ts";
import { exposureCandidates } from "./exposure-candidates.ts";
import { filteredCandidates } from "./filtered-candidates.ts";
import { grantCandidates } from "./grant-candidates.ts";
import { listenerCandidates } from "./listener-candidates.ts";
import { refusalCandidates } from "./refusal-candidates.ts";
import { silenceCandidates } from "./silence-candidates.ts";
import { socketCandidates, unlinkCandidates } from "./socket-candidates.ts";
import type { Violation } from "./violations.ts";

/** Each once; none without an edit, and none that changes nothing. */
export function candidatesFor(violation: Violation, result: JudgedResult, inputs: RemedyInputs): Candidate[] {
  const seen = new Set<string>();
  return proposals(violation, result, inputs).filter(({ edits }) => {
    const key = JSON.stringify(edits);
    const fresh = edits.length > 0 && edits.every(({ file }) => Object.hasOwn(inputs.files, file)) && !seen.has(key);
    seen.add(key);
    return fresh;
  });
}

function proposals(violation: Violation, result: JudgedResult, inputs: RemedyInputs): Candidate[] {
  const { forward, wants, cells } = violation;
  if (wants === "grant")
    return forward.decidedBy?.code === "path-taken" && listensOnServer(forward.kind ?? "remote")
      ? unlinkCandidates(forward, inputs)
      : grantCandidates(forward, forward.decidedBy, result, inputs);
  if (wants === "let-go") return silenceCandidates(forward, inputs);
  if (wants === "refuse") return refusalCandidates(forward, result, inputs);
  if (cells.some(({ family }) => family === null)) return socketCandidates(violation, result, inputs);
  if (wants === "block")
    return [
      ...(isWronglyGranted(forward) ? refusalCandidates(forward, result, inputs) : []),
      ...exposureCandidates(violation, result, inputs),
    ];
  const ended = siblingOf(violation, result);
  if (ended) return grantCandidates(ended, ended.decidedBy, result, inputs);
  const layer = cells[0]?.decidedBy?.layer;
  if (layer === "server-firewall") return filteredCandidates(violation, result, inputs);
  if (layer === "sshd-policy" || layer === "key-options") return grantCandidates(forward, cells[0]?.decidedBy ?? null, result, inputs);
  return layer === "bind-address" ? listenerCandidates(violation, result, inputs) : [];
}

/** The forward of the same ssh whose refusal ended this one. */
function siblingOf({ cells: [cell] }: Violation, { forwards }: JudgedResult): Violation["forward"] | undefined {
  const { code, params } = cell?.decidedBy ?? {};
  return code === "ended-with-sibling" ? forwards.find(({ name }) => name === params?.sibling) : undefined;
}

/** Then nobody would get in if the server did as it must. */
function isWronglyGranted({ expected, granted }: Violation["forward"]): boolean {
  return expected === "refused" && granted === true;
}
