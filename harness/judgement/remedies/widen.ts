/** Settings that let an account do more: for that account, and nobody else. */
import { serverOf } from "../../core/forward-outcome.ts";
import { policyFor } from "../../policy/servers.ts";
import { type Candidate, type Edit, placeOfEdits, type RemedyInputs } from "./candidate.ts";
import { type AccountBlock, accountBlocks, replaceSetting, type SettingPlace, setSetting, standsInBlockOf } from "./sshd-edits.ts";
import type { JudgedForward } from "./violations.ts";

/** One way to change the settings; `code` and `params` for a change of nothing else. */
export interface Way {
  code: string;
  params: Record<string, string | string[]>;
  edits: readonly Edit[];
}

/**
 * Where the policy states who has an account, there is somebody else for whom nothing may change: the line that decides counts for them as well, unless
 * it stands in a block for the account alone. Where it states none, the account's name is the lab's own.
 * @param settings the first is the one that is missing; the others keep it narrow
 * @param at the line that decides; none: sshd's default does
 */
export function waysFor(forward: JudgedForward, settings: readonly [string, ...string[]], at: SettingPlace, inputs: RemedyInputs): Way[] {
  const { account } = forward;
  const [first, ...more] = settings;
  const [keyword = "", ...values] = first.split(" ");
  if (!namesAccounts(forward, inputs)) return [wayAt(first, setSetting(inputs, keyword, values.join(" "), at))];
  // Its value comes from elsewhere: a line of the file would not count.
  if (at.file !== undefined && at.line === undefined) return [];
  if (at.file !== undefined && at.line !== undefined && standsInBlockOf(inputs, account, { file: at.file, line: at.line }))
    return [wayAt(first, replaceSetting(inputs, keyword, settings, { file: at.file, line: at.line }), more)];
  return accountBlocks(inputs, account, settings, at.file).map((block) => wayOf(block, account, first, more));
}

export function namesAccounts({ server }: JudgedForward, { policy }: RemedyInputs): boolean {
  return Object.keys(policyFor(policy, serverOf(server === undefined ? {} : { server })).server?.accounts ?? {}).length > 0;
}

function wayAt(setting: string, edits: readonly Edit[], more: readonly string[] = []): Way {
  return { code: "set-setting", params: { ...settingParams(setting, edits), ...moreParams(more) }, edits };
}

export function wayOf({ at, edits }: AccountBlock, account: string, setting: string, more: readonly string[] = []): Way {
  const code = at === "end" ? "set-for-account" : "set-for-account-first";
  return { code, params: { ...settingParams(setting, edits), ...moreParams(more), account }, edits };
}

function moreParams(more: readonly string[]): { more?: string[] } {
  return more.length > 0 ? { more: [...more] } : {};
}

export function asCandidates(ways: readonly Way[]): Candidate[] {
  return ways.map(({ code, params, edits }) => ({ code, params, edits }));
}

export function settingCandidate(setting: string, edits: readonly Edit[]): Candidate {
  return { code: "set-setting", params: settingParams(setting, edits), edits };
}

export function settingParams(setting: string, edits: readonly Edit[]): Record<string, string> {
  return { setting, place: placeOfEdits(edits) };
}
