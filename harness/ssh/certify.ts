/** The lab's own certification authorities, and the certificates that they sign. */
import { randomBytes, sign } from "node:crypto";
import { certificateBody, type UserCertificate } from "../openssh/certificate.ts";
import { opensshSignature, signatures } from "../openssh/key-format.ts";
import { wireString } from "../openssh/ssh-wire.ts";
import type { LabKey } from "./keys.ts";

/** A certificate for the owner of `key`, as ssh reads it: `ssh-ed25519-cert-v01@openssh.com AAAA…`. */
export function signCertificate(certificate: Omit<UserCertificate, "ca">, key: LabKey, ca: LabKey): string {
  const { type, body } = certificateBody(certificate, { publicKey: key.publicKey, ca: ca.publicKey, nonce: randomBytes(32) });
  const signature = sign(signatures[ca.type].hash, body, { key: ca.signer, dsaEncoding: "ieee-p1363" });
  return `${type} ${Buffer.concat([body, wireString(opensshSignature(ca.type, signature))]).toString("base64")}`;
}
