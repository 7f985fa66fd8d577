/** A review in which the firewall lets nobody of the lab to sshd. */
import { expect, test } from "vitest";
import type { Refusal } from "../../../../harness/core/forward-outcome.ts";
import type { PrincipalFacts } from "../../../../harness/core/review-facts.ts";
import { unseenLogins } from "../../../../harness/judgement/review/unseen-logins.ts";

const nothing = { settings: [], listens: [], dials: [], channels: [], certificate: false, options: "", keyIndex: 0, elsewhere: true };
const principal = (vantage: string | null, layer?: Refusal["layer"]): PrincipalFacts => ({
  ...nothing,
  ...{ id: "root", account: "root", from: ["0.0.0.0/0"], vantage },
  ...(layer ? { refusedBy: { layer, code: "login-failed", params: { said: "no" }, text: "no" } } : {}),
});
const rules = [
  { rule: "ip saddr 10.8.0.0/16 tcp dport 22 accept", file: "fw.nft", line: 7 },
  { rule: "ip saddr 10.8.0.0/16 tcp dport 22 accept", file: "fw.nft", line: 7 },
  { rule: "meta mark 0x5 accept" },
];

test("rules that may let others in keep it from an answer, each once", () => {
  const [from, mark] = [
    { code: "review-logins-not-tried", params: { rule: "ip saddr 10.8.0.0/16 tcp dport 22 accept", place: "fw.nft:7" } },
    { code: "review-logins-not-tried", params: { rule: "meta mark 0x5 accept" } },
  ];
  expect(unseenLogins([principal(null, "client")], rules)).toEqual([from, mark]);
  // No host of the lab has an address of the origin.
  expect(unseenLogins([principal("home"), principal(null)], rules)).toEqual([from, mark]);
});

test("the controls: somebody logged in, sshd itself refused, no rule lets anybody in", () => {
  expect(unseenLogins([principal("home")], rules)).toEqual([]);
  expect(unseenLogins([principal(null, "sshd-policy")], rules)).toEqual([]);
  expect(unseenLogins([principal(null, "client")], [])).toEqual([]);
});
