/** Files and folders of Unix sockets that forwards listen on: neither ssh nor sshd removes the file. */
import { type Adaptation, adapted } from "../core/adaptation.ts";
import type { Lab } from "../lab/lab.ts";
import { makeRuntimeFolder } from "../ssh/runtime-folder.ts";

export class SocketFiles {
  readonly #lab: Lab;
  readonly #left: { host: string; path: string }[] = [];
  /** Folders below /run/user that were made, with host and account. */
  readonly #folders = new Map<string, { host: string; account: string }>();

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  /** A login makes the account's runtime folder where systemd runs; here, when a socket's path asks for it. */
  async prepareFolder(host: string, account: string, path: string): Promise<void> {
    const made = await makeRuntimeFolder(this.#lab.host(host), account, path);
    if (made !== undefined) this.#folders.set(made, { host, account });
  }

  /** A forward that was granted leaves its file here. */
  expect(host: string, path: string): void {
    this.#left.push({ host, path });
  }

  /** Removes the files; the next forward to such a path would be refused. Call it when those forwards are closed. */
  async remove(): Promise<void> {
    await Promise.all(this.#left.splice(0).map(({ host, path }) => this.#lab.host(host).remove([path])));
  }

  get adaptations(): Adaptation[] {
    return [...this.#folders].map(([folder, { host, account }]) => ({ host, ...adapted("runtime-folder", { folder, account }) }));
  }
}
