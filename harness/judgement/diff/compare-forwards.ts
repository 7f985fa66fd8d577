/** What became of the forwards themselves: granted or not, where they listen, the settings of their login. */
import type { ChangedForward } from "../../core/diff.ts";
import { comparable, type Result, type ResultForward } from "../../core/result.ts";
import { spell } from "../../openssh/sshd-keywords.ts";

type Side = NonNullable<ChangedForward["before"]>;
type SettingChange = ChangedForward["settings"][number];

/** In the order of the policy after; those that only the policy before has come last. */
export function compareForwards(before: Result, after: Result): ChangedForward[] {
  const [old, now] = [forwardsOf(before), forwardsOf(after)];
  const names = [...new Set([...now.keys(), ...old.keys()])];
  return names.flatMap((name) => {
    const [one, other] = [old.get(name), now.get(name)];
    const sides = { name, before: one?.side ?? null, after: other?.side ?? null, settings: [] };
    if (one?.blind || other?.blind) return [{ ...sides, change: "unknown" as const }];
    if (one && other) return changed(name, one, other) ?? [];
    const { provenance } = one ? after : before;
    if (provenance.forwards?.includes(name)) return [{ ...sides, change: "not-verified" as const }];
    return [{ ...sides, change: one ? ("removed" as const) : ("added" as const) }];
  });
}

interface Known {
  side: Side;
  /** Neither its listener nor any probe tells what became of it. */
  blind: boolean;
  settings: ResultForward["settings"];
}

function forwardsOf(result: Result): Map<string, Known> {
  const stable = comparable(result).forwards;
  return new Map(
    result.forwards.map(({ name, ssh, from, account, granted, listensOn, keyOptions, decidedBy, settings }, at) => {
      const listeners = [...(stable[at]?.listeners ?? [])].sort();
      const blind = granted === null && !result.cells.some(({ forward }) => forward === name);
      return [name, { side: { ssh, from, account, granted, listensOn, listeners, keyOptions, decidedBy }, blind, settings }];
    }),
  );
}

function changed(name: string, before: Known, after: Known): ChangedForward | undefined {
  const settings = changedSettings(before.settings, after.settings);
  const same = settings.length === 0 && JSON.stringify(essence(before.side)) === JSON.stringify(essence(after.side));
  return same ? undefined : { name, change: "changed", before: before.side, after: after.side, settings };
}

/** A line that moved within its file is no change. */
function essence({ decidedBy, ...rest }: Side) {
  return { ...rest, decidedBy: decidedBy && [decidedBy.layer, decidedBy.code, decidedBy.rule] };
}

function changedSettings(before: ResultForward["settings"], after: ResultForward["settings"]): SettingChange[] {
  const byKeyword = (settings: ResultForward["settings"]) => new Map(settings.map((setting) => [setting.keyword.toLowerCase(), setting]));
  const [old, now] = [byKeyword(before), byKeyword(after)];
  return [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((keyword): SettingChange[] => {
    const [one, other] = [old.get(keyword) ?? null, now.get(keyword) ?? null];
    return one?.value === other?.value ? [] : [{ keyword: spell(keyword), before: one, after: other }];
  });
}
