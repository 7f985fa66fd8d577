/** What the page shows stands in the address's hash, so that a link or the Back button leads to it again. */

export type HashState = Readonly<Record<string, string>>;

export function readHash(hash: string): HashState {
  return Object.fromEntries(new URLSearchParams(hash.replace(/^#/, "")));
}

/** Empty values are left out; the order of the keys is always the same. */
export function writeHash(state: HashState): string {
  const entries = Object.entries(state)
    .filter(([, value]) => value !== "")
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return entries.length === 0 ? "" : `#${new URLSearchParams(entries)}`;
}

export function listIn(state: HashState, key: string): string[] {
  return (state[key] ?? "").split(",").filter((each) => each !== "");
}
