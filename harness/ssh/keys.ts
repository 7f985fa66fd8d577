/** The lab's own keys. They are made anew for each lab and never leave it. */
import { generateKeyPair, type KeyObject } from "node:crypto";
import { opensshKeyPair } from "../openssh/key-format.ts";
import type { KeyType } from "../openssh/key-types.ts";

export interface LabKey {
  type: KeyType;
  /** Private key as OpenSSH reads it. */
  privateKey: string;
  /** `ssh-ed25519 AAAA…`, no comment. */
  publicKey: string;
  /** What the private key is, for Node to sign with. */
  signer: KeyObject;
}

/** By node:crypto: OpenSSL's generators are the ones that sshd itself relies on. */
function generate(type: KeyType): Promise<KeyObject> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, _public: KeyObject, key: KeyObject) => (error ? reject(error) : resolve(key));
    if (type === "ed25519") generateKeyPair("ed25519", {}, done);
    else if (type === "rsa") generateKeyPair("rsa", { modulusLength: 3072 }, done);
    else generateKeyPair("ec", { namedCurve: "P-256" }, done);
  });
}

/** A new key pair. `rsa` has 3072 bits (about 0.2 s to make), `ecdsa` is on P-256. */
export async function makeKey(type: KeyType): Promise<LabKey> {
  const signer = await generate(type);
  return { type, ...opensshKeyPair(signer.export({ format: "jwk" })), signer };
}

/** Key type that a HostKey file of this name holds by OpenSSH's own naming; ed25519 when the name does not say. */
export function keyTypeOfPath(path: string): KeyType {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (/ecdsa/i.test(name)) return "ecdsa";
  return /rsa/i.test(name) ? "rsa" : "ed25519";
}
