/** What an account's settings say about logins by certificate. Pure. */
import { textOf } from "../core/plain-text.ts";
import { type EffectiveSettings, effectiveValue } from "./effective.ts";
import type { Principal } from "./match-criteria.ts";
import { locateSetting } from "./setting-source.ts";
import type { SshdConfig } from "./sshd-config.ts";
import { atLeast, type OpenSshVersion } from "./version.ts";

export interface CertificateSettings {
  /** TrustedUserCAKeys: its path on the server; undefined: no CA is trusted for this login. */
  caFile: string | undefined;
  /** AuthorizedPrincipalsFile, with its tokens; undefined: there is none. */
  principalsFile: string | undefined;
  /** AuthorizedPrincipalsCommand, with its arguments. */
  principalsCommand: string | undefined;
}

export function certificateSettings(settings: EffectiveSettings): CertificateSettings {
  const value = (keyword: string) => {
    const found = effectiveValue(settings, keyword);
    return found === "" || found.toLowerCase() === "none" ? undefined : found;
  };
  return {
    caFile: value("trustedusercakeys"),
    principalsFile: value("authorizedprincipalsfile"),
    principalsCommand: value("authorizedprincipalscommand"),
  };
}

/** Do principals have to be listed? Otherwise the account's own name counts. */
export function listsPrincipals({ principalsFile, principalsCommand }: CertificateSettings): boolean {
  return principalsFile !== undefined || principalsCommand !== undefined;
}

/** Is a CA (its key, base64) in the file that TrustedUserCAKeys names? One of which there is no copy is taken to have it. */
export function caFileHas({ files }: SshdConfig, path: string, ca: string): boolean {
  const content = files[path];
  if (content === undefined) return true;
  const lines = textOf(content).split("\n");
  return lines.some((line) => !line.startsWith("#") && line.trim().split(/[ \t]+/)[1] === ca);
}

/**
 * The line `AuthorizedPrincipalsFile none` in a Match block, where sshd takes it for a file called `none` in the account's home, so that no certificate
 * of TrustedUserCAKeys is accepted: measured on 8.4, 9.2 and 10.0, no more on 10.6. `sshd -T` shows it as any other `none`.
 */
export function noneTakenForFile(
  settings: EffectiveSettings,
  { config, who, version }: { config: SshdConfig; who: Principal; version: OpenSshVersion },
): { file: string; line: number } | undefined {
  const { caFile, principalsFile } = certificateSettings(settings);
  if (caFile === undefined || principalsFile !== undefined || atLeast(version, 10, 6)) return undefined;
  const { file, line } = locateSetting(config, "authorizedprincipalsfile", "none", who);
  const inMatch = config.lines.some((each) => each.file === file && each.line === line && each.match.length > 0);
  return inMatch && file !== undefined && line !== undefined ? { file, line } : undefined;
}
