/** Changes that a review proposes, in words. */
import { expect, test } from "vitest";
import { reviewCandidates } from "../../../../harness/judgement/review/remedies.ts";
import { sentenceFor } from "../../../../harness/report/sentences.ts";
import { finding } from "../../report/review-sample.ts";
import { policyOf } from "../sample.ts";

const agent = finding("a", {
  kind: "agent",
  audience: "account",
  code: "review-agent",
  params: { everybody: true },
  decidedBy: [{ layer: "sshd-policy", rule: "AllowAgentForwarding yes", code: "review-setting", params: {} }],
});

test.each([
  ["Port 22\nMatch Group admins\n", "as a new line sshd_config:2, before the first `Match`"],
  ["Port 22\n# Match Group admins\n", "as a new line sshd_config:3"],
  ["Port 22\n", "as a new line sshd_config:2"],
])("a setting that %j lacks: the place, and the first `Match` only where there is one", (config, place) => {
  const inputs = { policy: policyOf({}), policyFile: "policy.yaml", sshdConfig: "sshd_config", files: { sshd_config: config } };
  const [candidate] = reviewCandidates(agent, inputs);
  expect(candidate && sentenceFor(candidate)).toBe(`add \`AllowAgentForwarding no\` ${place}`);
});
