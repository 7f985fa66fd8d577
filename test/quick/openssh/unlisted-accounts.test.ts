import { expect, test } from "vitest";
import { sshdConfigFromText } from "../../../harness/openssh/sshd-config.ts";
import { unlistedAccounts } from "../../../harness/openssh/unlisted-accounts.ts";

test.each([
  ["", [], ["root"]],
  ["", ["root"], []],
  ["PermitRootLogin no\n", [], []],
  ["PermitRootLogin no\nMatch Address 10.0.0.0/8\n  PermitRootLogin yes\n", [], ["root"]],
  ["AllowUsers alice bob@10.0.0.1\n", ["alice"], ["bob"]],
  ["AllowUsers alice r*\n", ["alice"], ["root"]],
  ["DenyUsers root mallory\nMatch User carol\n  GatewayPorts yes\n", [], ["carol"]],
])("%j, of which %j are listed: %j", async (text, listed, unlisted) => {
  expect(unlistedAccounts(await sshdConfigFromText(text), listed)).toEqual(unlisted);
});
