/** sshd's effective settings for a login, and the line that made each. */
import type { ForwardOutcome, SettingSource } from "../core/forward-outcome.ts";
import type { Cause, Params } from "../core/reason.ts";

/** An effective setting of sshd; where it was not reported, sshd's default. Value in lower case. */
export function settingOf(forward: ForwardOutcome, keyword: string, byDefault = "no"): SettingSource {
  const found = forward.effective.find((one) => one.keyword.toLowerCase() === keyword);
  return found ? { ...found, value: found.value.toLowerCase() } : { keyword, value: byDefault };
}

const spelling: Record<string, string> = {
  gatewayports: "GatewayPorts",
  addressfamily: "AddressFamily",
  allowtcpforwarding: "AllowTcpForwarding",
  permitlisten: "PermitListen",
  permitopen: "PermitOpen",
  disableforwarding: "DisableForwarding",
  allowstreamlocalforwarding: "AllowStreamLocalForwarding",
  streamlocalbindmask: "StreamLocalBindMask",
  streamlocalbindunlink: "StreamLocalBindUnlink",
};

/** A keyword as the manual spells it. */
export function spell(keyword: string): string {
  return spelling[keyword.toLowerCase()] ?? keyword;
}

/** For words: the setting, and whether it is sshd's default. */
export function settingParams(source: SettingSource): Params {
  return { setting: settingRule(source), byDefault: source.file === undefined };
}

function settingRule({ keyword, value }: SettingSource): string {
  return `${spell(keyword)} ${value}`.trim();
}

type Place = Pick<Cause, "rule" | "file" | "line">;

export function ruleOf(source: SettingSource | undefined): Place {
  return source ? { rule: settingRule(source), ...placeOf(source) } : {};
}

export function placeOf({ file, line }: Pick<SettingSource, "file" | "line">): Place {
  return file === undefined ? {} : { file, ...(line === undefined ? {} : { line }) };
}
