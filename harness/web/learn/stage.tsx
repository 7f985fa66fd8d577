/** The picture of a lab with what happens in it: who listens, packets that move, who got in, and what a person predicts. */
import { useEffect, useRef } from "preact/hooks";
import { type Layout, lineBetween, type Point } from "../parts/layout.ts";
import type { Leg } from "../parts/legs.ts";
import { hostId, type Network } from "../parts/network.ts";
import { Picture } from "../parts/picture.tsx";
import { kindOf } from "../parts/way.tsx";
import type { Ports } from "./binding.ts";
import type { Got, Guess } from "./prediction.ts";
import { useLearnWords } from "./words.ts";

export interface Travel {
  /** Another key, another journey. */
  key: string;
  leg: Leg;
  ms: number;
  paused: boolean;
}

export interface StageProps {
  network: Network;
  firewalls: ReadonlySet<string>;
  legs?: readonly Leg[];
  family?: 4 | 6 | null;
  label: string;
  /** By host. */
  listeners?: ReadonlyMap<string, Ports>;
  results?: ReadonlyMap<string, Got>;
  travels?: readonly Travel[];
  guess?: { chosen: Guess; toggle(host: string): void };
}

const nothing: ReadonlyMap<string, never> = new Map<string, never>();

export function Stage({
  network,
  firewalls,
  legs = [],
  family = 4,
  label,
  listeners = nothing,
  results = nothing,
  travels = [],
  guess,
}: StageProps) {
  return (
    <Picture
      network={network}
      firewalls={firewalls}
      legs={legs}
      family={family}
      label={label}
      over={(layout) => (
        <>
          {[...listeners].map(([host, ports]) => (
            <ListenerBadge key={host} layout={layout} host={host} ports={ports} />
          ))}
          {[...results].map(([host, got]) => (
            <ResultMark key={host} layout={layout} host={host} got={got} />
          ))}
          {travels.map((travel) => (
            <Packet key={travel.key} layout={layout} travel={travel} />
          ))}
        </>
      )}
      controls={guess && ((layout) => <Guesses layout={layout} network={network} {...guess} />)}
    />
  );
}

/** More than this does not fit under a host. */
const mostPorts = 3;

function ListenerBadge({ layout, host, ports: { ports, binding } }: { layout: Layout; host: string; ports: Ports }) {
  const own = useLearnWords();
  const place = layout.places.get(hostId(host));
  if (!place || ports.length === 0) return null;
  const text = `:${ports.slice(0, mostPorts).join(" :")}${ports.length > mostPorts ? " …" : ""}`;
  // Of several, each may have addresses of its own.
  const bound = ports.length > 1 || binding === "some" ? "" : own.badge[binding];
  const width = widthOf(text) + (bound === "" ? 0 : widthOf(bound) + 6) + 24;
  return (
    <g class={`listener ${binding}`} transform={`translate(${place.x + 8} ${place.y + layout.box.height - 4})`}>
      <rect width={width} height={15} rx={7.5} />
      <path d="M6 7.5a3 3 0 1 0 6 0a3 3 0 1 0 -6 0M9 7.5h.01" />
      <text x={16} y={11}>
        {text}
        {bound !== "" && <tspan dx={6}>{bound}</tspan>}
      </text>
    </g>
  );
}

/** In the badge's font; wide characters take twice the room. */
function widthOf(text: string): number {
  return [...text].reduce((sum, one) => sum + (one > "\u00ff" ? 10 : 6.1), 0);
}

const tick = { class: "got-in", d: "M-4 0l3 3l5 -6" };
const cross = { class: "got-out", d: "M-3.5 -3.5l7 7M3.5 -3.5l-7 7" };
/** From left to right. */
const marks: Record<Got, readonly (typeof tick)[]> = { in: [tick], some: [cross, tick], out: [cross], unproven: [], untried: [] };

