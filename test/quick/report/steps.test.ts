/** What a run tells of its stages, in both languages. */
import { expect, test } from "vitest";
import { type Step, type StepCode, type StepParams, stepAt, stepOf } from "../../../harness/core/step.ts";
import { stepText } from "../../../harness/report/steps.ts";

/** The compiler holds it complete. */
const samples: { readonly [Code in StepCode]: readonly StepParams<Code>[] } = {
  "waiting-for-engine": [{ endpoint: "tcp://e1", source: "DOCKER_HOST", said: "ECONNREFUSED" }],
  "waiting-for-lock": [{}],
  "starting-embedded": [{}],
  "embedded-is": [{ folder: "/p1" }],
  "waiting-for-embedded": [{}],
  "stopping-embedded": [{}],
  "downloading-debian": [{ packages: ["p1", "p2"], folder: "/p3" }],
  "reading-package-lists": [{}],
  "downloading-npm": [{ image: "i1" }],
  "building-base": [{ suite: "trixie" }],
  "building-image": [{ image: "i1", suite: "trixie" }],
  "image-ready": [{ image: "i1", suite: "trixie", seconds: 7 }],
  pulling: [{ image: "i1" }],
  "asking-firewalld": [{}],
  "starting-containers": [{ count: 7 }],
  "wiring-hosts": [{}],
  "starting-sshd": [{}],
  "client-silent": [{ forward: "f1", from: "h1", seconds: 90 }],
  "principals-asked": [{ done: 7, of: 9 }],
  "opening-forwards": [{ forwards: ["f1"] }, { forwards: ["f1", "f2"] }],
  "probes-done": [{ count: 7 }],
  "verifying-side": [{ name: "s1" }],
  "server-done": [
    { name: "s1", outcome: "pass", done: 7, of: 9 },
    { name: "s1", outcome: "inconclusive" },
    { name: "s1", outcome: null },
  ],
  "trying-remedies": [{}, { forward: "f1" }],
  "trying-together": [{}],
  "lines-changed": [{ done: 7, of: 9 }],
  "files-changed": [{ servers: 1 }, { servers: 7 }],
  "waiting-for-change": [
    { seconds: 7.04 },
    { seconds: 7.04, all: 9 },
    { seconds: 7.04, all: 9, servers: ["s1"] },
    { seconds: 7.04, all: 9, servers: [] },
  ],
  scenarios: [{ count: 1 }, { count: 7 }],
  "scenario-done": [{ name: "s1", done: 7, of: 9 }],
  "lesson-done": [{ name: "l1", done: 7, of: 9 }],
  "preparing-page": [{}],
  "lessons-open": [{}],
};

const steps: Step[] = (Object.keys(samples) as StepCode[]).flatMap((code) => samples[code].map((params) => stepOf(code, params as never)));

test.each(steps.map((step) => [step.text, step] as const))("%s", (text, step) => {
  const japanese = stepText(step, "ja");
  expect(stepText(step, "en")).toBe(text);
  expect(japanese).toMatch(/[\u3040-\u30ff\u4e00-\u9fff]/);
  for (const told of [text, japanese]) expect(told).not.toMatch(/undefined|NaN|\[object/);
  // No word of a sentence in English; names and commands are as they are.
  expect(japanese.replace(/`[^`]*`/g, "")).not.toMatch(/\b(the|is|are|of|for|to|with|servers?|waiting|judged)\b/);
  // What both say: names and numbers.
  for (const value of text.match(/\b[a-z]?[0-9]+(\.[0-9])?\b/g) ?? []) expect(japanese).toContain(value);
});

test("of one server of several, its name comes first", () => {
  const step = stepAt("mail", stepOf("wiring-hosts", {}));
  expect(stepText(step, "en")).toBe("mail: wiring the hosts");
  expect(stepText(step, "ja")).toMatch(/^mail: \S*ホスト/);
});
