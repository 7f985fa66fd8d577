/** Each of several once, in order. */

export function distinct<T extends string | number | undefined>(all: readonly T[]): T[] {
  return [...new Set(all)];
}

/** As `distinct`, of plain data that is compared by what it says. */
export function distinctValues<T>(all: readonly T[]): T[] {
  return [...new Map(all.map((each) => [JSON.stringify(each), each])).values()];
}
