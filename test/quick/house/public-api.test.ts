import { expect, test } from "vitest";
import { apiReference } from "./api-reference.ts";
import { exportsOf } from "./public-api.ts";

/** What others import, and the module behind it. */
const entries = { forwardlab: "harness/index.ts", "forwardlab/vitest": "harness/vitest/index.ts" };

// A change here is a change for the package's users: update on purpose with `npx vitest run --project quick public-api -u`.
test.for(Object.entries(entries))("the exports of %s are those that were agreed on", async ([name, path]) => {
  const lines = [...exportsOf(path)].map(([exported, kind]) => `${exported}: ${kind}`).sort();
  await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot(`public-api/${name.replace("/", "-")}.txt`);
});

// The same command writes it anew.
test("docs/api.md tells what each export is", async () => {
  await expect(apiReference(entries)).toMatchFileSnapshot("../../../docs/api.md");
});

test("kinds are followed through re-exports", () => {
  expect(Object.fromEntries(exportsOf("test/quick/house/public-api.test-subject.ts"))).toEqual({
    UserError: "class",
    Place: "interface",
    shown: "function",
    socketTarget: "function",
    UnsettledRule: "interface",
    Verdict: "type",
    verdicts: "const",
    Expectation: "type",
    expectations: "const",
    isAnswer: "function",
    wantsReach: "function",
    blockedVerdicts: "const",
    Admission: "type",
    Evidence: "interface",
    MetRule: "interface",
    PacketDecision: "interface",
    ProbeResult: "interface",
    TraceStep: "interface",
    expect: "from vitest",
    here: "const",
  });
});
