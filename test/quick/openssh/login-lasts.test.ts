import { expect, test } from "vitest";
import { parseEffective } from "../../../harness/openssh/effective.ts";
import { loginLasts } from "../../../harness/openssh/login-key.ts";

const certificate = { content: { principals: ["alice"], validAfter: 0n, validBefore: 2n ** 64n - 1n, criticalOptions: [] } };

test.for([
  ["a plain key", "", "", true],
  ["a key with options", 'restrict,port-forwarding,from="198.51.100.0/24"', "unusedconnectiontimeout none", true],
  ["a key that expires", 'expiry-time="20991231"', "", false],
  ["the same among other options", 'restrict,Expiry-Time="20991231",port-forwarding', "", false],
  ["a command that only mentions it", 'command="expiry-time=1"', "", true],
  ["a server that ends idle connections", "", "unusedconnectiontimeout 300", false],
  ["one that is told not to", "", "UnusedConnectionTimeout 0", true],
] as const)("may a later run go on with the login of this one? %s", ([, options, settings, lasts]) => {
  expect(loginLasts({ options }, parseEffective(settings))).toBe(lasts);
});

test("never one by certificate, which has an end of its own", () => {
  expect(loginLasts({ options: "", certificate }, parseEffective(""))).toBe(false);
});
