/** Whether sshd lets an account log in with a password alone. Pure. */
import { type EffectiveSettings, effectiveValue } from "./effective.ts";

/** By which method, and the setting that allows it. A question of PAM's is one for the password, unless the server's PAM asks for more. */
const methods = [
  { method: "password", keyword: "passwordauthentication", setting: "PasswordAuthentication yes" },
  { method: "keyboard-interactive", keyword: "kbdinteractiveauthentication", setting: "KbdInteractiveAuthentication yes" },
];

/** The setting that lets this account in; undefined: none does. Source: sshd_config(5), AuthenticationMethods, PermitRootLogin. */
export function passwordSetting(settings: EffectiveSettings, account: string): string | undefined {
  const root = effectiveValue(settings, "permitrootlogin");
  if (account === "root" && root !== "yes") return undefined;
  const lists = effectiveValue(settings, "authenticationmethods").split(/\s+/);
  const free = lists.includes("any") || lists.includes("");
  return methods.find(({ method, keyword }) => {
    if (effectiveValue(settings, keyword) !== "yes") return false;
    if (method === "keyboard-interactive" && effectiveValue(settings, "usepam") !== "yes") return false;
    return free || lists.some((list) => list === method || list.startsWith(`${method}:`));
  })?.setting;
}
