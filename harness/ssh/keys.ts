/** The lab's own keys. They are made anew for each lab and never leave it. */
import { generateKeyPair, type KeyObject } from "node:crypto";
import sshpk from "sshpk";
import type { KeyType } from "../openssh/key-types.ts";

export interface LabKey {
  type: KeyType;
  /** Private key as OpenSSH reads it. */
  privateKey: string;
  /** `ssh-ed25519 AAAA…`, no comment. */
  publicKey: string;
}

/** PKCS #8 private key by node:crypto: OpenSSL's generators are the ones that sshd itself relies on. */
async function pkcs8(type: KeyType): Promise<string> {
  const key = await new Promise<KeyObject>((resolve, reject) => {
    const done = (error: Error | null, _public: KeyObject, key: KeyObject) => (error ? reject(error) : resolve(key));
    if (type === "ed25519") generateKeyPair("ed25519", {}, done);
    else if (type === "rsa") generateKeyPair("rsa", { modulusLength: 3072 }, done);
    else generateKeyPair("ec", { namedCurve: "P-256" }, done);
  });
  return key.export({ type: "pkcs8", format: "pem" }) as string;
}

/** A new key pair. `rsa` has 3072 bits (about 0.2 s to make), `ecdsa` is on P-256. */
export async function makeKey(type: KeyType): Promise<LabKey> {
  const key = sshpk.parsePrivateKey(await pkcs8(type), "pem");
  key.comment = "";
  const [algorithm, blob] = key.toPublic().toString("ssh").split(" ");
  return { type, privateKey: key.toString("ssh"), publicKey: `${algorithm} ${blob}` };
}

/** Key type that a HostKey file of this name holds by OpenSSH's own naming; ed25519 when the name does not say. */
export function keyTypeOfPath(path: string): KeyType {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (/ecdsa/i.test(name)) return "ecdsa";
  return /rsa/i.test(name) ? "rsa" : "ed25519";
}
