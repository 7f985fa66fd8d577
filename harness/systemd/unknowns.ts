/** What a unit's text stands for, where only the machine that runs it knows: carried along as a mark, because it may end up where it does not matter. */

/** Around the number of an unknown: Unicode's private use area, which no unit contains for another purpose. */
const open = "\uE000";
const close = "\uE001";
const mark = new RegExp(`${open}(\\d+)${close}`, "g");

export interface Unknown {
  /** As written: `%H`, `${HOME}`. */
  written: string;
  /** Why it is not known, for a person. */
  why: string;
}

export class Unknowns {
  readonly #all: Unknown[] = [];

  /** To put in the place of what is not known. */
  mark(written: string, why: string): string {
    return `${open}${this.#all.push({ written, why }) - 1}${close}`;
  }

  /** The first one in a text. */
  in(text: string): Unknown | undefined {
    const [found] = text.matchAll(mark);
    return found && this.#all[Number(found[1])];
  }

  /** The text as it was written. */
  written(text: string): string {
    return text.replace(mark, (_, index: string) => this.#all[Number(index)]?.written ?? "");
  }
}
