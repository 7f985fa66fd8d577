/** The accounts of a server with the keys by which the lab logs in. */
import type { Host } from "../lab/host.ts";
import { parseAuthorizedKeys } from "../openssh/authorized-keys.ts";
import { makeKey } from "./keys.ts";
import type { AccountWithKeys } from "./login-files.ts";
import { groupsNamedIn, writeAccounts } from "./server-files.ts";
import type { AccountKey, ServerAccount, SshServerOptions } from "./ssh-server.ts";

export interface PreparedAccount extends AccountWithKeys {
  /** For a person: about lines of its authorized_keys that are left out. */
  notes: string[];
}

/** Makes a server's accounts, anew whenever the server starts. */
export class ServerAccounts {
  readonly #host: Host;
  /** Accounts that the image did not have. */
  readonly #made = new Set<string>();
  #byName = new Map<string, PreparedAccount>();

  constructor(host: Host) {
    this.#host = host;
  }

  get all(): PreparedAccount[] {
    return [...this.#byName.values()];
  }

  find(name: string): PreparedAccount | undefined {
    return this.#byName.get(name);
  }

  /** Returns notes for a person. An account that was there keeps its keys. */
  async make({ accounts, config }: SshServerOptions): Promise<string[]> {
    const known = this.#byName;
    const made = await writeAccounts(this.#host, accounts, groupsNamedIn(config), this.#made);
    this.#byName = new Map();
    for (const [index, account] of made.accounts.entries()) {
      const { keys, notes } = await keysOf(accounts[index] as ServerAccount, known.get(account.name)?.keys ?? []);
      this.#byName.set(account.name, { ...account, keys, notes, keyFiles: new Set() });
    }
    for (const account of made.accounts) if (!account.existing) this.#made.add(account.name);
    const fresh = accounts.map((account) => account.name).filter((name) => this.#made.has(name));
    return [...made.notes, ...(fresh.length > 0 ? [`accounts created: ${fresh.join(", ")}`] : [])];
  }
}

/** A key for each line of the account's authorized_keys that sshd takes; one plain key where it has none. */
async function keysOf({ authorizedKeys }: ServerAccount, old: readonly AccountKey[]): Promise<{ keys: AccountKey[]; notes: string[] }> {
  const sources = authorizedKeys?.map(({ text, display }) => ({ ...parseAuthorizedKeys(text, display), display }));
  const lines = sources?.flatMap(({ keys, display }) => keys.map(({ options, line }) => ({ options, place: { file: display, line } }))) ?? [
    { options: "", place: undefined },
  ];
  const keys = await Promise.all(
    lines.map(
      async ({ options, place }, index): Promise<AccountKey> => ({
        index,
        key: old[index]?.key ?? (await makeKey("ed25519")),
        options,
        ...(place ? { place } : {}),
      }),
    ),
  );
  return { keys, notes: sources?.flatMap(({ notes }) => notes) ?? [] };
}
