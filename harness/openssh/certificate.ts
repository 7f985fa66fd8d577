/** OpenSSH certificates: what they say, and the bytes that a CA signs. Pure. Source: OpenSSH `PROTOCOL.certkeys`. */
import type { NoCertificate } from "../core/fault.ts";
import { WireReader, wireString, wireUint32, wireUint64 } from "./ssh-wire.ts";

/** A critical option, or an extension, with its data as it stands in the certificate. */
export interface CertificateOption {
  name: string;
  data: Uint8Array;
}

/** What a certificate for a user says about its owner. */
export interface UserCertificate {
  keyId: string;
  serial: bigint;
  /** Names that it is valid for; empty: see `PROTOCOL.certkeys`, sshd takes none or every one, depending on where its CA is listed. */
  principals: readonly string[];
  /** Seconds since 1970. */
  validAfter: bigint;
  /** Seconds since 1970; all bits set: for ever. */
  validBefore: bigint;
  criticalOptions: readonly CertificateOption[];
  extensions: readonly CertificateOption[];
  /** The key that signed it, base64, as a `.pub` file has it. */
  ca: string;
}

/** All that `ssh-keygen -s` grants unless told otherwise. */
const standardExtensions = ["permit-X11-forwarding", "permit-agent-forwarding", "permit-port-forwarding", "permit-pty", "permit-user-rc"];
const userType = 1;
const hostType = 2;
const suffix = "-cert-v01@openssh.com";

/** Values between the nonce and the serial number. */
const keyFields: Readonly<Record<string, number>> = {
  "ssh-ed25519": 1,
  "ssh-rsa": 2,
  "ssh-dss": 4,
  "ecdsa-sha2-nistp256": 2,
  "ecdsa-sha2-nistp384": 2,
  "ecdsa-sha2-nistp521": 2,
  "sk-ssh-ed25519": 2,
  "sk-ecdsa-sha2-nistp256": 3,
};

/** A certificate as `ssh-keygen -s` signs it without options: for these names, for ever, with every extension. */
export function standardCertificate(principals: readonly string[], keyId: string): Omit<UserCertificate, "ca"> {
  return {
    keyId,
    serial: 0n,
    principals,
    validAfter: 0n,
    validBefore: 0xffff_ffff_ffff_ffffn,
    criticalOptions: [],
    extensions: standardExtensions.map((name) => ({ name, data: Buffer.alloc(0) })),
  };
}

/** Reads a `-cert.pub` file: its first line that is not empty. `fault`: why it is no certificate for a user. */
export function parseCertificate(text: string): { certificate: UserCertificate } | { fault: NoCertificate; type?: string } {
  const line = text.split("\n").find((each) => each.trim() !== "" && !each.startsWith("#")) ?? "";
  const [type = "", blob = ""] = line.trim().split(/[ \t]+/);
  if (/PRIVATE KEY/.test(line)) return { fault: "private-key" };
  if (!type.endsWith(suffix)) return { fault: keyFields[type.replace(/@openssh\.com$/, "")] ? "public-key" : "nothing" };
  const fields = keyFields[type.slice(0, -suffix.length)];
  if (fields === undefined) return { fault: "unknown-type", type };
  try {
    return readBlob(type, fields, new WireReader(Buffer.from(blob, "base64")));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { fault: "cut-off" };
  }
}

function readBlob(
  type: string,
  fields: number,
  reader: WireReader,
): { certificate: UserCertificate } | { fault: NoCertificate; type?: string } {
  if (reader.text() !== type) return { fault: "mixed-up" };
  // The nonce, and the key of its owner.
  for (let i = 0; i < fields + 1; i++) reader.bytes();
  const serial = reader.uint64();
  const kind = reader.uint32();
  const keyId = reader.text();
  const principals = listOf(reader.bytes(), (each) => each.text());
  const [validAfter, validBefore] = [reader.uint64(), reader.uint64()];
  const option = (each: WireReader): CertificateOption => ({ name: each.text(), data: each.bytes() });
  const criticalOptions = listOf(reader.bytes(), option);
  const extensions = listOf(reader.bytes(), option);
  reader.bytes();
  const ca = reader.bytes().toString("base64");
  if (kind === hostType) return { fault: "of-a-host" };
  return { certificate: { keyId, serial, principals, validAfter, validBefore, criticalOptions, extensions, ca } };
}

function listOf<T>(bytes: Buffer, read: (reader: WireReader) => T): T[] {
  const reader = new WireReader(bytes);
  const list: T[] = [];
  while (!reader.done) list.push(read(reader));
  return list;
}

/**
 * What a CA signs: the certificate without its signature.
 * @param publicKey of its owner, `ssh-ed25519 AAAA…`
 * @param ca public key of the same form
 */
export function certificateBody(
  certificate: Omit<UserCertificate, "ca">,
  { publicKey, ca, nonce }: { publicKey: string; ca: string; nonce: Uint8Array },
): { type: string; body: Buffer } {
  const owner = new WireReader(blobOf(publicKey));
  const type = `${owner.text()}${suffix}`;
  const list = (options: readonly CertificateOption[]) =>
    wireString(Buffer.concat(options.flatMap(({ name, data }) => [wireString(name), wireString(data)])));
  const body = Buffer.concat([
    wireString(type),
    wireString(nonce),
    owner.rest(),
    wireUint64(certificate.serial),
    wireUint32(userType),
    wireString(certificate.keyId),
    wireString(Buffer.concat(certificate.principals.map((name) => wireString(name)))),
    wireUint64(certificate.validAfter),
    wireUint64(certificate.validBefore),
    list(certificate.criticalOptions),
    list(certificate.extensions),
    wireString(""),
    wireString(blobOf(ca)),
  ]);
  return { type, body };
}

function blobOf(publicKey: string): Buffer {
  return Buffer.from(publicKey.split(" ")[1] ?? "", "base64");
}

/** Does it let ports and sockets be forwarded? Source: OpenSSH `auth-options.c` `sshauthopt_from_cert`. */
export function permitsForwarding({ extensions }: Pick<UserCertificate, "extensions">): boolean {
  return extensions.some(({ name }) => name === "permit-port-forwarding");
}

/** Value of a critical option, e.g. `source-address`; undefined when it has none of this name. */
export function criticalOption({ criticalOptions }: Pick<UserCertificate, "criticalOptions">, name: string): string | undefined {
  const option = criticalOptions.find((each) => each.name === name);
  if (!option) return undefined;
  return option.data.length === 0 ? "" : new WireReader(option.data).text();
}
