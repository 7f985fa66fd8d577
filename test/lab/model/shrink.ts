/** The smallest round that still shows a difference. */
import type { ForwardLab } from "../../../harness/session/forward-lab.ts";
import { compareRound, type Difference } from "./compare.ts";
import type { Round } from "./round.ts";

/** Leaves out one thing after the other, as long as some difference of the first differing case stays. */
export async function shrink(
  lab: ForwardLab,
  round: Round,
  differences: readonly Difference[],
): Promise<{ round: Round; differences: readonly Difference[] }> {
  const [first] = differences;
  if (!first) return { round, differences };
  let smallest: Round = { ...round, cases: [first.case] };
  let shown = differences;
  const tryOut = async (candidate: Round): Promise<boolean> => {
    const found = await compareRound(lab, candidate)
      .then((outcome) => outcome.differences)
      .catch(() => []);
    const same = found.filter(({ what }) => what === first.what);
    if (same.length === 0) return false;
    smallest = candidate;
    shown = found;
    return true;
  };
  if (!(await tryOut(smallest))) return { round, differences };
  if (smallest.firewall) await tryOut({ ...smallest, firewall: null });
  if (smallest.taken) await tryOut({ ...smallest, taken: null });
  if (smallest.unprivilegedPortStart !== 1024) await tryOut({ ...smallest, unprivilegedPortStart: 1024 });
  if (smallest.keys.some((each) => each !== "")) await tryOut({ ...smallest, keys: smallest.keys.map(() => "") });
  for (const list of ["redirections", "rules", "output"] as const)
    for (let i = (smallest.firewall?.[list]?.length ?? 0) - 1; i >= 0; i--) await tryOut(withoutRule(smallest, list, i));
  for (let i = smallest.config.length - 1; i >= 0; i--) await tryOut({ ...smallest, config: smallest.config.filter((_, at) => at !== i) });
  return { round: smallest, differences: shown };
}

function withoutRule(round: Round, list: "redirections" | "rules" | "output", index: number): Round {
  const { firewall } = round;
  return firewall ? { ...round, firewall: { ...firewall, [list]: firewall[list]?.filter((_, at) => at !== index) } } : round;
}
