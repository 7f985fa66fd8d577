/**
 * A JSON document in which everything that is equal stands once: five thousand cells share their traces, rules and sentences. What is unpacked shares
 * them, too, and must not be changed.
 */

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** Entries of `parts` come after what they are made of. */
export interface Packed {
  /** Distinct strings, numbers, `true`, `false` and `null`. */
  atoms: (string | number | boolean | null)[];
  /** Distinct lists of keys. */
  shapes: string[][];
  /** Lists and objects: a shape (-1: a list), then its values. Number n is atom n, or part n - number of atoms. */
  parts: number[][];
  root: number;
}

/** Keys without value are left out, as in JSON. */
export function pack(document: unknown): Packed {
  const atoms: Packed["atoms"] = [];
  const shapes: string[][] = [];
  const parts: number[][] = [];
  const known = { atoms: new Map<string, number>(), shapes: new Map<string, number>(), parts: new Map<string, number>() };
  const seen = new Map<object, number>();
  // Negative while the number of atoms is not known: -1 is part 0.
  const numberOf = (value: Json | undefined): number => {
    if (typeof value !== "object" || value === null) {
      const atom = value === undefined || Number.isNaN(value) ? null : value;
      return numbered(known.atoms, JSON.stringify(atom), atoms, atom);
    }
    const before = seen.get(value);
    if (before !== undefined) return before;
    const part = Array.isArray(value) ? [-1, ...value.map(numberOf)] : objectPart(value as { [key: string]: Json | undefined });
    const number = -1 - numbered(known.parts, part.join(), parts, part);
    seen.set(value, number);
    return number;
  };
  const objectPart = (value: { [key: string]: Json | undefined }): number[] => {
    const entries = Object.entries(value).filter(([, each]) => each !== undefined);
    const keys = entries.map(([key]) => key);
    return [numbered(known.shapes, JSON.stringify(keys), shapes, keys), ...entries.map(([, each]) => numberOf(each))];
  };
  const root = numberOf(document as Json);
  const final = (number: number) => (number < 0 ? atoms.length - 1 - number : number);
  return { atoms, shapes, parts: parts.map(([shape = -1, ...values]) => [shape, ...values.map(final)]), root: final(root) };
}

function numbered<T>(known: Map<string, number>, key: string, list: T[], value: T): number {
  const found = known.get(key);
  if (found !== undefined) return found;
  known.set(key, list.length);
  return list.push(value) - 1;
}

export function unpack({ atoms, shapes, parts, root }: Packed): unknown {
  const values: unknown[] = [...atoms];
  for (const [shape = -1, ...numbers] of parts) {
    if (shape === -1) values.push(numbers.map((number) => values[number]));
    else {
      const entries = (shapes[shape] ?? []).map((key, at) => [key, values[numbers[at] as number]] as const);
      // Not by assignment: a key may be called __proto__.
      values.push(Object.fromEntries(entries));
    }
  }
  return values[root];
}
