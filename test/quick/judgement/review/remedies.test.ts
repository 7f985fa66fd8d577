/** Changes that a review proposes, in words. */
import { describe, expect, test } from "vitest";
import { applyCandidate } from "../../../../harness/judgement/remedies/apply.ts";
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

describe("a setting for one account", () => {
  const config = "Port 22\nGatewayPorts yes\n";
  const standIns = { "ops-member": "Group ops", anybody: null };
  const inputs = { policy: policyOf({}), policyFile: "policy.yaml", sshdConfig: "sshd_config", files: { sshd_config: config }, standIns };
  const ofOne = (account: string) => finding("a", { ...agent, accounts: [account], params: {} });

  test.each([
    ["alice", "set `AllowAgentForwarding no` for alice in a `Match` block at the end", "Match User alice\n    AllowAgentForwarding no\n"],
    [
      "ops-member",
      "set `AllowAgentForwarding no` in a `Match Group ops` block at the end",
      "Match Group ops\n    AllowAgentForwarding no\n",
    ],
    ["anybody", "add `AllowAgentForwarding no` as a new line sshd_config:3", "AllowAgentForwarding no\n"],
  ])("%s: whoever the account stands for gets it", (account, words, added) => {
    const [first] = reviewCandidates(ofOne(account), inputs);
    expect(first && sentenceFor(first)).toBe(words);
    expect(first && applyCandidate(inputs.files, first)).toEqual({ sshd_config: `${config}${added}` });
  });

  test("with a setting for all at the same place: that one stands before the block", () => {
    const both = [ofOne("alice"), agent].flatMap((each) => reviewCandidates(each, inputs).slice(0, 1));
    const edits = both.flatMap((each) => each.edits);
    const blockLast = { sshd_config: `${config}AllowAgentForwarding no\nMatch User alice\n    AllowAgentForwarding no\n` };
    expect(applyCandidate(inputs.files, { code: "", params: {}, edits })).toEqual(blockLast);
    expect(applyCandidate(inputs.files, { code: "", params: {}, edits: edits.toReversed() })).toEqual(blockLast);
  });
});
