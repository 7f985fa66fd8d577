/** What the lab's server is declared to run, what is wanted of it for now, and what it really runs. */
import { textOf } from "../core/plain-text.ts";
import type { ForwardLab } from "./forward-lab.ts";
import { readAccounts, readFirewall, readServer, readSshd, type ServerInput } from "./server-input.ts";

type Part = keyof ServerInput;

/** What a server runs, for a person. */
export interface ServerFiles {
  files: { name: string; text: string }[];
  accounts: string[];
  /** It has a firewall. */
  filtered: boolean;
}

export class DeclaredServer {
  readonly #lab: ForwardLab;
  readonly #declared: Required<ServerInput>;
  #wanted: Required<ServerInput>;
  /** What relative paths start from. */
  #folder: string;
  /** A part is undefined after it failed to load. */
  #running: { [Each in Part]?: string };

  /** The lab runs what is declared. */
  constructor(lab: ForwardLab, declared: Required<ServerInput>, folder: string) {
    this.#lab = lab;
    this.#declared = declared;
    this.#wanted = declared;
    this.#folder = folder;
    this.#running = keysOf(declared, folder);
  }

  /** Names of the accounts that are wanted, in their order. */
  get accounts(): string[] {
    return Object.keys(this.#wanted.accounts);
  }

  /** The texts of what is wanted: files under the names by which messages know them. */
  async describe(): Promise<ServerFiles> {
    const { sshdConfig, firewall, accounts } = await readServer(this.#wanted, this.#folder);
    const text = (content: string | Uint8Array) => (typeof content === "string" ? content : textOf(content));
    return {
      files: [
        ...Object.entries(sshdConfig.read).map(([path, content]) => ({ name: sshdConfig.displayOf[path] ?? path, text: text(content) })),
        ...Object.values(firewall?.files ?? {}).map(({ display, content, whole = content }) => ({ name: display, text: text(whole) })),
        ...accounts
          .flatMap(({ authorizedKeys = [], authorizedPrincipals = [] }) => [...authorizedKeys, ...authorizedPrincipals])
          .map(({ display, text: lines }) => ({ name: display, text: lines })),
      ],
      accounts: accounts.map(({ name }) => name),
      filtered: firewall !== null,
    };
  }

  /** What is declared is wanted again. It is put back by the next `settle`: whoever comes next mostly brings something else. */
  reset(folder: string): void {
    this.#wanted = this.#declared;
    this.#folder = folder;
  }

  /** What is left out stays as it is. */
  want(server: ServerInput): void {
    this.#wanted = { ...this.#wanted, ...server };
  }

  /** The next `settle` loads everything anew. */
  distrust(): void {
    this.#running = {};
  }

  /** Makes the server run what is wanted; costs nothing when it does already. @throws UserError where sshd or nft refuses it */
  async settle(): Promise<void> {
    const wanted = keysOf(this.#wanted, this.#folder);
    const changed = (part: Part) => wanted[part] !== this.#running[part];
    const change = {
      ...(changed("sshd") ? { sshdConfig: await readSshd(this.#wanted.sshd, this.#folder) } : {}),
      ...(changed("accounts") ? { accounts: await readAccounts(this.#wanted.accounts, this.#folder) } : {}),
      ...(changed("firewall") ? { firewall: await readFirewall(this.#wanted.firewall, this.#folder) } : {}),
    };
    if (Object.keys(change).length === 0) return;
    // Until it has succeeded nobody knows what runs of these parts.
    this.#running = Object.fromEntries(Object.entries(this.#running).filter(([part]) => !changed(part as Part)));
    await this.#lab.configure(change);
    this.#running = wanted;
  }
}

/** Equal for equal input. What a path leads to is taken to stay as it is while the lab runs. */
function keysOf(input: Required<ServerInput>, folder: string): { [Each in Part]: string } {
  const key = (part: unknown) => {
    const text = JSON.stringify(part);
    return /"(path|authorizedKeys)":/.test(text) ? `${folder} ${text}` : text;
  };
  return { sshd: key(input.sshd), firewall: key(input.firewall), accounts: key(input.accounts) };
}
