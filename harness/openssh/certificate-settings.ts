/** What an account's settings say about logins by certificate. Pure. */
import { type EffectiveSettings, effectiveValue } from "./effective.ts";

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
