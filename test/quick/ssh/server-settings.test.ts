import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { globalNeeds, ssh2Algorithms } from "../../../harness/ssh/server-settings.ts";

const program = { hasPam: true } as Parameters<typeof globalNeeds>[1];
const usual = { kexalgorithms: "curve25519-sha256", ciphers: "aes256-ctr", macs: "hmac-sha2-256" };
const needs = (settings: Record<string, string>, ssh2: boolean) =>
  globalNeeds(new Map(Object.entries({ ...usual, ...settings }).map(([keyword, value]) => [keyword, [value]])), program, ssh2);

describe("algorithms that the ssh2 library knows are added where sshd has none of them", () => {
  test.each<[Record<string, string>, string[]]>([
    [{}, []],
    [
      { kexalgorithms: "mlkem768x25519-sha256,sntrup761x25519-sha512" },
      ["KexAlgorithms=mlkem768x25519-sha256,sntrup761x25519-sha512,curve25519-sha256"],
    ],
    [{ kexalgorithms: "mlkem768x25519-sha256,ecdh-sha2-nistp521" }, []],
    [{ ciphers: "3des-cbc" }, ["Ciphers=3des-cbc,aes128-gcm@openssh.com"]],
    [{ macs: "umac-128-etm@openssh.com" }, ["MACs=umac-128-etm@openssh.com,hmac-sha2-256-etm@openssh.com"]],
    // With GCM there is no MAC to agree on, and OpenSSH takes an empty list.
    [{ ciphers: "aes256-gcm@openssh.com", macs: "" }, []],
  ])("%o", (settings, expected) => {
    expect(needs(settings, true)).toEqual(expected);
    expect(needs(settings, false)).toEqual([]);
  });

  test("they are the library's own", () => {
    const own = createRequire(import.meta.url)("ssh2/lib/protocol/constants.js") as Record<string, string[]>;
    expect(own.DEFAULT_KEX).toEqual(expect.arrayContaining(ssh2Algorithms.kex));
    expect(own.DEFAULT_CIPHER).toEqual(expect.arrayContaining([...ssh2Algorithms.authenticated, ...ssh2Algorithms.ciphers]));
    expect(own.DEFAULT_MAC).toEqual(expect.arrayContaining(ssh2Algorithms.macs));
  });
});
