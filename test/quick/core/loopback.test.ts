/** Which addresses are a host's own and nobody else's. */
import { expect, test } from "vitest";
import { isLoopback } from "../../../harness/core/address.ts";

test.each(["127.0.0.1", "127.255.255.254", "::1", "0:0:0:0:0:0:0:1"])("%s", (text) => {
  expect(isLoopback(text)).toBe(true);
});

test.each(["128.0.0.1", "126.255.255.255", "::", "::2", "127.example.org", "localhost", ""])("not %j", (text) => {
  expect(isLoopback(text)).toBe(false);
});
