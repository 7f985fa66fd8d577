/** Answers that are asked for very often, each worked out once. Pure. */

/** @param most answers that are kept at a time: with one more, all are forgotten */
export function remembered<Answer>(most: number, find: (key: string) => Answer): (key: string) => Answer {
  const known = new Map<string, { is: Answer }>();
  return (key) => {
    const before = known.get(key);
    if (before) return before.is;
    const is = find(key);
    if (known.size >= most) known.clear();
    known.set(key, { is });
    return is;
  };
}
