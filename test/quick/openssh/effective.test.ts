import { expect, test } from "vitest";
import { connectionSpec, effectiveValue, parseEffective } from "../../../harness/openssh/effective.ts";
import { adaptationsFile, authorizedKeysPaths, loginNeeds } from "../../../harness/openssh/login-needs.ts";
import { atLeast, parseOpenSshVersion } from "../../../harness/openssh/version.ts";

const oldStyle = `port 22
listenaddress [::]:22
listenaddress 0.0.0.0:22
pubkeyauthentication yes
gatewayports clientspecified
authorizedkeysfile .ssh/authorized_keys .ssh/authorized_keys2
pubkeyacceptedkeytypes ssh-ed25519-cert-v01@openssh.com,ssh-ed25519,rsa-sha2-512
loglevel VERBOSE
permitlisten any
channeltimeout
`;

test("keywords are the same in lower case and in CamelCase (10.4 and newer)", () => {
  const camel = "Port 22\nGatewayPorts clientspecified\nListenAddress [::]:22\nListenAddress 0.0.0.0:22\n";
  for (const text of [oldStyle, camel]) {
    const settings = parseEffective(text);
    expect(effectiveValue(settings, "GatewayPorts")).toBe("clientspecified");
    expect(settings.get("listenaddress")).toEqual(["[::]:22", "0.0.0.0:22"]);
  }
});

test("keywords that were renamed are found under the new name; an unset one is empty", () => {
  const settings = parseEffective(oldStyle);
  expect(effectiveValue(settings, "pubkeyacceptedalgorithms")).toContain("ssh-ed25519,");
  expect(effectiveValue(settings, "channeltimeout")).toBe("");
  expect(effectiveValue(settings, "refuseconnection")).toBe("");
});

test("the connection is spelled as sshd -C wants it", () => {
  expect(connectionSpec({ user: "alice", addr: "2001:db8::7", laddr: "2001:db8::10", lport: 22 })).toBe(
    "user=alice,host=2001:db8::7,addr=2001:db8::7,laddr=2001:db8::10,lport=22",
  );
});

test.each([
  ["OpenSSH_10.0p2 Debian-7+deb13u4, OpenSSL 3.5.7 9 Jun 2026", "OpenSSH_10.0p2 Debian-7+deb13u4", 10, 0],
  ["unknown option -- V\nOpenSSH_8.4p1 Debian-5+deb11u7, OpenSSL 1.1.1\nusage: sshd", "OpenSSH_8.4p1 Debian-5+deb11u7", 8, 4],
  ["OpenSSH_9.2, OpenSSL 3.0.20\nOpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.20", "OpenSSH_9.2p1 Debian-2+deb12u10", 9, 2],
  ["OpenSSH_9.2, OpenSSL 3.0.20\nOpenSSH_9.9p1, OpenSSL 3", "OpenSSH_9.2", 9, 2],
])("the version is found in %j", (output, text, major, minor) => {
  expect(parseOpenSshVersion(output)).toEqual({ text, major, minor });
});

test("10.0 is newer than 9.8, and nothing is no version", () => {
  expect(atLeast({ text: "", major: 10, minor: 0 }, 9, 8)).toBe(true);
  expect(atLeast({ text: "", major: 9, minor: 2 }, 9, 8)).toBe(false);
  expect(parseOpenSshVersion("Dropbear v2025.88")).toBeUndefined();
});

const version = { text: "", major: 10, minor: 0 };
const byKey = { plainKey: true, keysFile: true, certificate: false, trustedCa: false, authority: "ed25519" } as const;
const byCertificate = { ...byKey, plainKey: false, keysFile: false, certificate: true, trustedCa: true };

test("a config that a key alone satisfies is left alone", () => {
  expect(loginNeeds("alice", parseEffective(oldStyle), version, byKey)).toMatchObject({ overrides: [], notes: [], keyType: "ed25519" });
  const either = parseEffective(`${oldStyle}authenticationmethods publickey,password publickey\n`);
  expect(loginNeeds("alice", either, version, byKey).overrides).toEqual([]);
});

