/** What of a key line, or of a certificate, kept a login out. Pure. */
import type { LoginFailureKind, SettingSource } from "../core/forward-outcome.ts";
import { splitKeyOptions } from "./authorized-keys.ts";
import { criticalOption, type UserCertificate } from "./certificate.ts";
import { type EffectiveSettings, effectiveValue } from "./effective.ts";

export interface LoginReason {
  kind: LoginFailureKind;
  /** sshd's line. */
  said: string;
  /** The setting it is about. */
  keyword?: string;
}

/** The key line that was tried: its number from 0, its options, its place in the user's file; and the certificate. */
export interface LoginKey {
  index: number;
  options: string;
  place?: { file: string; line: number };
  /** The next line with the same key. */
  next?: { file: string; line: number };
  certificate?: {
    content: Pick<UserCertificate, "principals" | "validAfter" | "validBefore" | "criticalOptions">;
    /** The user's certificate. */
    file?: string;
    /** The server trusts its CA nowhere. */
    untrusted?: true;
  };
}

/** sshd says nothing of a CA that it does not know. */
export function untrustedCa({ certificate }: LoginKey): LoginReason | undefined {
  if (!certificate?.untrusted) return undefined;
  return {
    kind: "certificate-refused",
    said: `the CA of ${certificate.file} is neither in TrustedUserCAKeys nor on a cert-authority line`,
  };
}

/**
 * sshd tells that a key has expired at `LogLevel DEBUG` alone; at others it says the same of every option that turns a key away, and of `from` one more
 * line. Source: OpenSSH `auth2-pubkeyfile.c`, `auth_authorise_keyopts`.
 */
export function byKeyOptions(reason: LoginReason, { options }: LoginKey): LoginReason {
  return expiryTime(options) && /^Refused by key options/.test(reason.said) ? { ...reason, kind: "key-expired" } : reason;
}

/**
 * Would this login succeed at any later moment, too, and does sshd keep its connection while nobody uses it? Both as long as the server's files stay as
 * they are.
 */
export function loginLasts({ options, certificate }: Pick<LoginKey, "options" | "certificate">, settings: EffectiveSettings): boolean {
  const expires = certificate !== undefined || expiryTime(options);
  // OpenSSH before 9.2 has no such setting, and does not print it.
  return !expires && ["", "0", "none"].includes(effectiveValue(settings, "unusedconnectiontimeout"));
}

function expiryTime(options: string): boolean {
  return splitKeyOptions(options).some((each) => /^expiry-time=/i.test(each));
}

/** The last moment that a Date can tell, in milliseconds. */
const lastDate = 8.64e15;

/** The option of the line, or what of the certificate, that sshd turned the login away for. */
export function keySource({ kind, said }: LoginReason, { options, place, certificate }: LoginKey): SettingSource | undefined {
  const option = (name: string): SettingSource | undefined => {
    const value = splitKeyOptions(options).find((each) => each.toLowerCase().startsWith(`${name}=`));
    return value === undefined ? undefined : { keyword: name, value, ...place, keyOption: true };
  };
  const ofCertificate = (keyword: string, value: string): SettingSource | undefined => {
    const file = certificate?.file;
    return file === undefined ? undefined : { keyword, value, file, line: 1, keyOption: true };
  };
  const day = (seconds: bigint) => new Date(Math.min(Number(seconds) * 1000, lastDate)).toISOString();
  if (kind === "key-source-refused" && /valid certificate/.test(said))
    return ofCertificate("source-address", `source-address=${certificate && criticalOption(certificate.content, "source-address")}`);
  if (kind === "key-source-refused") return option("from");
  if (kind === "key-expired" && certificate && /Certificate invalid: not yet/.test(said))
    return ofCertificate("valid after", `valid after ${day(certificate.content.validAfter)}`);
  if (kind === "key-expired" && certificate && /Certificate invalid/.test(said))
    return ofCertificate("valid before", `valid before ${day(certificate.content.validBefore)}`);
  if (kind === "key-expired") return option("expiry-time");
  if (kind === "principal-refused")
    return ofCertificate("principals", `principals ${certificate?.content.principals.join(",") || "(none)"}`);
  return kind === "certificate-refused" ? ofCertificate("certificate", "certificate") : undefined;
}
