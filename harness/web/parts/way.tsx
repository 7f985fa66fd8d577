/** The way of a cell's packets: on the picture, and leg by leg, with the rule or the line that decided quoted where it stands. */
import type { ResultCell } from "../../core/result.ts";
import { Quote } from "./bits.tsx";
import type { Leg } from "./legs.ts";
import type { Network } from "./network.ts";
import { useWords } from "./page.tsx";
import { Picture } from "./picture.tsx";
import type { PageWords } from "./word-table.ts";

export function Way({
  cell,
  legs,
  network,
  firewalls,
}: {
  cell: ResultCell;
  legs: readonly Leg[];
  network: Network;
  firewalls: ReadonlySet<string>;
}) {
  const words = useWords();
  const label = legs.map((leg) => `${words.leg[leg.name](leg.from, leg.to)}: ${words.legState[leg.state]}`).join("; ");
  return (
    <div class="way">
      {network.nodes.size > 0 ? (
        <Picture network={network} firewalls={firewalls} legs={legs} label={`${words.path}: ${label}`} family={cell.family} />
      ) : (
        <p class="hint">{words.noTopology}</p>
      )}
      <LegList cell={cell} legs={legs} />
    </div>
  );
}

export function LegList({ cell, legs }: { cell: ResultCell; legs: readonly Leg[] }) {
  const words = useWords();
  return (
    <ol class="leg-list">
      {legs.map((leg) => (
        <LegItem key={leg.name} leg={leg} legs={legs} cell={cell} words={words} />
      ))}
    </ol>
  );
}

export function kindOf({ encrypted, way }: Leg): "ssh" | "clear" | "local" {
  if (way.length < 2) return "local";
  return encrypted ? "ssh" : "clear";
}

function LegItem({ leg, legs, cell, words }: { leg: Leg; legs: readonly Leg[]; cell: ResultCell; words: PageWords }) {
  const kind = kindOf(leg);
  // What let it through stands at the first leg; what stopped it where it stopped.
  const decides = cell.decidedBy && (leg.state === "stopped" || (leg.name === "visit" && legs.every(({ state }) => state !== "stopped")));
  const hops = leg.way.map((id) => id.slice(id.indexOf(":") + 1));
  const to = leg.name === "visit" ? `${leg.to} (${cell.target})` : leg.to;
  return (
    <li class={`leg-item ${kind} ${leg.state}`}>
      <span class="leg-title">{words.leg[leg.name](leg.from, to)}</span>
      <span class="leg-state">
        {leg.state === "stopped" && leg.stoppedAt
          ? words.stoppedAt(leg.stoppedAt.slice(leg.stoppedAt.indexOf(":") + 1))
          : words.legState[leg.state]}
      </span>
      <span class="leg-kind">{words.legKind[kind]}</span>
      {hops.length > 2 && <span class="leg-hops">{hops.join(" → ")}</span>}
      {decides && (
        <span class="leg-decides">
          <span class="leg-decides-label">{words.decidedHere}</span>
          <Quote {...quoteOf(cell)} />
        </span>
      )}
    </li>
  );
}

function quoteOf({ decidedBy }: ResultCell) {
  if (!decidedBy) return {};
  const { rule, file, line, text } = decidedBy;
  return rule === undefined ? { note: text } : { rule, ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) };
}

/** What the strokes stand for. */
export function LegLegend() {
  const words = useWords();
  return (
    <ul class="leg-legend">
      {(["clear", "ssh", "local"] as const).map((kind) => (
        <li key={kind} class={kind}>
          {words.legKindShort[kind]}
        </li>
      ))}
    </ul>
  );
}
