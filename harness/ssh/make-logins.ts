/** Makes the keys and certificates of an account's logins, and the lines by which sshd lets them in. */
import { labKeyLine } from "../openssh/authorized-keys.ts";
import type { LoginNeeds } from "../openssh/login-needs.ts";
import type { Authorities } from "./authorities.ts";
import { signCertificate } from "./certify.ts";
import { type LabKey, makeKey } from "./keys.ts";
import type { LoginPlan, PlannedLogin } from "./plan-logins.ts";
import type { AccountKey } from "./ssh-server.ts";

export interface MadeLogins {
  keys: AccountKey[];
  /** Lines of authorized_keys. */
  keyLines: string[];
  /** Lines of files that TrustedUserCAKeys names. `ca`: only of files that hold this key of the user's CA. */
  caLines: { text: string; ca?: string }[];
}

/** @param old keys of an earlier start, kept where they are of the right type */
export async function makeLogins(
  name: string,
  plan: LoginPlan,
  types: Pick<LoginNeeds, "keyType" | "certificateType">,
  authorities: Authorities,
  old: readonly AccountKey[],
): Promise<MadeLogins> {
  const keys = await Promise.all(
    plan.logins.map(async (login, index): Promise<AccountKey> => {
      const type = login.certificate ? types.certificateType : types.keyType;
      const known = old[index]?.key;
      const key = known?.type === type ? known : await makeKey(type);
      return { index, key, ...(await loginBy(login, key, authorities)) };
    }),
  );
  const keyLines = await Promise.all(
    plan.keyLines.map(async (line, at) => {
      const key = "login" in line ? keys[plan.logins.indexOf(line.login)]?.key : await authorities.key(line.authority);
      return labKeyLine(line.options, (key as LabKey).publicKey, `${name}-${at}`);
    }),
  );
  const caLines = await Promise.all(
    plan.trusted.map(async ({ authority, ...which }) => ({ text: `${(await authorities.key(authority)).publicKey} forwardlab`, ...which })),
  );
  return { keys, keyLines, caLines };
}

async function loginBy(
  { options, place, next, certificate }: PlannedLogin,
  key: LabKey,
  authorities: Authorities,
): Promise<Omit<AccountKey, "index" | "key">> {
  const line = { options, ...(place ? { place } : {}), ...(next ? { next } : {}) };
  if (!certificate) return line;
  const { authority, content, given, untrusted } = certificate;
  const text = signCertificate(content, key, await authorities.key(authority));
  return {
    ...line,
    certificate: { text, content, ...(given ? { file: given.display } : {}), ...(untrusted ? { untrusted } : {}) },
  };
}
