/** Intervals of whole numbers: addresses, ports. Joined, and a space of them cut into classes. */

/** Both ends belong to it. */
export interface Interval<Value extends bigint | number> {
  first: Value;
  last: Value;
}

/** In order; those that touch or overlap are one. */
export function merged<Range extends Interval<bigint | number>>(ranges: readonly Range[]): Range[] {
  const found: Range[] = [];
  for (const each of ranges.toSorted((one, other) => compare(one.first, other.first))) {
    const last = found.at(-1);
    if (!last || each.first > beside(last.last, 1)) found.push({ ...each });
    else if (each.last > last.last) last.last = each.last;
  }
  return found;
}

export function holds<Value extends bigint | number>(ranges: readonly Interval<Value>[], value: Value): boolean {
  return ranges.some(({ first, last }) => first <= value && value <= last);
}

/** Values that lie in the same sets. */
export interface IntervalClass<Value extends bigint | number> {
  ranges: Interval<Value>[];
  /** Indices of the sets that they lie in, in order. */
  sets: number[];
}

/** Cuts a space into the fewest classes such that each set holds all of a class or none. What a set has outside the space counts for nothing. */
export function cut<Value extends bigint | number>(
  space: Interval<Value>,
  sets: readonly (readonly Interval<Value>[])[],
): IntervalClass<Value>[] {
  const changes = changesAt(space, sets);
  const inside = new Set<number>();
  const classes = new Map<string, IntervalClass<Value>>();
  const borders = [...changes.keys()].sort(compare);
  for (const [index, first] of borders.entries()) {
    for (const { set, by } of changes.get(first) ?? []) {
      if (by === 1) inside.add(set);
      else inside.delete(set);
    }
    const within = [...inside].sort((one, other) => one - other);
    const key = within.join();
    const found = classes.get(key) ?? { ranges: [], sets: within };
    const next = borders[index + 1];
    found.ranges.push({ first, last: next === undefined ? space.last : beside(next, -1) });
    classes.set(key, found);
  }
  return [...classes.values()];
}

/** Where in the space a set begins or ends; its first value is always there. */
function changesAt<Value extends bigint | number>(space: Interval<Value>, sets: readonly (readonly Interval<Value>[])[]) {
  const changes = new Map<Value, { set: number; by: 1 | -1 }[]>([[space.first, []]]);
  const note = (at: Value, set: number, by: 1 | -1) => changes.set(at, [...(changes.get(at) ?? []), { set, by }]);
  for (const [set, ranges] of sets.entries()) {
    for (const { first, last } of merged(ranges)) {
      if (first > space.last || last < space.first) continue;
      note(compare(first, space.first) < 0 ? space.first : first, set, 1);
      if (last < space.last) note(beside(last, 1), set, -1);
    }
  }
  return changes;
}

function beside<Value extends bigint | number>(value: Value, by: 1 | -1): Value {
  return (typeof value === "bigint" ? value + BigInt(by) : Number(value) + by) as Value;
}

function compare(one: bigint | number, other: bigint | number): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