/** What became of a host's attempts. In words it stands beside the picture. */
function ResultMark({ layout, host, got }: { layout: Layout; host: string; got: Got }) {
  const place = layout.places.get(hostId(host));
  if (!place) return null;
  return marks[got].map((mark, at) => (
    <g key={mark.class} class={`result ${mark.class}`} transform={`translate(${place.x + at * 17} ${place.y})`}>
      <circle r={9} />
      <path d={mark.d} />
    </g>
  ));
}

function Packet({ layout, travel: { key, leg, ms, paused } }: { layout: Layout; travel: Travel }) {
  const element = useRef<SVGGElement>(null);
  const animation = useRef<Animation | undefined>(undefined);
  const points = pointsOf(layout, leg);
  useEffect(() => {
    const moving = element.current?.animate(stationsOf(points), { duration: ms, fill: "forwards", easing: "ease-in-out" });
    animation.current = moving;
    return () => moving?.cancel();
  }, [key, layout]);
  useEffect(() => {
    if (paused) animation.current?.pause();
    else if (animation.current?.playState === "paused") animation.current.play();
  }, [paused]);
  const [first] = points;
  if (!first) return null;
  return (
    <g ref={element} class={`packet ${kindOf(leg)}`}>
      <circle class="halo" r={11} />
      <circle r={6} />
      {leg.encrypted && <path d="M-2.2 -.5v-1.4a2.2 2.2 0 0 1 4.4 0v1.4M-3 -.5h6v3.6h-6z" />}
    </g>
  );
}

function pointsOf(layout: Layout, { way }: Leg): Point[] {
  const centre = (id: string | undefined): Point[] => {
    const place = layout.places.get(id ?? "");
    return place ? [{ x: place.x + layout.box.width / 2, y: place.y + layout.box.height / 2 }] : [];
  };
  if (way.length < 2) return centre(way[0]);
  return [
    ...centre(way[0]),
    ...way.slice(1).flatMap((to, at) => [...lineBetween(layout, way[at] as string, to), ...(at === way.length - 2 ? centre(to) : [])]),
  ];
}

/** The same speed on every stretch; what does not leave its host beats once. */
function stationsOf(points: readonly Point[]): Keyframe[] {
  const at = ({ x, y }: Point, more = "") => `translate(${x}px, ${y}px)${more}`;
  const [first] = points;
  if (!first) return [];
  if (points.length === 1) return ["scale(0.6)", "scale(1.5)", "scale(1)"].map((size) => ({ transform: at(first, ` ${size}`) }));
  const lengths = points.map((point, index) => {
    const before = points[index - 1] ?? point;
    return Math.hypot(point.x - before.x, point.y - before.y);
  });
  const total = lengths.reduce((sum, length) => sum + length, 0) || 1;
  let gone = 0;
  return points.map((point, index) => {
    gone += lengths[index] as number;
    return { transform: at(point), offset: Math.min(1, gone / total) };
  });
}

interface GuessesProps {
  layout: Layout;
  network: Network;
  chosen: Guess;
  toggle(host: string): void;
}

/** A checkbox over each host. */
function Guesses({ layout, network, chosen, toggle }: GuessesProps) {
  const own = useLearnWords();
  const percent = (value: number, of: number) => `${(100 * value) / of}%`;
  return (
    <fieldset class="guesses">
      <legend class="vh">{own.whoGetsIn}</legend>
      {[...network.nodes.values()]
        .filter(({ kind }) => kind === "host")
        .map(({ id, name }) => {
          const place = layout.places.get(id);
          if (!place) return null;
          const on = chosen.includes(name);
          return (
            <label
              key={id}
              class={`guess${on ? " on" : ""}`}
              data-host={name}
              style={{
                left: percent(place.x, layout.width),
                top: percent(place.y, layout.height),
                width: percent(layout.box.width, layout.width),
                height: percent(layout.box.height, layout.height),
              }}
            >
              <input type="checkbox" class="vh" checked={on} onChange={() => toggle(name)} />
              <span class="vh">{own.guessOf(name)}</span>
            </label>
          );
        })}
    </fieldset>
  );
}
