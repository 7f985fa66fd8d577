import ssh2 from "ssh2";
import sshpk from "sshpk";
import { expect, test } from "vitest";
import { acceptedKeyType } from "../../../harness/openssh/key-types.ts";
import { keyTypeOfPath, makeKey } from "../../../harness/ssh/keys.ts";

test.each(["ed25519", "rsa", "ecdsa"] as const)(
  "a private key in OpenSSH's format, and the public key that belongs to it: %s",
  async (type) => {
    const key = await makeKey(type);
    expect(key.privateKey).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----\n/);
    expect(sshpk.parsePrivateKey(key.privateKey, "ssh").toPublic().toString("ssh").startsWith(key.publicKey)).toBe(true);
    const read = ssh2.utils.parseKey(key.privateKey);
    if (read instanceof Error) throw read;
    expect(`${read.type} ${read.getPublicSSH().toString("base64")}`).toBe(key.publicKey);
  },
);

test("two hundred ed25519 keys are all well-formed", async () => {
  for (let i = 0; i < 200; i++) {
    const key = await makeKey("ed25519");
    expect(Buffer.from(key.publicKey.split(" ")[1] as string, "base64")).toHaveLength(51);
    expect(ssh2.utils.parseKey(key.privateKey)).not.toBeInstanceOf(Error);
  }
});

test("types by name and by what a config accepts", () => {
  expect(["/etc/ssh/ssh_host_rsa_key", "/etc/ssh/ssh_host_ecdsa_key", "/keys/host"].map(keyTypeOfPath)).toEqual([
    "rsa",
    "ecdsa",
    "ed25519",
  ]);
  expect(acceptedKeyType("rsa-sha2-256,ssh-ed25519")).toBe("ed25519");
  expect(acceptedKeyType("ssh-ed25519-cert-v01@openssh.com")).toBeUndefined();
});
