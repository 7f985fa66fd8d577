/** Each exercise is wrong as it is given and right as its author solves it, and its hints name the cause. */
import { describe, expect, test } from "vitest";
import { listExercises, solutionOf } from "../../../harness/learn/exercises.ts";
import { grade } from "../../../harness/learn/grade.ts";
import { root } from "../../quick/house/imports.ts";

/** What the first two hints tell: who, and what decided. */
const causes: Record<string, { who: string; cause: string }> = {
  "ipv6-left-open": { who: "rdp: home-lan and internet reach it over IPv6 and must not", cause: "no firewall rule blocks it" },
  "one-host-proxy": { who: "(→ 192.0.2.66:80, localhost:5432)", cause: "`-fN -D 1080` listens on" },
  "one-port-key": { who: "other-port: the server grants it and must not", cause: "`-R :8080` with `GatewayPorts clientspecified`" },
  "only-the-server": { who: "web: campus, home-lan, other-lan and internet reach it and must not", cause: "GatewayPorts yes" },
  "other-lan-only": { who: "rdp: other-lan cannot reach it and should", cause: "`-R 43234` asks for the server itself only" },
  "rule-order": { who: "rdp: campus, home-lan and internet reach it and must not", cause: "nftables.conf:11" },
};

const exercises = listExercises(root);

test("none is left out", () => {
  expect(exercises.map(({ name }) => name)).toEqual(Object.keys(causes));
});

describe.each(exercises)("$name", (exercise) => {
  test("as it is given", async () => {
    const { result, hints, error } = await grade(root, exercise, exercise);
    expect({ outcome: result?.outcome, error }).toEqual({ outcome: "fail", error: undefined });
    expect(hints[0]?.en).toContain(causes[exercise.name]?.who);
    expect(hints[1]?.en).toContain(causes[exercise.name]?.cause);
    expect(hints.at(-1)).toEqual(exercise.hint);
    for (const { ja } of hints) expect(ja).toMatch(/[ぁ-ん]/);
  });

  test("as it is solved", async () => {
    const { result, hints, error } = await grade(root, exercise, solutionOf(root, exercise));
    expect({ outcome: result?.outcome, hints, error }).toEqual({ outcome: "pass", hints: [], error: undefined });
  });
});
