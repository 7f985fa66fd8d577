/** The accounts of a server. Their logins are made once sshd has said how it treats each. */
import { isDeepStrictEqual } from "node:util";
import { adapted, type HostAdaptation } from "../core/adaptation.ts";
import type { Warning } from "../core/warning.ts";
import type { Host } from "../lab/host.ts";
import { refusesLocked, type UserDatabase } from "../openssh/user-database.ts";
import { type Account, listedFiles } from "./accounts.ts";
import { groupsNamedIn, writeAccounts } from "./server-files.ts";
import type { AccountKey, ServerAccount, SshServerOptions } from "./ssh-server.ts";

export interface PreparedAccount extends Account {
  /** As the user states it. */
  source: ServerAccount;
  keys: AccountKey[];
  /** For a person: lines of its files by which nobody logs in. */
  notes: readonly Warning[];
}

/** Makes a server's accounts, anew whenever the server starts with others. */
export class ServerAccounts {
  readonly #host: Host;
  /** Accounts that the image did not have. */
  readonly #made = new Set<string>();
  #byName = new Map<string, PreparedAccount>();
  #written: { asked: unknown; accounts: Account[]; notes: HostAdaptation[] } | undefined;

  constructor(host: Host) {
    this.#host = host;
  }

  get all(): PreparedAccount[] {
    return [...this.#byName.values()];
  }

  find(name: string): PreparedAccount | undefined {
    return this.#byName.get(name);
  }

  /** Returns what was changed. An account that was there has its former keys, for the new ones to keep. */
  async make({ accounts, config, users, extra = [] }: SshServerOptions): Promise<HostAdaptation[]> {
    const known = this.#byName;
    const tables = users && { users, locks: refusesLocked(config, extra) };
    // Groups that the server's own files lack, it lacks.
    const made = await this.#write({ accounts, groups: users ? [] : groupsNamedIn(config), tables });
    this.#byName = new Map(
      made.accounts.map((account, index) => {
        const keys = known.get(account.name)?.keys ?? [];
        return [account.name, { ...account, source: accounts[index] as ServerAccount, keys, notes: [] }];
      }),
    );
    for (const account of made.accounts) if (!account.existing) this.#made.add(account.name);
    const fresh = accounts.map((account) => account.name).filter((name) => this.#made.has(name));
    return [
      ...(users ? [adapted("accounts-copied", { accounts: users.accounts.length, groups: users.groups.length, ...users.files })] : []),
      ...made.notes,
      ...(fresh.length > 0 ? [adapted("accounts-created", { accounts: fresh })] : []),
    ];
  }

  async #write(asked: AskedAccounts): Promise<{ accounts: Account[]; notes: HostAdaptation[] }> {
    const { accounts, groups, tables } = asked;
    if (this.#written && isDeepStrictEqual(this.#written.asked, asked)) return this.#written;
    // Unless all of it is done, nobody knows what stands there.
    this.#written = undefined;
    const made = await writeAccounts(this.#host, accounts, groups, this.#made, tables && listedFiles(tables.users, tables.locks));
    this.#written = { asked, ...made };
    return made;
  }
}

interface AskedAccounts {
  accounts: readonly ServerAccount[];
  /** Made without members. */
  groups: readonly string[];
  /** The server's own. `locks`: whether sshd looks at them. */
  tables: { users: UserDatabase; locks: boolean } | undefined;
}