test("what a key alone cannot satisfy becomes an override for that account, with the reason", () => {
  const settings = parseEffective(
    "pubkeyauthentication no\nauthenticationmethods publickey,keyboard-interactive\nauthorizedkeysfile none\npubkeyacceptedalgorithms sk-ssh-ed25519@openssh.com\nloglevel QUIET\n",
  );
  const needs = loginNeeds("alice", settings, version, byKey);
  expect(needs.overrides).toEqual([
    "PubkeyAuthentication yes",
    "AuthenticationMethods publickey",
    "AuthorizedKeysFile /run/forwardlab/keys/%u",
    "PubkeyAcceptedAlgorithms +ssh-ed25519",
    "LogLevel VERBOSE",
  ]);
  expect(needs.notes).toHaveLength(5);
  expect(needs.notes[1]).toMatchObject({ params: { why: "other-methods", instead: "publickey,keyboard-interactive" } });
  expect(loginNeeds("alice", settings, { text: "", major: 8, minor: 4 }, byKey).overrides).toContain("PubkeyAcceptedKeyTypes +ssh-ed25519");
  expect(adaptationsFile(new Map([["alice", needs.overrides.slice(0, 1)]]))).toBe('Match User "alice"\n    PubkeyAuthentication yes\n');
  expect(adaptationsFile(new Map([["alice", []]]))).toBe("");
});

test("the key's type is one that the config accepts", () => {
  const only = (list: string) =>
    loginNeeds("a", parseEffective(`${oldStyle.replace(/pubkeyaccepted.*/, "")}pubkeyacceptedalgorithms ${list}\n`), version, byKey)
      .keyType;
  expect(only("rsa-sha2-512,rsa-sha2-256")).toBe("rsa");
  expect(only("ecdsa-sha2-nistp256")).toBe("ecdsa");
  expect(only("rsa-sha2-512,ssh-ed25519")).toBe("ed25519");
});

test("AuthorizedKeysFile: tokens, absolute and relative", () => {
  const account = { name: "alice", uid: 1000, home: "/home/alice" };
  expect(authorizedKeysPaths(".ssh/authorized_keys %h/k /etc/ssh/keys/%u/%U /x%%y none", account)).toEqual([
    "/home/alice/.ssh/authorized_keys",
    "/home/alice/k",
    "/etc/ssh/keys/alice/1000",
    "/x%y",
  ]);
});

test("a login by certificate needs no file of keys, and other algorithms", () => {
  const settings = parseEffective(
    "authorizedkeysfile none\npubkeyacceptedalgorithms ssh-ed25519-cert-v01@openssh.com\ncasignaturealgorithms rsa-sha2-512\ntrustedusercakeys /ca\nauthorizedprincipalscommand /bin/list %u\nloglevel VERBOSE\n",
  );
  expect(loginNeeds("alice", settings, version, byCertificate).overrides).toEqual([
    "CASignatureAlgorithms +ssh-ed25519",
    "AuthorizedPrincipalsCommand none",
    "AuthorizedPrincipalsFile /run/forwardlab/principals/%u",
  ]);
  expect(loginNeeds("alice", settings, version, { ...byCertificate, authority: "rsa" }).overrides).not.toContain(
    "CASignatureAlgorithms +ssh-ed25519",
  );
  const plainOnly = parseEffective(
    "pubkeyacceptedalgorithms ssh-ed25519,rsa-sha2-512\ncasignaturealgorithms ssh-ed25519\nloglevel VERBOSE\n",
  );
  expect(loginNeeds("alice", plainOnly, version, byCertificate).overrides).toEqual([
    "PubkeyAcceptedAlgorithms +ssh-ed25519-cert-v01@openssh.com",
  ]);
});
