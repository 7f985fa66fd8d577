/** The lab's own certification authorities: one for each of the user's that it stands in for. */
import type { KeyType } from "../openssh/key-types.ts";
import { type LabKey, makeKey } from "./keys.ts";

export class Authorities {
  readonly #keys = new Map<string, Promise<LabKey>>();
  #type: KeyType = "ed25519";

  /** Later ones are of this type; those of another type are made anew. */
  use(type: KeyType): void {
    if (type !== this.#type) this.#keys.clear();
    this.#type = type;
  }

  key(name: string): Promise<LabKey> {
    const key = this.#keys.get(name) ?? makeKey(this.#type);
    this.#keys.set(name, key);
    return key;
  }
}
