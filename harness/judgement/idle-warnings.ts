/** Warnings about what sshd closes of a forward when nobody uses it: the lab measures each forward while it is fresh. */
import type { ForwardOutcome, IdleLimit } from "../core/forward-outcome.ts";
import { type Warning, warning } from "../core/warning.ts";
import { settingText } from "../openssh/sshd-keywords.ts";
import { placeOf } from "./settings.ts";

/** One for each setting, with the forwards that it ends. @param outcomes of forwards that somebody is to reach */
export function idleWarnings(outcomes: readonly ForwardOutcome[]): Warning[] {
  const found = outcomes.flatMap(({ name, granted, idleLimits = [] }) => (granted ? idleLimits.map((limit) => ({ name, limit })) : []));
  return [...Map.groupBy(found, ({ limit }) => JSON.stringify(limit)).values()].flatMap((alike): Warning[] => {
    const [first] = alike;
    return first
      ? [
          warningOf(
            first.limit,
            alike.map(({ name }) => name),
          ),
        ]
      : [];
  });
}

function warningOf({ ends, seconds, by, jump }: IdleLimit, forwards: readonly string[]): Warning {
  const params = { setting: settingText(by), seconds, forwards };
  if (jump !== undefined) return warning("idle-jump", { ...params, hop: jump }, placeOf(by));
  return ends === "connection" ? warning("unused-connection", params, placeOf(by)) : warning("idle-visitor", params, placeOf(by));
}
