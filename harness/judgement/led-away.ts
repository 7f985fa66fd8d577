/** Visitors whom a rule leads to where the lab has nobody: what listens there on the real server may lead them on to the forward. */
import { compareText } from "../core/compare-text.ts";
import { distinct } from "../core/distinct.ts";
import type { Observation } from "../core/observation.ts";
import { type Warning, warning } from "../core/warning.ts";
import { placeOf } from "./settings.ts";

/** One for each rule, with the forwards whose visitors it leads away; in the order of the file, whichever of several rules a visitor happened to meet first. */
export function ledAwayWarnings(observations: readonly Observation[]): Warning[] {
  const found = observations.flatMap(({ probe: { decision }, forward: { name } }) => (decision?.nobodyThere ? [{ decision, name }] : []));
  const warnings = [...Map.groupBy(found, ({ decision: { rule, file, line } }) => `${file}:${line} ${rule}`).values()].flatMap(
    (alike): Warning[] => {
      const [first] = alike;
      const forwards = distinct(alike.map(({ name }) => name));
      return first ? [warning("led-away", { forwards, rule: first.decision.rule }, placeOf(first.decision))] : [];
    },
  );
  return warnings.sort((one, other) => compareText(one.file ?? "", other.file ?? "") || (one.line ?? 0) - (other.line ?? 0));
}
