/** Types of keys by which the lab logs in, and which of them a server accepts. */
export type KeyType = "ed25519" | "rsa" | "ecdsa";

/** The first type of key that a list such as `PubkeyAcceptedAlgorithms` or `HostKeyAlgorithms` (as `sshd -T` prints it) lets in. */
export function acceptedKeyType(algorithms: string): KeyType | undefined {
  const list = algorithms.split(",");
  if (list.includes("ssh-ed25519")) return "ed25519";
  if (list.includes("ecdsa-sha2-nistp256")) return "ecdsa";
  if (list.includes("rsa-sha2-256") || list.includes("rsa-sha2-512")) return "rsa";
  return undefined;
}

/** The first type of key whose certificates a list such as `PubkeyAcceptedAlgorithms` lets in. */
export function acceptedCertificateType(algorithms: string): KeyType | undefined {
  const plain = algorithms.split(",").flatMap((name) => /^(.*)-cert-v01@openssh\.com$/.exec(name)?.[1] ?? []);
  return acceptedKeyType(plain.join(","));
}
