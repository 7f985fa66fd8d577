/** Where the nodes of a network stand in its picture, and the lines between them. */
import type { Network } from "./network.ts";

export interface Point {
  x: number;
  y: number;
}

export interface Layout {
  width: number;
  height: number;
  box: { width: number; height: number };
  /** Top left corners. */
  places: Map<string, Point>;
  /** `wide`: a tree from left to right; `narrow`: an indented list. */
  form: Form;
}

export type Form = "wide" | "narrow";

const forms = {
  wide: { box: { width: 152, height: 44 }, column: 178, row: 60, margin: 14 },
  narrow: { box: { width: 208, height: 40 }, column: 26, row: 55, margin: 14 },
} as const;

export function layoutOf(network: Network, form: Form): Layout {
  const { box, column, row, margin } = forms[form];
  const places = new Map<string, Point>();
  let rows = 0;
  let deepest = 0;
  const children = Map.groupBy(network.parents.keys(), (id) => network.parents.get(id) as string);
  const place = (id: string, depth: number): number => {
    deepest = Math.max(deepest, depth);
    const x = margin + depth * column;
    if (form === "narrow") {
      const y = margin + rows++ * row;
      places.set(id, { x, y });
      for (const child of sorted(children.get(id) ?? [])) place(child, depth + 1);
      return y;
    }
    const below = sorted(children.get(id) ?? []).map((child) => place(child, depth + 1));
    const y = below.length === 0 ? margin + rows++ * row : ((below[0] as number) + (below.at(-1) as number)) / 2;
    places.set(id, { x, y });
    return y;
  };
  for (const id of network.nodes.keys()) if (!network.parents.has(id)) place(id, 0);
  return {
    width: 2 * margin + deepest * column + box.width,
    height: 2 * margin + Math.max(0, rows - 1) * row + box.height,
    box,
    places,
    form,
  };
}

/** LANs of the router itself, then what is behind it, then single hosts; each as it stands in the result. */
function sorted(ids: readonly string[]): string[] {
  const rank = (id: string) => ["lan", "router", "host"].indexOf(id.split(":")[0] as string);
  return ids.toSorted((one, other) => rank(one) - rank(other));
}

/** Corners of the line between two wired nodes. `offset` keeps lines apart that go the same way. */
export function lineBetween(layout: Layout, one: string, other: string, offset = 0): Point[] {
  const [a, b] = [layout.places.get(one), layout.places.get(other)];
  if (!a || !b) return [];
  const { box, form } = layout;
  if (form === "narrow") {
    const [upper, lower] = a.y < b.y ? [a, b] : [b, a];
    const x = upper.x + 13 + offset;
    const y = lower.y + box.height / 2 + offset;
    const line = [
      { x, y: upper.y + box.height },
      { x, y },
      { x: lower.x, y },
    ];
    return upper === a ? line : line.reverse();
  }
  const [left, right] = a.x < b.x ? [a, b] : [b, a];
  const from = { x: left.x + box.width, y: left.y + box.height / 2 + offset };
  const to = { x: right.x, y: right.y + box.height / 2 + offset };
  const middle = to.x - 13 + offset;
  const line = [from, { x: middle, y: from.y }, { x: middle, y: to.y }, to];
  return left === a ? line : line.reverse();
}

export function pathText(points: readonly Point[]): string {
  return points.map(({ x, y }, at) => `${at === 0 ? "M" : "L"}${round(x)} ${round(y)}`).join("");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
