/** What settings name: files and folders that nobody gave, commands that the lab cannot run, and a `none` that is none. */
import { adapted, type HostAdaptation } from "../core/adaptation.ts";
import { distinctWarnings, type Warning, warning } from "../core/warning.ts";
import type { Host } from "../lab/host.ts";
import { noneTakenForFile } from "../openssh/certificate-settings.ts";
import { type EffectiveSettings, effectiveValue } from "../openssh/effective.ts";
import { authorizedKeysPaths } from "../openssh/login-needs.ts";
import { locateSetting } from "../openssh/setting-source.ts";
import type { SshdConfig } from "../openssh/sshd-config.ts";
import type { OpenSshVersion } from "../openssh/version.ts";
import type { Account } from "./accounts.ts";
import type { ServerAccount } from "./ssh-server.ts";

const makeRoots = 'for d; do mkdir -p "$d" && chown 0:0 "$d" && chmod 0755 "$d"; done';

/**
 * Makes what settings name and the user's files do not hold: a RevokedKeys file that cannot be read refuses every key, a ChrootDirectory
 * that is missing ends every session. Returns what was added.
 */
export async function makeFilesThatSettingsName(
  host: Host,
  logins: readonly { account: Account; settings: EffectiveSettings }[],
): Promise<HostAdaptation[]> {
  const notes: HostAdaptation[] = [];
  const revoked = new Set<string>();
  const roots = new Set<string>();
  for (const { account, settings } of logins) {
    for (const path of effectiveValue(settings, "revokedkeys").split(/\s+/)) if (path.startsWith("/")) revoked.add(path);
    const root = authorizedKeysPaths(effectiveValue(settings, "chrootdirectory"), account)[0];
    if (root) roots.add(root);
  }
  for (const path of revoked) {
    if ((await host.readFile(path)) !== undefined) continue;
    await host.writeFiles({ [path]: { content: "" } });
    notes.push(adapted("revoked-keys-emptied", { path }));
  }
  if (roots.size > 0) {
    await host.run(["sh", "-c", makeRoots, "sh", ...roots]);
    notes.push(adapted("chroot-made", { paths: [...roots] }));
  }
  return notes;
}

const commands = [
  { keyword: "authorizedkeyscommand", name: "AuthorizedKeysCommand", given: "authorizedKeys", key: "authorized_keys", prints: "keys" },
  {
    keyword: "authorizedprincipalscommand",
    name: "AuthorizedPrincipalsCommand",
    given: "authorizedPrincipals",
    key: "authorized_principals",
    prints: "principals",
  },
] as const;

/**
 * The lab has no copy of what these commands ask. `notes`: what takes the place of their output, where the user has given it; `warnings`: what is
 * not tested, where nobody has.
 */
export function commandsNotRun(
  logins: readonly { account: Account & { source: ServerAccount }; settings: EffectiveSettings }[],
  config: SshdConfig,
): { notes: HostAdaptation[]; warnings: Warning[] } {
  const notes: HostAdaptation[] = [];
  const warnings: Warning[] = [];
  for (const { account, settings } of logins) {
    for (const { keyword, name, given, key, prints } of commands) {
      const value = effectiveValue(settings, keyword);
      if (value === "" || value.toLowerCase() === "none") continue;
      const place = locateSetting(config, keyword, value, { user: account.name, groups: account.groups, addr: "", laddr: "", lport: 0 });
      if ((account.source[given]?.length ?? 0) > 0)
        notes.push(adapted("command-output-given", { setting: `${name} ${value}`, account: account.name, prints }));
      else warnings.push(warning("command-not-run", { setting: `${name} ${value}`, account: account.name, prints, key }, place));
    }
  }
  return { notes, warnings: distinctWarnings(warnings) };
}

/** Lines that do not mean what they say. */
export function misleadingNone(
  logins: readonly { account: Account; settings: EffectiveSettings }[],
  config: SshdConfig,
  version: OpenSshVersion,
): Warning[] {
  const warnings = logins.flatMap(({ account: { name, groups }, settings }) => {
    const who = { user: name, groups, addr: "", laddr: "", lport: 0 };
    const place = noneTakenForFile(settings, { config, who, version });
    if (!place) return [];
    return [warning("none-taken-for-file", { account: name }, place)];
  });
  return distinctWarnings(warnings);
}
