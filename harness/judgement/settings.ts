/** sshd's effective settings for a login, and the line that made each. */
import type { ForwardOutcome, SettingSource } from "../core/forward-outcome.ts";
import type { Cause, Params } from "../core/reason.ts";
import { settingText } from "../openssh/sshd-keywords.ts";

/** An effective setting of sshd; where it was not reported, sshd's default. Value in lower case. */
export function settingOf(forward: ForwardOutcome, keyword: string, byDefault = "no"): SettingSource {
  const found = forward.effective.find((one) => one.keyword.toLowerCase() === keyword);
  return found ? { ...found, value: found.value.toLowerCase() } : { keyword, value: byDefault };
}

/** For words: the setting, and whether it is sshd's default. */
export function settingParams(source: SettingSource): Params {
  return { setting: settingText(source), byDefault: source.file === undefined };
}

/** For words: what sshd ignores because the setting stands before it. */
export function ignoredParams(source: SettingSource | undefined): Params {
  const { keyword = "", ignored = [] } = source ?? {};
  if (ignored.length === 0) return {};
  return {
    ignored: ignored.map(({ value }) => settingText({ keyword, value })),
    ignoredAt: ignored.map(({ file, line }) => `${file}:${line}`),
  };
}

type Place = Pick<Cause, "rule" | "file" | "line">;

export function ruleOf(source: SettingSource | undefined): Place {
  return source ? { rule: settingText(source), ...placeOf(source) } : {};
}

/** Of a rule of the firewall, too. */
export function placeOf({ file, line }: Pick<SettingSource, "file" | "line">): Pick<Cause, "file" | "line"> {
  return file === undefined ? {} : { file, ...(line === undefined ? {} : { line }) };
}
