/** sshd's settings that decide about forwards, with their defaults. */
import type { SettingSource } from "../core/forward-outcome.ts";

/** sshd's setting for one connection, with its line; an empty value means sshd's default. Keywords are lower case. */
export type SettingOf = (keyword: string) => SettingSource;

/** Source: OpenSSH `servconf.c` `fill_default_server_options`. */
const defaults: Readonly<Record<string, string>> = {
  gatewayports: "no",
  allowtcpforwarding: "yes",
  disableforwarding: "no",
  permitlisten: "any",
  permitopen: "any",
  addressfamily: "any",
  allowstreamlocalforwarding: "yes",
  streamlocalbindmask: "0177",
  streamlocalbindunlink: "no",
};

/** In the order in which they are told. */
export const forwardingKeywords: readonly string[] = Object.keys(defaults);

/** What decides about sshd's other channels: a tunnel device, X11, the agent. */
export const channelKeywords = { tunnel: "permittunnel", x11: "x11forwarding", agent: "allowagentforwarding" } as const;

/** What decides what a login may expose, in the order in which it is told. */
export const reviewedKeywords: readonly string[] = [
  ...forwardingKeywords,
  channelKeywords.tunnel,
  channelKeywords.x11,
  "x11uselocalhost",
  channelKeywords.agent,
];

/** Those that count for Unix sockets only. */
const socketKeywords = new Set(["allowstreamlocalforwarding", "streamlocalbindmask", "streamlocalbindunlink"]);

/** Those that matter to one forward. */
export function keywordsFor({ listenPath, targetPath }: { listenPath?: string; targetPath?: string }): string[] {
  const sockets = listenPath !== undefined || targetPath !== undefined;
  return forwardingKeywords.filter((keyword) => sockets || !socketKeywords.has(keyword));
}

/** The setting with its default filled in and one spelling (`all` is `yes`). */
export function settingFor(settings: SettingOf, keyword: string): SettingSource {
  const setting = settings(keyword);
  const value = setting.value.trim();
  if (value === "") return { keyword, value: defaults[keyword] ?? "" };
  if (keyword === "permitlisten" || keyword === "permitopen") return { ...setting, value };
  const lower = value.toLowerCase();
  return { ...setting, value: synonyms.get(lower) ?? lower };
}

const synonyms = new Map([
  ["all", "yes"],
  ["true", "yes"],
  ["false", "no"],
]);

/** Settings given as plain values. */
export function settingsFrom(values: Readonly<Record<string, string>>): SettingOf {
  return (keyword) => ({ keyword, value: values[keyword] ?? "" });
}
