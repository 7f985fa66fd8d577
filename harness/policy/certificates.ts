/** The certificates of users that a policy names. */
import { UserError } from "../core/errors.ts";
import { faultOf, type NoCertificate } from "../core/fault.ts";
import { parseCertificate, type UserCertificate } from "../openssh/certificate.ts";
import type { GivenCertificate } from "../openssh/stated-logins.ts";
import type { InputFiles, PolicyPath } from "./input-files.ts";
import { accountOf, accountsOf, type Policy } from "./policy.ts";
import type { PolicyPaths } from "./policy-paths.ts";

/** By account: its own, and those of its forwards, each once. Throws UserError `certificate` for a file that is none. */
export async function readCertificates(policy: Policy, paths: PolicyPaths, files: InputFiles): Promise<Record<string, GivenCertificate[]>> {
  const read = new Map<string, GivenCertificate>();
  for (const at of Object.values(paths.certificates)) if (!read.has(at.display)) read.set(at.display, await readCertificate(at, files));
  return Object.fromEntries(
    Object.entries(accountsOf(policy)).map(([account, { certificate }]) => {
      const forwards = Object.values(policy.forwards).filter((forward) => accountOf(policy, forward) === account);
      const named = [certificate, ...forwards.map((forward) => forward.certificate)].flatMap((name = "") => paths.certificates[name] ?? []);
      const displays = [...new Set(named.map(({ display }) => display))];
      return [account, displays.flatMap((display) => read.get(display) ?? [])];
    }),
  );
}

/** By forward: the certificate that it logs in with, as reports name it. A `key:` of its own goes before the account's certificate. */
export function chosenCertificates(policy: Policy, paths: PolicyPaths): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(policy.forwards).map(([name, forward]) => {
      const ofAccount = forward.key === undefined ? accountsOf(policy)[accountOf(policy, forward) ?? ""]?.certificate : undefined;
      return [name, paths.certificates[forward.certificate ?? ofAccount ?? ""]?.display];
    }),
  );
}

async function readCertificate(at: PolicyPath, files: InputFiles): Promise<GivenCertificate> {
  return { certificate: requireCertificate(await files.text(at), at.display), display: at.display };
}

const noCertificate: Record<Exclude<NoCertificate, "unknown-type">, string> = {
  "private-key": "a private key",
  "public-key": "a plain public key",
  nothing: "no certificate",
  "cut-off": "a certificate that is cut off",
  "mixed-up": "a certificate whose type does not match its content",
  "of-a-host": "a certificate for a host",
};

/** Throws UserError `certificate` where the text is no certificate for a user. */
export function requireCertificate(text: string, file: string): UserCertificate {
  const read = parseCertificate(text);
  if ("certificate" in read) return read.certificate;
  throw new UserError("certificate", `${file} is not a user certificate`, {
    place: { file, line: 1 },
    fault: faultOf("certificate-none", { file, found: read.fault, type: read.type }),
    found: read.fault === "unknown-type" ? `a certificate of an unknown type, ${read.type}` : noCertificate[read.fault],
    expected: "a certificate that `ssh-keygen -s CA -I ID -n NAMES` has signed, such as id_ed25519-cert.pub",
    todo: "`ssh-keygen -L -f FILE` shows what a certificate says",
  });
}
