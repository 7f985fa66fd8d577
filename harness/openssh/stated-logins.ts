/** The logins that an account's files state: each key line, and each principal for which a certificate may log in. Pure. */
import { type Warning, warning } from "../core/warning.ts";
import { keyOptionValues, parseAuthorizedKeys } from "./authorized-keys.ts";
import type { UserCertificate } from "./certificate.ts";
import { parsePrincipals } from "./principals-file.ts";

/** A file of the user's: its text, and how reports name it. */
export interface LoginFile {
  text: string;
  display: string;
  /** Where it lies on the server; left out: where sshd looks for it. */
  path?: string;
}

/** A certificate of the user's. */
export interface GivenCertificate {
  certificate: UserCertificate;
  /** The file, as reports name it. */
  display: string;
}

export interface LoginSources {
  /** Left out: it is not known which keys the account has. */
  authorizedKeys?: readonly LoginFile[] | undefined;
  /** What AuthorizedPrincipalsFile names for the account. Left out: not known. */
  authorizedPrincipals?: readonly LoginFile[] | undefined;
}

/** A line of these files by which somebody can log in. */
export interface StatedLogin {
  /** `ca`: a line with `cert-authority`. */
  by: "key" | "ca" | "principal";
  /** As written, "" when none. */
  options: string;
  place: { file: string; line: number };
  /** What `key:` in a policy calls it besides its line: the key's comment, or the principal. */
  name: string;
  /** The key on the line, base64; "" for a principal. */
  blob: string;
}

export interface StatedLogins {
  /** Lines of authorized_keys first, each in the order of its file. */
  logins: StatedLogin[];
  /** Lines by which nobody can log in, and why. */
  notes: Warning[];
}

export function statedLogins({ authorizedKeys = [], authorizedPrincipals = [] }: LoginSources): StatedLogins {
  const keys = authorizedKeys.map(({ text, display }) => ({ ...parseAuthorizedKeys(text, display), display }));
  const principals = authorizedPrincipals.map(({ text, display }) => ({ ...parsePrincipals(text, display), display }));
  const lines = keys.flatMap(({ keys: own, display }) =>
    own.map(({ line, options, blob, comment, authority }): StatedLogin => {
      return { by: authority ? "ca" : "key", options, place: { file: display, line }, name: comment, blob };
    }),
  );
  return {
    logins: [
      ...lines,
      ...principals.flatMap(({ principals: lines, display }) =>
        lines.map(({ line, options, principal }): StatedLogin => {
          return { by: "principal", options, place: { file: display, line }, name: principal, blob: "" };
        }),
      ),
    ],
    notes: [...[...keys, ...principals].flatMap(({ notes }) => notes), ...repeatedKeys(lines)],
  };
}

/** Whoever has anonymized a file may have put one key in the place of several: only the user knows. */
function repeatedKeys(lines: readonly StatedLogin[]): Warning[] {
  const byKey = Map.groupBy(
    lines.filter(({ by }) => by === "key"),
    ({ blob }) => blob,
  );
  return [...byKey.values()].flatMap(([first, ...more]) => {
    const [other, ...others] = more.filter(({ options }) => options !== first?.options);
    if (!first || !other) return [];
    return [warning("key-repeated", { first: `${first.place.file}:${first.place.line}`, others: others.length }, other.place)];
  });
}

/** Names that a certificate needs for such a line: one of them. Source: sshd(8), AUTHORIZED_KEYS FILE FORMAT, `principals`. */
export function principalsOf({ by, options, name }: StatedLogin, account: string): string[] {
  if (by === "principal") return [name];
  const [listed] = keyOptionValues(options, "principals");
  return listed === undefined ? [account] : listed.split(",");
}

/** Where a server trusts the CA of a certificate. */
export interface CaTrust {
  account: string;
  /** TrustedUserCAKeys has the CA. */
  trusted: boolean;
  /** AuthorizedPrincipalsFile, or the command, says who may log in; otherwise the account's own name counts. */
  listed: boolean;
  /** TrustedUserCAKeys is asked before authorized_keys, as in old versions: measured on 8.4, no more on 9.2. */
  trustedFirst: boolean;
}

/** Where sshd finds a certificate's login. `line` is left out where TrustedUserCAKeys alone lets the account's own name in. Undefined: nowhere. */
export function acceptingPlace(
  { ca, principals }: UserCertificate,
  logins: readonly StatedLogin[],
  { account, trusted, listed, trustedFirst }: CaTrust,
): { line?: StatedLogin } | undefined {
  const has = (line: StatedLogin) => principalsOf(line, account).some((name) => principals.includes(name));
  const inKeys = logins.find((line) => line.by === "ca" && line.blob === ca && has(line));
  const inPrincipals = logins.find((line) => line.by === "principal" && has(line));
  const byPrincipal = inPrincipals && { line: inPrincipals };
  const byName = principals.includes(account) ? {} : undefined;
  const byTrust = listed ? byPrincipal : byName;
  const places = [inKeys && { line: inKeys }, trusted ? byTrust : undefined];
  return (trustedFirst ? places.reverse() : places).find((place) => place !== undefined);
}
