/** Waivers: violations accepted for a while. */
import type { Place } from "../core/errors.ts";
import type { Cause } from "../core/reason.ts";
import type { Result, ResultCell } from "../core/result.ts";
import { type Warning, warning } from "../core/warning.ts";
import type { PolicyWaiver } from "../policy/policy.ts";
import { namesWay } from "./expectations.ts";

type CellName = Pick<ResultCell, "forward" | "vantage" | "family" | "target" | "via">;
type JudgedCell = CellName & Pick<ResultCell, "waiver" | "status">;

/** The waiver in force that covers a cell. A waiver holds through the day it names. */
export function waiverFor(waivers: readonly PolicyWaiver[], cell: CellName, today: string): PolicyWaiver | undefined {
  return waivers.find((waiver) => covers(waiver, cell) && !isExpired(waiver, today));
}

/** Every waiver of the selected forwards with its state, and what that means for the run. */
export function judgeWaivers(
  waivers: readonly PolicyWaiver[],
  cells: readonly JudgedCell[],
  selected: readonly string[],
  today: string,
  { strict, places }: { strict: boolean; places: readonly (Place | undefined)[] },
): { waivers: Result["waivers"]; warnings: Warning[]; violations: Cause[] } {
  const warnings: Warning[] = [];
  const violations: Cause[] = [];
  const placeOf = new Map(waivers.map((waiver, at) => [waiver, places[at]]));
  const judged = waivers
    .filter((waiver) => selected.includes(waiver.forward))
    // By forward: so the parts of a run, put together, tell them in the same order.
    .sort((one, other) => selected.indexOf(one.forward) - selected.indexOf(other.forward))
    .map((waiver): Result["waivers"][number] => {
      const state = stateOf(waiver, cells, today);
      const { id, forward, vantage, expires, owner } = waiver;
      if (state === "expired") violations.push({ code: "waiver-expired", params: { id, expires, owner } });
      // A cell that gave no verdict might have needed the waiver.
      const open = cells.some((cell) => covers(waiver, cell) && cell.status === "inconclusive");
      if (state === "unused" && !open) {
        if (strict) violations.push({ code: "waiver-unused", params: { id, forward, vantage } });
        else warnings.push(warning("waiver-covers-nothing", { id, forward, vantage }));
      }
      return {
        id: waiver.id,
        forward: waiver.forward,
        vantage: waiver.vantage,
        family: waiver.family ?? null,
        ...(waiver.address === undefined ? {} : { address: waiver.address }),
        ...(waiver.via === undefined ? {} : { via: waiver.via }),
        reason: waiver.reason,
        owner: waiver.owner,
        expires: waiver.expires,
        state,
        ...(placeOf.get(waiver) ? { place: placeOf.get(waiver) } : {}),
      };
    });
  return { waivers: judged, warnings, violations };
}

function covers(waiver: PolicyWaiver, cell: CellName): boolean {
  return waiver.forward === cell.forward && waiver.vantage === cell.vantage && namesWay(waiver, cell);
}

function isExpired(waiver: PolicyWaiver, today: string): boolean {
  return today > waiver.expires;
}

function stateOf(waiver: PolicyWaiver, cells: readonly JudgedCell[], today: string): Result["waivers"][number]["state"] {
  if (isExpired(waiver, today)) return "expired";
  return cells.some((cell) => cell.waiver === waiver.id) ? "used" : "unused";
}
