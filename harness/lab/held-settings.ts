/** Kernel settings of hosts that hold for a while. Whoever wants the same meanwhile shares them; the last one puts back what was there. */
import type { Fabric } from "./fabric.ts";
import { writeSettings } from "./tool.ts";

type Values = Readonly<Record<string, string | number>>;

interface Held {
  users: number;
  before: Promise<Values>;
}

export class HeldSettings {
  readonly #fabric: Fabric;
  readonly #held = new Map<string, Held>();
  /** Being put back. */
  readonly #ending = new Map<string, Promise<void>>();

  constructor(fabric: Fabric) {
    this.#fabric = fabric;
  }

  /** Does something while they hold. Two who want different values of one setting must not come together. */
  async during<T>(host: string, settings: Values, work: () => Promise<T>): Promise<T> {
    const name = JSON.stringify([host, settings]);
    const held = this.#held.get(name) ?? { users: 0, before: this.#change(name, host, settings) };
    this.#held.set(name, held);
    held.users++;
    try {
      await held.before;
      return await work();
    } finally {
      if (--held.users === 0) {
        this.#held.delete(name);
        const ending = this.#restore(host, held.before);
        this.#ending.set(name, ending);
        await ending.finally(() => this.#ending.delete(name));
      }
    }
  }

  async #change(name: string, host: string, settings: Values): Promise<Values> {
    await this.#ending.get(name);
    const keys = Object.keys(settings);
    const found = await this.#fabric.request("settings", { namespace: host, keys });
    const before: Record<string, string> = {};
    for (const key of keys) {
      const value = found[key];
      if (typeof value !== "string") throw new Error(`${host} has no ${key}`);
      before[key] = value;
    }
    await writeSettings(this.#fabric, host, settings);
    return before;
  }

  /** What could not be changed is as it was. */
  async #restore(host: string, before: Promise<Values>): Promise<void> {
    const values = await before.catch(() => undefined);
    if (values) await writeSettings(this.#fabric, host, values);
  }
}
