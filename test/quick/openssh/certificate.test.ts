import sshpk from "sshpk";
import { expect, test } from "vitest";
import { criticalOption, parseCertificate, permitsForwarding, standardCertificate } from "../../../harness/openssh/certificate.ts";
import { signCertificate } from "../../../harness/ssh/certify.ts";
import { makeKey } from "../../../harness/ssh/keys.ts";

/** Made by OpenSSH 9.2: `ssh-keygen -s ca -I "alice's laptop" -z 7 -n alice,deploy -V 20260101Z:20270101Z -O clear -O source-address=… -O force-command=… -O permit-pty`. */
const made =
  "ssh-ed25519-cert-v01@openssh.com AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29tAAAAIFpaImyxaJOFXJ4vhz6QRgKaUrKD2do14WaxJ2bF6zOJAAAAIIle5yp8CO0+d327+bH+UdODhFgQNSdKj1wUQJBiziEvAAAAAAAAAAcAAAABAAAADmFsaWNlJ3MgbGFwdG9wAAAAEwAAAAVhbGljZQAAAAZkZXBsb3kAAAAAaVW5AAAAAABrNuyAAAAAUwAAAA1mb3JjZS1jb21tYW5kAAAACwAAAAdlY2hvIG5vAAAADnNvdXJjZS1hZGRyZXNzAAAAHQAAABkyMDMuMC4xMTMuNywyMDAxOmRiODo6LzMyAAAAEgAAAApwZXJtaXQtcHR5AAAAAAAAAAAAAAAzAAAAC3NzaC1lZDI1NTE5AAAAIDXlB9O0ZYiAIFqvuldHCz9/GGmsJ02wX8xdU1ANfqVTAAAAUwAAAAtzc2gtZWQyNTUxOQAAAEBxjxET++pK70i/Xs0b3spnHUpk2S/VBAz8dV9mXU031LFyQ4i7vQpm+rJtxNFA3NDkrRNKuCKC1SvYnzVX3FQG";
/** `ssh-keygen -s ca -h -I server -n server.example`. */
const forHost =
  "ssh-ed25519-cert-v01@openssh.com AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29tAAAAIDXytnsfA4PcAfNKXUzNzeC5srX2+Lfw4Tp8gSal9eoHAAAAIIle5yp8CO0+d327+bH+UdODhFgQNSdKj1wUQJBiziEvAAAAAAAAAAAAAAACAAAABnNlcnZlcgAAABIAAAAOc2VydmVyLmV4YW1wbGUAAAAAAAAAAP//////////AAAAAAAAAAAAAAAAAAAAMwAAAAtzc2gtZWQyNTUxOQAAACA15QfTtGWIgCBar7pXRws/fxhprCdNsF/MXVNQDX6lUwAAAFMAAAALc3NoLWVkMjU1MTkAAABAY2VgAIxzv7xaedQjDtidiv9y3f1qAmMccDqqSL7Ja0V3hRbhIA+KnhLqpUl7qLoEvW7spvTLkOW0LwgCjUN6AQ==";

function certificateOf(text: string) {
  const read = parseCertificate(text);
  if ("fault" in read) throw new Error(read.fault);
  return read.certificate;
}

test("what ssh-keygen has signed is read: names, time, options, extensions, CA", () => {
  const certificate = certificateOf(`# a comment\n\n${made} alice@laptop\n`);
  expect(certificate).toMatchObject({
    keyId: "alice's laptop",
    serial: 7n,
    principals: ["alice", "deploy"],
    validAfter: BigInt(Date.UTC(2026, 0, 1) / 1000),
    validBefore: BigInt(Date.UTC(2027, 0, 1) / 1000),
    ca: "AAAAC3NzaC1lZDI1NTE5AAAAIDXlB9O0ZYiAIFqvuldHCz9/GGmsJ02wX8xdU1ANfqVT",
  });
  expect(criticalOption(certificate, "source-address")).toBe("203.0.113.7,2001:db8::/32");
  expect(criticalOption(certificate, "force-command")).toBe("echo no");
  expect(criticalOption(certificate, "verify-required")).toBeUndefined();
  expect(certificate.extensions.map(({ name }) => name)).toEqual(["permit-pty"]);
  expect(permitsForwarding(certificate)).toBe(false);
  expect(permitsForwarding(standardCertificate(["alice"], "id"))).toBe(true);
});

test.each([
  [forHost, "of-a-host"],
  ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFPhFckWagB0Amn7A0xkwDFhBKHQwYn7EpIcS2CAdxTt me", "public-key"],
  ["-----BEGIN OPENSSH PRIVATE KEY-----\n", "private-key"],
  ["", "nothing"],
  ["ssh-new-cert-v01@openssh.com AAAA", "unknown-type"],
  [made.slice(0, 300), "cut-off"],
  [made.replace("ssh-ed25519-cert", "ssh-rsa-cert"), "mixed-up"],
])("no certificate for a user: %.40s…", (text, fault) => {
  expect(parseCertificate(text)).toEqual({ fault, ...(fault === "unknown-type" ? { type: text.split(" ")[0] } : {}) });
});

test.each([
  ["ed25519", "ed25519"],
  ["ed25519", "rsa"],
  ["rsa", "ecdsa"],
  ["ecdsa", "ed25519"],
] as const)("a copy for a key of another type says the same: %s, signed by %s", async (type, ca) => {
  const [key, authority] = [await makeKey(type), await makeKey(ca)];
  const { ca: _, ...content } = certificateOf(made);
  const signed = signCertificate(content, key, authority);
  const read = sshpk.parseCertificate(signed, "openssh");
  expect(read.isSignedByKey(sshpk.parseKey(authority.publicKey, "ssh"))).toBe(true);
  expect(read.isSignedByKey(sshpk.parseKey((await makeKey(ca)).publicKey, "ssh"))).toBe(false);
  const copy = certificateOf(signed);
  expect(copy).toEqual({ ...content, ca: authority.publicKey.split(" ")[1] });
});
