/** Keys and signatures in OpenSSH's own formats. Pure. Sources: RFC 4253 (6.6), RFC 5656 (3.1), RFC 8332 (3), RFC 8709 (4, 6); PROTOCOL.key of OpenSSH. */
import type { webcrypto } from "node:crypto";
import type { KeyType } from "./key-types.ts";
import { wireMpint, wireString, wireUint32 } from "./ssh-wire.ts";

const magic = "openssh-key-v1\0";
/** Of the cipher `none`. */
const blockSize = 8;

/** What ssh-keygen writes: the key without a passphrase, and without a comment in both files. */
export function opensshKeyPair(key: webcrypto.JsonWebKey): { privateKey: string; publicKey: string } {
  const { type, publicFields, privateFields } = fieldsOf(key);
  const publicBlob = Buffer.concat([wireString(type), ...publicFields]);
  // Whoever decrypts the key knows by two equal numbers that it came out right: here nothing is encrypted.
  const secret = Buffer.concat([wireUint32(0), wireUint32(0), wireString(type), ...privateFields, wireString("")]);
  const padding = Uint8Array.from({ length: (blockSize - (secret.length % blockSize)) % blockSize }, (_, at) => at + 1);
  const none = [wireString("none"), wireString("none"), wireString("")];
  const body = Buffer.concat([
    Buffer.from(magic),
    ...none,
    wireUint32(1),
    wireString(publicBlob),
    wireString(Buffer.concat([secret, padding])),
  ]);
  const lines = body.toString("base64").replace(/.{1,70}/g, "$&\n");
  return {
    privateKey: `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}-----END OPENSSH PRIVATE KEY-----\n`,
    publicKey: `${type} ${publicBlob.toString("base64")}`,
  };
}

/** What SSH signs a key's data with, as OpenSSL names it, and the name that SSH has for it. */
export const signatures = {
  ed25519: { name: "ssh-ed25519", hash: null },
  ecdsa: { name: "ecdsa-sha2-nistp256", hash: "sha256" },
  rsa: { name: "rsa-sha2-512", hash: "sha512" },
} as const;

/** @param signature of an ECDSA key: both numbers, one after the other, of the same length */
export function opensshSignature(type: KeyType, signature: Uint8Array): Buffer {
  const middle = signature.length / 2;
  const value =
    type === "ecdsa" ? Buffer.concat([wireMpint(signature.subarray(0, middle)), wireMpint(signature.subarray(middle))]) : signature;
  return Buffer.concat([wireString(signatures[type].name), wireString(value)]);
}

function fieldsOf(key: webcrypto.JsonWebKey): { type: string; publicFields: Buffer[]; privateFields: Buffer[] } {
  const part = (name: "d" | "e" | "n" | "p" | "q" | "qi" | "x" | "y") => Buffer.from(key[name] ?? "", "base64url");
  if (key.crv === "Ed25519") {
    const point = wireString(part("x"));
    return { type: "ssh-ed25519", publicFields: [point], privateFields: [point, wireString(Buffer.concat([part("d"), part("x")]))] };
  }
  if (key.crv === "P-256") {
    const point = wireString(Buffer.concat([Buffer.from([4]), part("x"), part("y")]));
    const fields = [wireString("nistp256"), point];
    return { type: "ecdsa-sha2-nistp256", publicFields: fields, privateFields: [...fields, wireMpint(part("d"))] };
  }
  if (key.kty !== "RSA") throw new Error(`no key of OpenSSH's: ${key.kty} ${key.crv ?? ""}`);
  const [n, e, d, qi, p, q] = (["n", "e", "d", "qi", "p", "q"] as const).map((name) => wireMpint(part(name))) as Buffer[];
  return { type: "ssh-rsa", publicFields: [e, n] as Buffer[], privateFields: [n, e, d, qi, p, q] as Buffer[] };
}
