/** Work that may go on at the same time, and work that must be alone with its key. */
export class Turns {
  readonly #running = new Map<string, Set<Promise<unknown>>>();
  readonly #alone = new Map<string, Promise<unknown>>();

  /** Together with other shared work of this key. */
  async shared<T>(key: string, work: () => Promise<T>): Promise<T> {
    for (let alone = this.#alone.get(key); alone; alone = this.#alone.get(key)) await alone.catch(() => undefined);
    const running = this.#running.get(key) ?? new Set();
    this.#running.set(key, running);
    const promise = work();
    running.add(promise);
    try {
      return await promise;
    } finally {
      running.delete(promise);
      if (running.size === 0) this.#running.delete(key);
    }
  }

  /** After everything of this key that runs or waits to be alone; what comes later waits for it. */
  async alone<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#alone.get(key);
    const promise = (async () => {
      await before?.catch(() => undefined);
      await Promise.allSettled([...(this.#running.get(key) ?? [])]);
      return await work();
    })();
    this.#alone.set(key, promise);
    try {
      return await promise;
    } finally {
      if (this.#alone.get(key) === promise) this.#alone.delete(key);
    }
  }
}
