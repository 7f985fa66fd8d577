/** The lab's own keys. They are made anew for each lab and never leave it. */

export type KeyType = "ed25519" | "rsa" | "ecdsa";

export interface LabKey {
  type: KeyType;
  /** Private key as OpenSSH reads it. */
  privateKey: string;
  /** `ssh-ed25519 AAAA…`, no comment. */
  publicKey: string;
}
