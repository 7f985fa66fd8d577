/** What a review says of bind addresses whose names only the real server knows. */
import { expect, test } from "vitest";
import { articleLab } from "../../../../harness/core/lab-spec.ts";
import type { ListenAnswer } from "../../../../harness/core/review-facts.ts";
import { judgeReview } from "../../../../harness/judgement/review/judge-review.ts";
import type { ReviewInput } from "../../../../harness/judgement/review/review-input.ts";
import { withSourceClasses } from "../../../../harness/policy/source-classes.ts";
import { provenance } from "../sample.ts";

const { spec, sources } = withSourceClasses(articleLab(), { groups: [], inexact: [] }, []);

function review(names: Record<string, string[]>, ...listens: ListenAnswer[]) {
  const input: ReviewInput = {
    ...{ subject: "etc", tool: { name: "forwardlab", version: "0" }, provenance, spec: { ...spec, names }, sources },
    ports: [{ ranges: [{ first: 8080, last: 8080 }], asked: [8080] }],
    principals: [
      {
        ...{ id: "alice", account: "alice", keyIndex: 0, options: "", certificate: false, from: [], elsewhere: true },
        ...{ vantage: "internet", settings: [], listens, dials: [], channels: [] },
      },
    ],
    ...{ representatives: [], observations: [], repeated: [], plain: undefined, firewalled: false, coverage: [], doubts: [], warnings: [] },
  };
  const { outcome, reasons } = judgeReview(input).review;
  return { outcome, reasons };
}

const refused = (name: string): ListenAnswer => ({
  ask: { bind: name, portClass: 0, port: 8080, ssh: `-R ${name}:8080:localhost:3389` } as unknown as ListenAnswer["ask"],
  ...{ granted: false, listeners: [], refusedBy: { layer: "bind-address", code: "unknown-name", params: { name }, text: "" } },
});

test("each is told once, and leaves the review inconclusive", () => {
  const found = review({}, refused("a.example.org"), refused("b.example.org"), refused("a.example.org"));
  expect(found).toEqual({
    outcome: "inconclusive",
    reasons: ["a.example.org", "b.example.org"].map((name) => ({ code: "review-bind-name-unknown", params: { name } })),
  });
});

test("control: a name that the policy gives", () => {
  expect(review({ "a.example.org": ["2001:db8::1"] }, refused("a.example.org"))).toEqual({ outcome: "complete", reasons: [] });
});
