/** Which logins of an account there are on this server: what its files state, and what the lab puts in their place where they state none. Pure. */
import { type Warning, warning } from "../core/warning.ts";
import { forwardingOf } from "../openssh/authorized-keys.ts";
import { standardCertificate, type UserCertificate } from "../openssh/certificate.ts";
import { caFileHas, certificateSettings, listsPrincipals } from "../openssh/certificate-settings.ts";
import type { EffectiveSettings } from "../openssh/effective.ts";
import { passwordSetting } from "../openssh/password-login.ts";
import type { SshdConfig } from "../openssh/sshd-config.ts";
import { acceptingPlace, type GivenCertificate, principalsOf, type StatedLogin, statedLogins } from "../openssh/stated-logins.ts";
import { atLeast, type OpenSshVersion } from "../openssh/version.ts";
import type { AccountKey, ServerAccount } from "./ssh-server.ts";

/** Stands for one key: a CA of the lab's that takes the place of one of the user's. */
export type AuthorityName = string;

/** The one whose key lies where TrustedUserCAKeys looks. */
const trustedAuthority: AuthorityName = "TrustedUserCAKeys";

export interface PlannedLogin extends Pick<AccountKey, "options" | "place" | "next"> {
  /** Left out: by a plain key. */
  certificate?: { authority: AuthorityName; content: Omit<UserCertificate, "ca">; given?: GivenCertificate; untrusted?: true };
}

/** A line of the lab's authorized_keys. */
export type PlannedKeyLine = { options: string } & ({ login: PlannedLogin } | { authority: AuthorityName });

export interface LoginPlan {
  logins: PlannedLogin[];
  keyLines: PlannedKeyLine[];
  /** Whose keys files of TrustedUserCAKeys must hold. `ca`: only files that hold this key of the user's CA. */
  trusted: { authority: AuthorityName; ca?: string }[];
  /** Lines by which nobody logs in. */
  notes: Warning[];
}

export interface PlanFacts {
  /** sshd's settings for each connection of the account. */
  answers: readonly EffectiveSettings[];
  config: SshdConfig;
  version: OpenSshVersion;
}

/** Lines first, in the order of their files, then certificates of the user's. */
export function planLogins(account: ServerAccount, facts: PlanFacts): LoginPlan {
  const { name } = account;
  const settings = facts.answers.map(certificateSettings);
  const trusts = settings.length > 0 && settings.every(({ caFile }) => caFile !== undefined);
  const listed = settings.some(listsPrincipals);
  const stated = statedLogins(account);
  const lines = stated.logins.filter(({ by }) => by !== "principal" || (trusts && listed));
  const planned = lines.map((line, at) => ({ line, login: { ...ofLine(line, name), ...nextOf(line, lines.slice(at + 1)) } }));
  const logins = planned.map(({ login }) => login);
  if (logins.length === 0) logins.push(...standIn(account, trusts));
  const given = (account.certificates ?? []).map((each) => ofCertificate(each, stated.logins, account, { ...facts, trusts, listed }));
  const keyLines = planned.flatMap(({ line, login }): PlannedKeyLine[] => {
    const { options } = line;
    if (line.by === "key") return [{ options, login }];
    if (line.by === "principal") return [];
    const same = (account.certificates ?? []).filter(({ certificate }) => certificate.ca === line.blob);
    const names = [login.certificate?.authority ?? "", ...new Set(same.map(authorityOf))];
    return names.map((authority) => ({ options, authority }));
  });
  if (planned.length === 0) keyLines.push(...logins.filter(({ certificate }) => !certificate).map((login) => ({ options: "", login })));
  return {
    logins: [...logins, ...given],
    keyLines,
    trusted: [
      { authority: trustedAuthority },
      ...(account.certificates ?? []).map((each) => ({ authority: authorityOf(each), ca: each.certificate.ca })),
    ],
    notes: [...stated.notes, ...unused(stated.logins, lines, name, trusts), ...passwords(name, lines, facts.answers)],
  };
}

function nextOf({ by, blob, options }: StatedLogin, later: readonly StatedLogin[]): Pick<PlannedLogin, "next"> {
  const same = by === "key" ? later.find((line) => line.by === "key" && line.blob === blob && line.options !== options) : undefined;
  return same ? { next: same.place } : {};
}

function ofLine(line: StatedLogin, account: string): PlannedLogin {
  const { by, options, place } = line;
  if (by === "key") return { options, place };
  const authority = by === "ca" ? `${place.file}:${place.line}` : trustedAuthority;
  const [principal = account] = principalsOf(line, account);
  return { options, place, certificate: { authority, content: standardCertificate([principal], `forwardlab ${account}`) } };
}

/** Where the account's files state no login: a certificate where the server trusts a CA, otherwise a plain key, unless they are known to hold none. */
function standIn({ name, authorizedKeys }: ServerAccount, trusts: boolean): PlannedLogin[] {
  if (trusts)
    return [{ options: "", certificate: { authority: trustedAuthority, content: standardCertificate([name], `forwardlab ${name}`) } }];
  return authorizedKeys === undefined ? [{ options: "" }] : [];
}

/** The user's certificate, signed by a CA that is trusted where theirs is. */
function ofCertificate(
  given: GivenCertificate,
  lines: readonly StatedLogin[],
  { name }: ServerAccount,
  facts: PlanFacts & { trusts: boolean; listed: boolean },
): PlannedLogin {
  const { certificate } = given;
  const files = facts.answers.flatMap((answer) => certificateSettings(answer).caFile ?? []);
  const inFile = facts.trusts && files.some((path) => caFileHas(facts.config, path, certificate.ca));
  const trustedFirst = !atLeast(facts.version, 9, 0);
  const place = acceptingPlace(certificate, lines, { account: name, trusted: inFile, listed: facts.listed, trustedFirst });
  const untrusted = !inFile && !lines.some(({ by, blob }) => by === "ca" && blob === certificate.ca);
  return {
    options: place?.line?.options ?? "",
    ...(place?.line ? { place: place.line.place } : {}),
    certificate: { authority: authorityOf(given), content: certificate, given, ...(untrusted ? { untrusted } : {}) },
  };
}

function authorityOf({ certificate }: GivenCertificate): AuthorityName {
  return `CA ${certificate.ca}`;
}

/** Where each line limits what may be forwarded, and a password would not: the first of them. */
function passwords(account: string, lines: readonly StatedLogin[], answers: readonly EffectiveSettings[]): Warning[] {
  const [first] = lines;
  const setting = answers.map((each) => passwordSetting(each, account)).find((each) => each !== undefined);
  if (!first || setting === undefined || lines.some(({ options }) => forwardingOf(options) === "")) return [];
  return [warning("password-without-options", { account, setting }, first.place)];
}

/** Principals that sshd does not read for this account. */
function unused(all: readonly StatedLogin[], used: readonly StatedLogin[], account: string, trusts: boolean): Warning[] {
  const file = all.find((line) => !used.includes(line))?.place.file;
  if (file === undefined) return [];
  return [warning("principals-not-read", { account, lacks: trusts ? "AuthorizedPrincipalsFile" : "TrustedUserCAKeys" }, { file })];
}
