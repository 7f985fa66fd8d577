/** Where sshd and the firewall both keep somebody out, two changes that each mend nothing mend it together. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Cell } from "../../../../harness/core/cells.ts";
import type { ProbeResult } from "../../../../harness/core/verdict.ts";
import { tryRemedies } from "../../../../harness/pipelines/try-remedies.ts";
import { type LoadedPolicy, loadPolicy } from "../../../../harness/policy/load-policy.ts";
import { worded } from "../../../../harness/report/worded.ts";
import { remedyText } from "../../../../harness/report/words.ts";
import { filtered, judged, outcomeOf, reached, refused } from "../sample.ts";

const ruleset = `table inet filter {
  chain input {
    type filter hook input priority filter; policy drop;
    tcp dport 22 accept
  }
}
`;
const addresses = { 4: "198.51.100.20", 6: "2001:db8:100::20" };
const campusOnly = (cell: Cell) => cell.vantage === "campus";

interface World {
  /** Whom sshd would let in once it listens for all, wherever the firewall stands. */
  besides?(cell: Cell): boolean;
  /** Rules that drop it, one behind the other: each accept uncovers the next. */
  layers?: number;
  limits?: { trials: number; ms: number };
}

/** What the tool makes of it, and how often it measured. */
async function mended({ besides = () => false, layers = 1, limits }: World = {}) {
  const folder = mkdtempSync(join(tmpdir(), "forwardlab-several-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const forwards = { rdp: { ssh: "-R 43234:localhost:3389", reachable_from: ["campus"] } };
  writeFileSync(
    join(folder, "policy.yaml"),
    JSON.stringify({ server: { sshd_config: "sshd_config", firewall: "nftables.conf" }, forwards }),
  );
  writeFileSync(join(folder, "sshd_config"), "GatewayPorts no\n");
  writeFileSync(join(folder, "nftables.conf"), ruleset);
  const loaded = await loadPolicy(join(folder, "policy.yaml"));
  let measured = 0;
  const measure = async (changed: LoadedPolicy) => {
    measured++;
    return seen(changed, besides, layers);
  };
  const before = seen(loaded, besides, layers);
  const { result, patch } = await tryRemedies({ loaded, before, measure, ...(limits ? { limits } : {}) });
  const remedies = worded(result).cells.flatMap(({ remedy }) => remedy ?? []);
  return { measured, remedies, patch };
}

function seen({ inputs, policy }: LoadedPolicy, besides: (cell: Cell) => boolean, layers: number) {
  const text = (file: string) => inputs.files.find(({ display }) => display === file)?.content.toString() ?? "";
  const ssh = String(policy.forwards.rdp?.ssh);
  const value = text("sshd_config").includes("clientspecified") ? "clientspecified" : "no";
  const open = value === "clientspecified" && ssh.includes("-R :");
  const accepts = (family: 4 | 6) => text("nftables.conf").split(`saddr ${addresses[family]} `).length - 1;
  const look = (cell: Cell): ProbeResult => {
    if (cell.vantage === "server") return cell.scope === "loopback" || open ? reached(cell) : refused(cell);
    if (open && besides(cell)) return reached(cell);
    const passed = campusOnly(cell) && cell.family !== null ? accepts(cell.family) : 0;
    if (passed >= layers) return open ? reached(cell) : refused(cell);
    return dropped(cell, passed);
  };
  const listeners = open ? ["0.0.0.0:43234", "[::]:43234"] : ["127.0.0.1:43234", "[::1]:43234"];
  const effective = [{ keyword: "gatewayports", value, file: "sshd_config", line: 1 }];
  return judged(look, { policy, outcomes: [outcomeOf("rdp", { ssh, requested: open ? ":43234" : "43234", listeners, effective })] });
}

/** By the first layer, whose rule is a line of the file, or by one further in. */
function dropped(cell: Cell, passed: number): ProbeResult {
  const { decision, evidence, ...rest } = filtered(cell);
  if (!decision) throw new Error("nothing dropped it");
  const rule = passed === 0 ? decision.rule : `inet layer${passed} input drop`;
  return { ...rest, evidence: { ...evidence, seenAs: addresses[cell.family ?? 4] }, decision: { ...decision, line: 3, rule } };
}

test("both are told as one remedy, with one patch", async () => {
  const { remedies, patch } = await mended();
  expect(remedies.map(({ summary, further }) => [summary.code, further?.map(({ code }) => code)])).toEqual([
    ["accept-before", ["set-gateway-ports-and-colon"]],
    ["accept-before", ["set-gateway-ports-and-colon"]],
  ]);
  const [remedy] = remedies;
  for (const line of ["+GatewayPorts clientspecified", "-R :43234:localhost:3389", "+    ip saddr 198.51.100.20 tcp dport 43234 accept"]) {
    expect(remedy?.patch).toContain(line);
    expect(patch).toContain(line);
  }
  expect(remedy && remedyText(remedy)).toMatch(
    /^insert before nftables\.conf:\d: .*; and set `GatewayPorts clientspecified` .* leading colon/,
  );
});

test("control: where the second one lets in somebody else, nothing is told", async () => {
  const { remedies, patch, measured } = await mended({ besides: ({ vantage }) => vantage === "internet" });
  expect(remedies.map(({ summary, patch: own }) => [summary.code, own])).toEqual([
    ["no-single-change", null],
    ["no-single-change", null],
  ]);
  expect(patch).toBe("");
  expect(measured).toBeGreaterThan(1);
});

test("three changes are told, more are not looked for", async () => {
  const three = await mended({ layers: 2 });
  expect(three.remedies[0]?.further).toHaveLength(2);
  const { remedies, patch, measured } = await mended({ layers: 3 });
  expect([remedies[0]?.summary.code, patch]).toEqual(["no-single-change", ""]);
  expect(measured).toBeLessThan(10);
});

test("where no further change may be tried, others are said to be left", async () => {
  const { remedies, measured } = await mended({ limits: { trials: 1, ms: 60_000 } });
  expect(measured).toBe(1);
  expect(remedies[0]?.summary.code).toBe("no-change-found-in-time");
});
