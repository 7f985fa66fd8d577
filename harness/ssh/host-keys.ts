/** Host keys of the lab's own for every HostKey that the config names. */
import type { HostFile } from "../lab/host.ts";
import type { KeyType } from "../openssh/key-types.ts";
import type { SshdConfig } from "../openssh/sshd-config.ts";
import { keyTypeOfPath, type LabKey, makeKey } from "./keys.ts";

/** One host key of each type for all labs of this process: an RSA key takes longer to make than sshd takes to start. */
const made = new Map<KeyType, Promise<LabKey>>();

function hostKey(type: KeyType): Promise<LabKey> {
  const known = made.get(type) ?? makeKey(type);
  made.set(type, known);
  return known;
}

export interface HostKeys {
  files: Record<string, HostFile>;
  /** known_hosts lines, for any address: the lab has one server per file. */
  knownHosts: string;
}

/**
 * Keys for the HostKey lines (by file name: rsa, ecdsa, else ed25519). Without such lines sshd looks for its default files: ed25519 is made,
 * and the other types too when the config says something about host key algorithms.
 */
export async function prepareHostKeys(config: SshdConfig): Promise<HostKeys> {
  const named = config.lines.filter((line) => line.keyword === "hostkey").map((line) => line.args[0] as string);
  const others = config.lines.some((line) => line.keyword === "hostkeyalgorithms");
  const defaults = ["ed25519", ...(others ? ["rsa", "ecdsa"] : [])].map((type) => `/etc/ssh/ssh_host_${type}_key`);
  const files: Record<string, HostFile> = {};
  const lines = new Set<string>();
  for (const path of named.length > 0 ? named : defaults) {
    if (!path.startsWith("/") || /dsa_key$/.test(path.replace("ecdsa", ""))) continue;
    const key = await hostKey(keyTypeOfPath(path));
    files[path] = { content: key.privateKey, mode: 0o600 };
    files[`${path}.pub`] = { content: `${key.publicKey}\n` };
    lines.add(`* ${key.publicKey}\n`);
  }
  return { files, knownHosts: [...lines].join("") };
}
