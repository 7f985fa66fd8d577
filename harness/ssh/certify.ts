/** The lab's own certification authorities, and the certificates that they sign. */
import { randomBytes } from "node:crypto";
import sshpk from "sshpk";
import { certificateBody, type UserCertificate } from "../openssh/certificate.ts";
import { wireString } from "../openssh/ssh-wire.ts";
import type { LabKey } from "./keys.ts";

/** A certificate for the owner of `key`, as ssh reads it: `ssh-ed25519-cert-v01@openssh.com AAAA…`. */
export function signCertificate(certificate: Omit<UserCertificate, "ca">, key: LabKey, ca: LabKey): string {
  const { type, body } = certificateBody(certificate, { publicKey: key.publicKey, ca: ca.publicKey, nonce: randomBytes(32) });
  const signer = sshpk.parsePrivateKey(ca.privateKey, "ssh").createSign(ca.type === "ecdsa" ? "sha256" : "sha512");
  signer.update(body);
  const signature = signer.sign().toBuffer("ssh");
  return `${type} ${Buffer.concat([body, wireString(signature)]).toString("base64")}`;
}
