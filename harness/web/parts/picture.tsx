/** The lab's network as a picture, with the way of a cell's packets on it. */
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { type Form, type Layout, layoutOf, lineBetween, type Point, pathText } from "./layout.ts";
import type { Leg } from "./legs.ts";
import type { Network, NetworkNode } from "./network.ts";
import { useWords } from "./page.tsx";

export interface PictureProps {
  network: Network;
  /** Nodes at which a firewall of the user's decided something. */
  firewalls: ReadonlySet<string>;
  legs?: readonly Leg[];
  /** What is said of it to those who do not see it. */
  label: string;
  family?: 4 | 6 | null;
  /** Drawn over everything else. */
  over?: ((layout: Layout) => ComponentChildren) | undefined;
  /** What a person can choose on it: HTML that lies over the drawing. */
  controls?: ((layout: Layout) => ComponentChildren) | undefined;
}

/** Both forms are there; the style sheet shows the one that there is room for. */
export function Picture(props: PictureProps) {
  return (
    <div class="picture">
      <Drawing {...props} form="wide" />
      <Drawing {...props} form="narrow" />
    </div>
  );
}

function Drawing({ network, firewalls, legs = [], label, family, form, over, controls }: PictureProps & { form: Form }) {
  const layout = useMemo(() => layoutOf(network, form), [network, form]);
  const wires = useMemo(() => wiresOf(network, layout), [network, layout]);
  const onWay = new Set(legs.filter(({ state }) => state !== "untried").flatMap(({ way }) => way));
  const stops = new Set(legs.flatMap(({ stoppedAt }) => stoppedAt ?? []));
  return (
    <div class={`sheet ${form}`}>
      <svg
        class={`drawing ${form}`}
        viewBox={`0 0 ${layout.width} ${layout.height}`}
        width={Math.round(layout.width * (form === "wide" ? 1.1 : 1))}
        role="img"
        aria-label={label}
      >
        <g class="wires">
          {wires.map((d) => (
            <path key={d} d={d} />
          ))}
        </g>
        <g class="legs">
          {legs.map((leg, at) => (
            <LegLine key={leg.name} leg={leg} layout={layout} offset={(at - 1) * 5} />
          ))}
        </g>
        {[...network.nodes.values()].map((node) => (
          <NodeBox
            key={node.id}
            node={node}
            layout={layout}
            firewall={firewalls.has(node.id)}
            onWay={onWay.has(node.id)}
            stop={stops.has(node.id)}
            family={family}
          />
        ))}
        {over?.(layout)}
      </svg>
      {controls?.(layout)}
    </div>
  );
}

function wiresOf(network: Network, layout: Layout): string[] {
  const drawn = new Set<string>();
  return [...network.wires].flatMap(([from, others]) =>
    others.flatMap((to) => {
      const key = [from, to].sort().join(" ");
      if (drawn.has(key)) return [];
      drawn.add(key);
      return pathText(lineBetween(layout, from, to));
    }),
  );
}

function LegLine({ leg, layout, offset }: { leg: Leg; layout: Layout; offset: number }) {
  if (leg.state === "untried") return null;
  const points = leg.way.slice(1).flatMap((to, at): Point[] => lineBetween(layout, leg.way[at] as string, to, offset));
  if (points.length === 0) return null;
  const d = pathText(points);
  return (
    <g class={`leg ${leg.encrypted ? "ssh" : "clear"} ${leg.state}`}>
      <path class="casing" d={d} />
      <path class="line" d={d} />
      {leg.encrypted && <path class="core-line" d={d} />}
    </g>
  );
}

interface NodeBoxProps {
  node: NetworkNode;
  layout: Layout;
  firewall: boolean;
  onWay: boolean;
  stop: boolean;
  family?: 4 | 6 | null;
}

function NodeBox({ node, layout, firewall, onWay, stop, family }: NodeBoxProps) {
  const words = useWords();
  const place = layout.places.get(node.id);
  if (!place) return null;
  const { width, height } = layout.box;
  const kind = node.core ? "core" : node.kind;
  const address = node.core
    ? words.nodes.core
    : (node.addresses.find((each) => each.includes(":") === (family === 6)) ?? node.addresses[0] ?? words.nodes[kind]);
  const tags = [
    ...(node.nat ? [words.nat(family)] : []),
    ...(firewall ? [words.firewall] : []),
    ...(node.dropsInbound ? [words.inbound] : []),
  ];
  return (
    <g class={`node ${kind}${onWay ? " on-way" : ""}${stop ? " stop" : ""}`} transform={`translate(${place.x} ${place.y})`}>
      <title>{[`${node.name} (${words.nodes[kind]})`, ...node.addresses, ...tags].join("\n")}</title>
      <rect width={width} height={height} rx={kind === "lan" ? height / 2 : 7} />
      <g transform={`translate(8 ${height / 2 - 8})`} class="icon">
        <path d={icons[kind]} />
      </g>
      <text class="name" x={30} y={height / 2 - 3}>
        {shortened(node.name, 13)}
      </text>
      <text class="address" x={30} y={height / 2 + 12}>
        {shortened(address, 17)}
      </text>
      {(node.nat || firewall) && <Tag x={width - 8} text={node.nat ? words.nat(family) : words.firewall} shield={firewall} />}
      {stop && <path class="stop-mark" d={`M${width - 5} ${height - 5}m-9 0a9 9 0 1 0 18 0a9 9 0 1 0 -18 0m5.5 -3.5l7 7m0 -7l-7 7`} />}
    </g>
  );
}

function Tag({ x, text, shield }: { x: number; text: string; shield: boolean }) {
  // It sits on the box, so that no line crosses it. Wide characters take twice the room.
  const width = [...text].reduce((sum, one) => sum + (one > "\u00ff" ? 9.5 : 5.6), 10);
  return (
    <g class={`tag${shield ? " shield" : ""}`} transform={`translate(${x - width} -13)`}>
      <rect width={width} height={14} rx={7} />
      <text x={width / 2} y={10.5}>
        {text}
      </text>
    </g>
  );
}

function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** Drawn in a square of 16. */
const icons = {
  host: "M2 3h12v8H2zM6 14h4M8 11v3",
  router: "M2 9h12v4H2zM5 11h.01M8 11h.01M4 6l4-3 4 3M8 3v6",
  lan: "M3 8h10M3 8v4M13 8v4M8 8V4M2 12h2M12 12h2M7 4h2",
  core: "M8 2a6 6 0 1 0 .01 0M2 8h12M8 2c-3.5 3.5-3.5 8.5 0 12M8 2c3.5 3.5 3.5 8.5 0 12",
};
