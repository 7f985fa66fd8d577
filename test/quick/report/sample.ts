/** Results of every outcome, for every report. */
import type { Cell } from "../../../harness/core/cells.ts";
import type { Result } from "../../../harness/core/result.ts";
import { placeholder } from "../../../harness/report/html.ts";
import { articlePolicy, asItShouldBe, judged, outcomeOf, policyOf, provenance, reached, refused } from "../judgement/sample.ts";

export const passing = judged(asItShouldBe);

const waiver = { id: "W1", forward: "rdp", vantage: "home-lan", reason: "until the move", owner: "ops", expires: "2027-01-01" };

/** IPv6 left open; one probe missing; one violation waived. */
export const failing = judged(
  (cell: Cell) => {
    if (cell.vantage === "campus" && cell.family === 4) return undefined;
    return cell.family === 6 && cell.vantage !== "server" ? reached(cell) : asItShouldBe(cell);
  },
  { policy: { ...articlePolicy, waivers: [waiver] }, lines: { rdp: 9 } },
);

export const inconclusive = judged(asItShouldBe, { provenance: { ...provenance, selfCheck: [{ name: "no side path", ok: false }] } });

/** A template of a page that is nothing but its document. */
export const page = `${placeholder}\n`;

/** Text that tries to break out of every format. */
export const hostile = "\u001b[31m]]>\u0000\u0007</system-out>&<>\"'|`*_#\\ %\r\n::error::x\n::stop-commands::t\uffff\ud800 <script>@you";

/** A result whose untrusted texts are all hostile. */
export function withHostileTexts(text: string = hostile): Result {
  const outcome = outcomeOf("rdp", {
    granted: false,
    listeners: [],
    clientLog: text,
    serverLog: text,
    refusedBy: { layer: "client", code: "bind-failed", params: {}, text: `no: ${text}` },
  });
  const result = judged((cell) => ({ ...refused(cell), evidence: { ...refused(cell).evidence, note: text, received: text } }), {
    policy: policyOf({ rdp: { ssh: `-R :1:${text}`, reachable_from: ["campus"] } }),
    outcomes: [outcome],
    tool: { name: "forwardlab", version: "0" },
  });
  return result;
}
