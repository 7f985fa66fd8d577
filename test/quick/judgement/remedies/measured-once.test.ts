/** One change may be proposed for many forwards: the lab measures it once. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { tryRemedies } from "../../../../harness/pipelines/try-remedies.ts";
import { loadPolicy } from "../../../../harness/policy/load-policy.ts";
import { judged, outcomeOf, policyOf, refused } from "../sample.ts";

/** Forwards that are granted and must not be, each as its account: how often is a change measured, and how many are tried for each? */
async function measurements(accounts: readonly string[], limits?: { trials: number; ms: number }) {
  const folder = mkdtempSync(join(tmpdir(), "forwardlab-remedies-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const forwards = Object.fromEntries(
    accounts.map((as, at) => [`f${at}`, { as, ssh: `-R 4320${at}:localhost:3389`, refused_by_server: true as const }]),
  );
  writeFileSync(join(folder, "sshd_config"), "GatewayPorts yes\n");
  const server = { sshd_config: "sshd_config", accounts: { alice: {}, bob: {} } };
  writeFileSync(join(folder, "policy.yaml"), JSON.stringify({ server, forwards }));
  const outcomes = Object.entries(forwards).map(([name, { as, ssh }]) => outcomeOf(name, { ssh, account: as }));
  const before = judged(refused, { policy: policyOf(forwards), cells: [], outcomes });
  let measured = 0;
  const measure = async () => {
    measured++;
    return before;
  };
  const { result } = await tryRemedies({
    loaded: await loadPolicy(join(folder, "policy.yaml")),
    before,
    measure,
    ...(limits ? { limits } : {}),
  });
  return { measured, tried: result.forwards.map(({ remedy }) => remedy) };
}

test("for forwards of one account once, with its result for each of them", async () => {
  const { measured, tried } = await measurements(["alice", "alice", "alice"]);
  expect(measured).toBe(1);
  expect(tried).toEqual(Array.from({ length: 3 }, () => tried[0]));
  expect(tried[0]).toBeDefined();
});

test("what is measured already counts also when no further change may be tried", async () => {
  const { tried } = await measurements(["alice", "alice", "bob"], { trials: 1, ms: 60_000 });
  expect(tried[1]).toEqual(tried[0]);
  expect(tried[2]).not.toEqual(tried[0]);
});

test("control: for two accounts they are two changes", async () => {
  expect((await measurements(["alice", "bob"])).measured).toBe(2);
});
