/** What a server lets others do than those whom a policy is about, and to other ports: nobody asked for more of it. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Result } from "../../../harness/core/result.ts";
import { loadPolicy } from "../../../harness/policy/load-policy.ts";
import { accounts, type Forward, policyText, type Server } from "./server.ts";

type Verify = (path: string) => Promise<Result>;
type Kind = "sshd" | "firewall";

export class Openings {
  readonly #verify: Verify;
  readonly #folder: string;
  readonly #server: Pick<Server, "sshd">;
  readonly #before = new Map<Kind, Set<string>>();

  /** @param folder of the server as it was */
  constructor(verify: Verify, folder: string, server: Pick<Server, "sshd">) {
    this.#verify = verify;
    this.#folder = folder;
    this.#server = server;
  }

  /** @param folder of the server to which the patch was applied */
  async addedBy(patch: string, folder: string): Promise<string[]> {
    const files = [...patch.matchAll(/^\+\+\+ b\/(\S+)/gm)].map(([, file]) => file as string);
    const added = patch.split("\n").filter((line) => /^\+(?!\+\+)/.test(line));
    const isSshd = (file: string) => /sshd_config|\.keys$/.test(file);
    // On what sshd itself listens, and whether the server honours bind addresses, is no matter of a list.
    const wide = added.some((line) => /^\+\s*AddressFamily/.test(line));
    const forOne = added.some((line) => /^\+\s*(?:GatewayPorts|AllowTcpForwarding yes|AllowStreamLocalForwarding)/.test(line));
    const kinds: Kind[] = [
      ...(files.some(isSshd) && !wide ? (["sshd"] as const) : []),
      ...(files.some((file) => !isSshd(file) && file !== "policy.yaml") ? (["firewall"] as const) : []),
    ];
    const found: string[] = [];
    for (const kind of kinds) {
      const before = this.#before.get(kind) ?? (await this.#see(kind, this.#folder));
      this.#before.set(kind, before);
      const after = await this.#see(kind, folder);
      found.push(...[...after].filter((each) => !before.has(each) && !(forOne && / elsewhere/.test(each))));
    }
    return found;
  }

  async #see(kind: Kind, folder: string): Promise<Set<string>> {
    const { policy } = await loadPolicy(folder);
    const { sshd } = this.#server;
    const path = join(folder, "others.yaml");
    if (kind === "sshd") {
      const own = new Set(Object.values(policy.forwards).map(({ as }) => as));
      const elsewhere = (as: string) => (own.has(as) ? "elsewhere" : "other");
      const others: Record<string, Forward> = Object.fromEntries(
        accounts.flatMap((as, at) => [
          [`${as}-listens-${elsewhere(as)}`, { as, ssh: `-R :${46_000 + at}:localhost:3389`, reach: [] }] as const,
          [`${as}-connects-${elsewhere(as)}`, { as, ssh: `-L ${46_300 + at}:localhost:5433`, reach: [] }] as const,
        ]),
      );
      await writeFile(path, policyText({ sshd }, others, undefined));
      return reachedIn(await this.#verify(path));
    }
    const [port = 0] = Object.values(policy.forwards).flatMap(({ ssh = "" }) => Number(/\b4\d{4}\b/.exec(ssh)?.[0] ?? []));
    const ports: Record<string, Forward> = Object.fromEntries(
      [port + 1, 5900].map((each) => [`port-${each}`, { as: "alice", ssh: `-R :${each}:localhost:3389`, reach: [] }]),
    );
    const { firewall } = policy.server;
    const text = policyText({ sshd }, ports, JSON.stringify(firewall), "open_sshd_config");
    await writeFile(path, text.replaceAll(/authorized_keys: \w+\.keys/g, "authorized_keys: open.keys"));
    await writeFile(join(folder, "open_sshd_config"), "GatewayPorts yes\n");
    await writeFile(join(folder, "open.keys"), "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZvcndhcmRsYWIgZXhhbXBsZSBrZXksIG5vdCB1c2Vk\n");
    return reachedIn(await this.#verify(path));
  }
}

function reachedIn({ cells }: Result): Set<string> {
  const open = cells.filter(({ observed }) => observed === "reached" || observed === "wrong-service");
  return new Set(open.map(({ forward, vantage, family }) => `${forward.replaceAll("-", " ")} from ${vantage} over IPv${family}`));
}
