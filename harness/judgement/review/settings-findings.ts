/** Findings about settings: what plain `sshd -T` shows an administrator, and what a principal really gets. Pure. */
import type { SettingSource } from "../../core/forward-outcome.ts";
import type { Unworded } from "../../core/result.ts";
import type { ReviewFinding } from "../../core/review.ts";
import type { PrincipalFacts } from "../../core/review-facts.ts";
import { settingText } from "../../openssh/sshd-keywords.ts";
import { findingId } from "./finding-id.ts";
import { settingAllows } from "./listener-findings.ts";
import { referencesFor } from "./references.ts";
import type { Found, ReviewInput } from "./review-input.ts";

/** Values from the strictest to the widest; others, such as lists, stand between. */
const widening: Readonly<Record<string, readonly string[]>> = {
  allowtcpforwarding: ["no", "*", "yes"],
  disableforwarding: ["yes", "no"],
  gatewayports: ["no", "clientspecified", "yes"],
  permitlisten: ["none", "*", "any"],
  permitopen: ["none", "*", "any"],
  allowstreamlocalforwarding: ["no", "*", "yes"],
  permittunnel: ["no", "*", "yes"],
  x11forwarding: ["no", "yes"],
  x11uselocalhost: ["yes", "no"],
};

export function settingsFindings({ principals, plain }: ReviewInput): Found[] {
  if (!plain) return [];
  const wider = principals.flatMap((principal) =>
    principal.settings.flatMap((setting) => {
      const shown = plain.get(setting.keyword) ?? "";
      return isWider(setting, shown) ? [{ principal, setting, shown }] : [];
    }),
  );
  const alike = Map.groupBy(wider, ({ setting: { keyword, value, file, line }, shown }) =>
    JSON.stringify([keyword, value, file, line, shown]),
  );
  return [...alike.values()].map((group): Found => {
    const { setting, shown } = group[0] as (typeof group)[number];
    const members = group.map(({ principal }) => principal);
    const accounts = [...new Set(members.map(({ account }) => account))];
    const finding: Unworded<ReviewFinding> = {
      id: findingId("settings", "account", [settingText(setting), shown]),
      kind: "settings",
      audience: "account",
      code: "review-settings-differ",
      params: { accounts, setting: settingText(setting), shown: settingText({ keyword: setting.keyword, value: shown }) },
      principals: members.map(({ id }: PrincipalFacts) => id),
      accounts,
      listeners: [],
      targets: [],
      example: "sshd -T",
      visitors: null,
      lan: false,
      lans: [],
      destinations: [],
      server: false,
      decidedBy: [settingAllows(setting)],
      passed: [],
      references: referencesFor("settings"),
    };
    return { finding, exposures: [] };
  });
}

function isWider({ keyword, value }: SettingSource, shown: string): boolean {
  const order = widening[keyword];
  if (!order || shown === "") return false;
  const rank = (text: string) => {
    const at = order.indexOf(text.trim().toLowerCase());
    return at >= 0 ? at : order.indexOf("*");
  };
  return rank(value) > rank(shown);
}
