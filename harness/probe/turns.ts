/** Work that may go on at the same time as other work of its kind, and work that must be alone with its key. */
export class Turns {
  readonly #running = new Map<string, Running>();
  readonly #alone = new Map<string, Promise<unknown>>();

  /** Together with other shared work of this key and kind; the kinds take turns. */
  async shared<T>(key: string, work: () => Promise<T>, kind = ""): Promise<T> {
    for (let before = this.#before(key, kind); before; before = this.#before(key, kind)) await before.catch(() => undefined);
    const running = this.#running.get(key) ?? { kind, work: new Set() };
    this.#running.set(key, running);
    const promise = work();
    running.work.add(promise);
    try {
      return await promise;
    } finally {
      running.work.delete(promise);
      if (running.work.size === 0) this.#running.delete(key);
    }
  }

  /** What shared work of this kind waits for. */
  #before(key: string, kind: string): Promise<unknown> | undefined {
    const running = this.#running.get(key);
    return this.#alone.get(key) ?? (running && running.kind !== kind ? Promise.allSettled([...running.work]) : undefined);
  }

  /** After everything of this key that runs or waits to be alone; what comes later waits for it. */
  async alone<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#alone.get(key);
    const promise = (async () => {
      await before?.catch(() => undefined);
      await Promise.allSettled([...(this.#running.get(key)?.work ?? [])]);
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

interface Running {
  kind: string;
  work: Set<Promise<unknown>>;
}
